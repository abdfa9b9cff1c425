/** The look of a brand as its own layer and the program's say it, in what is live or in a draft; and changes of it. */
import { type BrandLook, programLook, type Tokens } from '../../base/http/brand-look.ts';
import type { Scheme } from '../../base/http/theme.ts';
import { DomainError } from '../../base/kernel/errors.ts';
import { type Configuration, openConfiguration } from '../../business/layers/configuration.ts';
import { brandPath, programPath } from '../../business/layers/item-path.ts';
import { checkedAs, type JsonObject } from '../../business/layers/json.ts';
import type { Draft } from '../../business/releases/draft.ts';
import { editDraft } from '../desk/draft-rules.ts';
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

/**
 * What is said of a brand's look.
 * @param deps what is live, drafts
 * @param brand the brand
 * @param draft the draft to look at; what is live without one
 * @throws DomainError `item.unknown`
 */
export async function saidLook(
  { releases, workflow }: Pick<ConsoleDeps, 'releases' | 'workflow'>,
  brand: string,
  draft: Draft | undefined,
): Promise<SaidLook> {
  let configuration: Configuration = releases.live.current().all.configuration;
  if (draft) {
    // Only what speaks for the look is read, so that a draft can be mended however far it is from going live.
    const paths = [programPath, brandPath(brand)];
    const found = await Promise.all(paths.map((item) => workflow.drafts.item(draft.id, item)));
    const items = paths.flatMap((item, at): [string, JsonObject][] => (found[at] ? [[item, found[at]]] : []));
    if (items.length < paths.length) throw new DomainError('item.unknown');
    configuration = openConfiguration(new Map(items));
  }
  if (!configuration.brands.has(brand)) throw new DomainError('item.unknown');
  return checkedAs<SaidLook | undefined>(configuration.joinedOf({ brand }).look) ?? {};
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

/** A change of a brand's look. */
export interface LookChange {
  brand: string;
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
 * Puts a change of a brand's look into a draft.
 * @param deps drafts
 * @param here who does it
 * @param change what and where
 * @returns the draft
 * @throws DomainError `permission.missing`, `draft.unknown`, `draft.changed`, `draft.closed`; ConfigurationRefused
 */
export async function changeLook(
  deps: Pick<ConsoleDeps, 'workflow' | 'releases'>,
  { acting }: Pick<StaffHere, 'acting'>,
  { brand, draft: id, version, message, look }: LookChange,
): Promise<Draft> {
  const item = brandPath(brand);
  const { drafts } = deps.workflow;
  await acting.require('edit', [item]);
  const draft = id === '' ? await drafts.open({ message }, acting.who) : await drafts.get(id);
  const seen = { id: draft.id, version: id === '' ? draft.version : (version ?? draft.version) };
  return editDraft(deps, acting, seen, [{ item, patch: { look } }]);
}
