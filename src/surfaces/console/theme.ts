/** The colours of a brand, wherever it is or in one market: chosen with the contrast of every pair in sight, and kept only when all of them hold. */
import { z } from 'zod';
import type { BrandLook, Shape, Tokens } from '../../base/http/brand-look.ts';
import { contrastFaults } from '../../base/http/contrast.ts';
import type { Route } from '../../base/http/routes.ts';
import type { Scheme } from '../../base/http/theme.ts';
import { DomainError, type FieldFault, FormError } from '../../base/kernel/errors.ts';
import type { JsonObject } from '../../business/layers/json.ts';
import { shapeShape, tokensShape } from '../../business/layers/look-shape.ts';
import type { Draft } from '../../business/releases/draft.ts';
import { draftFor } from '../desk/draft-sight.ts';
import { changeLook, type LookOwner, lookItem, type SaidLook, saidLook, themeOf } from './brand-look.ts';
import { draftChoices, itemsOf, lookPlaces } from './choices.ts';
import type { ConsoleDeps } from './deps.ts';
import { type Choice, type ThemeData, themeView } from './look-views.ts';
import { areaPath } from './nav.ts';
import { withQuery } from './paging.ts';
import { neededOf, shownRatio, tokenNames, tokenShown } from './palette.ts';
import { previewUrl } from './preview.ts';
import { refusalOf } from './refusals.ts';
import { consoleForm, consolePage, doneAt, type StaffHere, showConsole } from './staff.ts';
import { placeNames } from './targets.ts';

const path = areaPath('theme');
const schemes = ['light', 'dark'] as const satisfies readonly Scheme[];
const shapeNames = Object.keys(shapeShape) as (keyof Shape)[];
/** What holds where a look says nothing of its shape. */
const usualShape: Required<Shape> = { radius: 'soft', density: 'regular', heading: 'sans' };

const name = z.string().max(64);
/** Inputs of colours and words of the shape. */
type LookInput = `${Scheme}.${keyof Tokens}` | `shape.${keyof Shape}`;
const inputs: readonly LookInput[] = [
  ...schemes.flatMap((scheme) => tokenNames.map((token) => `${scheme}.${token}` as const)),
  ...shapeNames.map((part) => `shape.${part}` as const),
];
const text = z.string().max(20).default('');
const sent = z.object({
  draft: name.default(''),
  brand: name,
  market: name.default(''),
  version: z.coerce.number().int().min(0),
  go: z.enum(['check', 'save']).default('save'),
  ...(Object.fromEntries(inputs.map((input) => [input, text])) as Record<LookInput, typeof text>),
});
type Sent = z.output<typeof sent>;

/** What stands in the form. */
type Entered = Readonly<Record<LookInput, string>>;

/**
 * The routes of the colours.
 * @param deps modules
 */
export function themeRoutes(deps: ConsoleDeps): Route[] {
  return [
    consolePage(deps, {
      name: 'theme',
      path,
      input: {
        query: z.object({ draft: name.optional(), brand: name.optional(), market: name.optional() }),
      },
      async show(here, { query }) {
        const at = await placeOf(deps, here, query);
        show(deps, here, at, enteredOf(at.said));
      },
    }),
    consoleForm(deps, {
      name: 'theme_save',
      path,
      input: { body: sent },
      page: () => path,
      take: (here, { body }) => save(deps, here, body),
    }),
  ];
}

interface At {
  draft: Draft | undefined;
  owner: LookOwner;
  said: SaidLook;
  mayEdit: boolean;
  choices: Pick<ThemeData, 'drafts' | 'brands' | 'markets' | 'everywhere'>;
}

interface Asked {
  draft?: string | undefined;
  brand?: string | undefined;
  market?: string | undefined;
}

async function placeOf(deps: ConsoleDeps, here: StaffHere, asked: Asked): Promise<At> {
  const draft = asked.draft ? await draftFor(deps, here.acting, asked.draft) : undefined;
  const brands = await lookPlaces(deps, here, draft);
  const found = asked.brand ? brands.find(({ value }) => value === asked.brand) : brands[0];
  if (!found) throw new DomainError('permission.missing');
  const usual = found.everywhere ? undefined : found.markets[0];
  const owner = { brand: found.value, market: asked.market || usual };
  const item = lookItem(owner);
  await here.acting.require('read', [item]);
  // What goes into a draft changes it as a whole.
  const changed = [...new Set([item, ...itemsOf(draft)])];
  const [said, editable, drafts] = await Promise.all([
    saidLook(deps, owner, draft),
    here.acting.allowed('edit', changed),
    draftChoices(deps, here.acting, { chosen: draft, editable: true }),
  ]);
  const names = placeNames(deps.releases.live.current().all.configuration, here.visit.locale);
  const markets = found.markets.map((value) => ({ value, label: names.market(value) }));
  const choices = { drafts, brands, markets, everywhere: found.everywhere };
  return { draft, owner, said, mayEdit: editable.size === changed.length, choices };
}

function enteredOf(said: SaidLook): Entered {
  const theme = themeOf(said);
  const shape = { ...usualShape, ...said.shape };
  return Object.fromEntries([
    ...schemes.flatMap((scheme) =>
      tokenNames.map((token) => [`${scheme}.${token}`, theme[scheme][token].toLowerCase()]),
    ),
    ...shapeNames.map((part) => [`shape.${part}`, shape[part] ?? usualShape[part]]),
  ]) as Entered;
}

