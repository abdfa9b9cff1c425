/** The look of a brand as its own layer and the program's say it, in what is live or in a draft; and changes of it. */
import { type BrandLook, programLook, type Tokens } from '../../base/http/brand-look.ts';
import type { Scheme } from '../../base/http/theme.ts';
import { DomainError } from '../../base/kernel/errors.ts';
import { type Configuration, openConfiguration } from '../../business/layers/configuration.ts';
import {
  brandMarketPath,
  brandPath,
  marketPath,
  programPath,
  regionPath,
} from '../../business/layers/item-path.ts';
import { checkedAs, type JsonObject } from '../../business/layers/json.ts';
import type { Draft } from '../../business/releases/draft.ts';
import type { Drafts } from '../../business/releases/drafts.ts';
import { editDraft } from '../desk/draft-rules.ts';
import { draftFor } from '../desk/draft-sight.ts';
import type { ConsoleDeps } from './deps.ts';
import type { StaffHere } from './staff.ts';

/** What layers say of a look; a brand that is being drafted may say little yet. */
export type SaidLook = Partial<Omit<BrandLook, 'theme'>> & {
  theme?: Partial<Record<Scheme, Partial<Tokens>>>;
};

/** Where whoever drafts a brand begins. */
const neutral = programLook({
  name: '',
  siblings: [],
  links: { home: '', help: '', privacy: '', terms: '' },
  supportEmail: '',
});

/** Whose look it is: a brand's wherever it is, or in one market. */
export interface LookOwner {
  brand: string;
  market?: string | undefined;
}

/**
 * The item that says what is peculiar to a look.
 * @param owner whose look
 */
export function lookItem({ brand, market }: LookOwner): string {
  return market === undefined ? brandPath(brand) : brandMarketPath(brand, market);
}

/**
 * What is said of a look, by every layer that speaks for it.
 * @param deps what is live, drafts
 * @param owner whose look
 * @param draft the draft to look at; what is live without one
 * @throws DomainError `item.unknown`
 */
export async function saidLook(
  { releases, workflow }: Pick<ConsoleDeps, 'releases' | 'workflow'>,
  owner: LookOwner,
  draft: Draft | undefined,
): Promise<SaidLook> {
  const { brand, market } = owner;
  const configuration: Configuration = draft
    ? openConfiguration(await lookItems(workflow.drafts, owner, draft))
    : releases.live.current().all.configuration;
  const { brands, markets, joinedOf } = configuration;
  if (!brands.has(brand) || (market !== undefined && !markets.has(market)))
    throw new DomainError('item.unknown');
  const { look } = joinedOf(market === undefined ? { brand } : { brand, market, site: undefined });
  return checkedAs<SaidLook | undefined>(look) ?? {};
}

/** Only what speaks for the look is read, so that a draft can be mended however far it is from going live. */
async function lookItems(
  drafts: Pick<Drafts, 'item'>,
  { brand, market }: LookOwner,
  { id }: Draft,
): Promise<ReadonlyMap<string, JsonObject>> {
  const items = new Map<string, JsonObject>();
  const read = (paths: readonly string[]) =>
    Promise.all(
      paths.map(async (path) => {
        const item = await drafts.item(id, path);
        if (item) items.set(path, item);
      }),
    );
  await read([programPath, brandPath(brand)]);
  if (!items.has(programPath)) throw new DomainError('item.unknown');
  if (market !== undefined) {
    await read([marketPath(market), brandMarketPath(brand, market)]);
    await read(openConfiguration(items).regionsOf(market).map(regionPath));
  }
  return items;
}

/**
 * The colours of a look in both schemes; what nobody has said yet is the program's neutral colour.
 * @param said what layers say
 */
export function themeOf({ theme = {} }: SaidLook): BrandLook['theme'] {
  return {
    light: { ...neutral.theme.light, ...theme.light },
    dark: { ...neutral.theme.dark, ...theme.dark },
  };
}

/** A change of a look. */
export interface LookChange {
  owner: LookOwner;
  /** Id of a draft; empty for a new one. */
  draft: string;
  /** The version of the draft that was seen; the present one when undefined. */
  version?: number | undefined;
  /** Why, for a new draft. */
  message: string;
  /** Keys of `look`, as a patch. */
  look: JsonObject;
}

/**
 * Puts a change of a look into a draft.
 * @param deps drafts
 * @param here who does it
 * @param change what and where
 * @returns the draft
 * @throws DomainError `permission.missing`, `draft.unknown`, `draft.changed`, `draft.closed`; ConfigurationRefused
 */
export async function changeLook(
  deps: Pick<ConsoleDeps, 'workflow' | 'releases' | 'clients'>,
  { acting }: Pick<StaffHere, 'acting'>,
  { owner, draft: id, version, message, look }: LookChange,
): Promise<Draft> {
  const item = lookItem(owner);
  const { drafts } = deps.workflow;
  await acting.require('edit', [item]);
  const draft = id === '' ? await drafts.open({ message }, acting.who) : await draftFor(deps, acting, id);
  const seen = { id: draft.id, version: id === '' ? draft.version : (version ?? draft.version) };
  return editDraft(deps, acting, seen, [{ item, patch: { look } }]);
}