function show(
  deps: ConsoleDeps,
  here: StaffHere,
  { draft, owner: { brand, market }, mayEdit, choices }: At,
  entered: Entered,
  error?: DomainError,
): void {
  const theme = coloursIn(entered);
  const words = (part: keyof Shape): readonly string[] => shapeShape[part].options;
  showConsole(deps, here, {
    view: themeView,
    area: 'theme',
    data: {
      ...choices,
      url: path,
      draft: draft?.id ?? '',
      brand,
      market: market ?? '',
      version: draft?.version ?? 0,
      ...(mayEdit && { action: path }),
      tokens: tokenNames.map((token) => {
        const shown = (scheme: Scheme) =>
          theme ? tokenShown(theme[scheme], token) : { colour: entered[`${scheme}.${token}`], on: [] };
        return { token, needed: neededOf(token), light: shown('light'), dark: shown('dark') };
      }),
      shapes: shapeNames.map((part) => ({
        part,
        value: entered[`shape.${part}`],
        words: words(part).map((word) => ({ word })),
      })),
      previewUrl: previewUrl({ draft: draft?.id, brand, market }),
    },
    ...(error && { refused: refusalOf(error) }),
  });
}

/** The colours that stand in the form; undefined where one is none. */
function coloursIn(entered: Entered): BrandLook['theme'] | undefined {
  if (invalidInputs(entered).length > 0) return undefined;
  const tokens = (scheme: Scheme) =>
    Object.fromEntries(tokenNames.map((token) => [token, entered[`${scheme}.${token}`]]));
  const whole = z.object({ light: z.object(tokensShape), dark: z.object(tokensShape) });
  return whole.parse({ light: tokens('light'), dark: tokens('dark') });
}

function invalidInputs(entered: Entered): FieldFault[] {
  const isRight = (input: LookInput) => {
    const [group, part = ''] = input.split('.');
    const shape = group === 'shape' ? shapeShape[part as keyof Shape] : tokensShape[part as keyof Tokens];
    return shape.safeParse(entered[input]).success;
  };
  return inputs
    .filter((input) => !isRight(input))
    .map((field) => ({ field, code: 'field.invalid' as const }));
}

async function save(deps: ConsoleDeps, here: StaffHere, body: Sent): Promise<void> {
  const { draft: id, version, go } = body;
  const at = await placeOf(deps, here, body);
  const { owner } = at;
  await here.acting.require('edit', [lookItem(owner)]);
  const entered: Entered = body;
  const theme = coloursIn(entered);
  const faults = theme ? contrastFaults({ theme }).map(contrastFault) : invalidInputs(entered);
  if (faults.length > 0) return show(deps, here, at, entered, new FormError(faults));
  if (go === 'check') return show(deps, here, at, entered);
  try {
    const message = deps.i18n.t(here.visit.locale, 'console.theme.message', { brand: nameOf(at) });
    const look = patchOf(at.said, entered);
    // What is as it was before needs no draft.
    const draft = look
      ? await changeLook(deps, here, { draft: id, owner, version, message, look })
      : at.draft;
    const back = withQuery(path, { draft: draft?.id, ...owner });
    doneAt(deps, here, { path: back, notice: look ? 'theme-drafted' : 'theme-unchanged' });
  } catch (error) {
    // Somebody else was faster: what was entered is kept beside what the draft says now.
    if (!(error instanceof DomainError) || !isTold.has(error.code)) throw error;
    show(deps, here, at, entered, error);
  }
}

const isTold: ReadonlySet<string> = new Set(['draft.changed', 'draft.closed']);

function nameOf({ owner: { brand, market }, choices }: At): string {
  const label = (all: readonly Choice[], wanted: string) =>
    all.find(({ value }) => value === wanted)?.label ?? wanted;
  const name = label(choices.brands, brand);
  return market === undefined ? name : `${name} – ${label(choices.markets, market)}`;
}

function contrastFault({
  path: at,
  pair,
  ratio,
  needed,
}: ReturnType<typeof contrastFaults>[number]): FieldFault {
  const field = at.replace(/^theme\./, '');
  return { field, code: 'theme.contrast', params: { field, pair, ratio: shownRatio(ratio), needed } };
}

/** Only what differs from what layers say already, so that a brand says no more than it has to. */
function patchOf(said: SaidLook, entered: Entered): JsonObject | undefined {
  const changed = (scheme: Scheme) =>
    Object.fromEntries(
      tokenNames.flatMap((token) => {
        const colour = entered[`${scheme}.${token}`];
        return said.theme?.[scheme]?.[token]?.toLowerCase() === colour.toLowerCase() ? [] : [[token, colour]];
      }),
    );
  const shape = Object.fromEntries(
    shapeNames.flatMap((part) => {
      const word = entered[`shape.${part}`];
      return (said.shape?.[part] ?? usualShape[part]) === word ? [] : [[part, word]];
    }),
  );
  const theme = Object.fromEntries(
    schemes
      .map((scheme) => [scheme, changed(scheme)])
      .filter(([, tokens]) => Object.keys(tokens ?? {}).length > 0),
  );
  const look = {
    ...(Object.keys(theme).length > 0 && { theme }),
    ...(Object.keys(shape).length > 0 && { shape }),
  };
  return Object.keys(look).length > 0 ? look : undefined;
}
