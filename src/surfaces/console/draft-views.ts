/** The views about drafts and effective values; views.ts says what holds for all of them. */
import { defineView, type View } from '../../base/http/views.ts';
import type { ErrorCode } from '../../base/kernel/errors.ts';
import type { JourneyKind } from '../../business/dry-runs/journey.ts';
import { samples } from './draft-samples.ts';
import type {
  ConsolePage,
  PlaceChoices,
  ShownChange,
  ShownComparison,
  ShownDraft,
  ShownFault,
  ShownPerson,
  ShownRelease,
  ShownTarget,
} from './views.ts';

/** A step that is confirmed on a page of its own. */
export type StepName = 'submit' | 'approve' | 'send-back' | 'withdraw' | 'cancel';

/** The drafts. */
export interface DraftsData extends ConsolePage {
  drafts: readonly ShownDraft[];
  /** No state: all of them. */
  filters: readonly { state?: ShownDraft['state'] | undefined; url: string; current: boolean }[];
  nextUrl?: string | undefined;
  newUrl?: string | undefined;
}

/** Form: `message`, {@link PlaceChoices}, `version` of a draft that is there already, `once` of a new one. */
export interface DraftFormData extends ConsolePage {
  action: string;
  backUrl: string;
  version?: string | undefined;
  once?: string | undefined;
  message: string;
  choices: PlaceChoices;
}

/** Who did something, and when. */
export interface Signed {
  by: ShownPerson;
  at: string;
}

/** One draft. */
export interface DraftData extends ConsolePage {
  draft: ShownDraft;
  editors: readonly ShownPerson[];
  /** The last change of its contents. */
  changed: Signed;
  base: ShownRelease;
  changes: readonly { item: string; change: 'put' | 'removed'; url: string }[];
  approvals: readonly Signed[];
  /** How many approvals the program asks for. */
  needed: number;
  /** Why it was sent back or withdrawn. */
  remark?: (Signed & { text: string }) | undefined;
  schedule?: (Signed & { target: ShownTarget }) | undefined;
  /** Why it did not go live at its time. */
  failure?: { at: string; code: ErrorCode; faults: readonly ShownFault[] } | undefined;
  stages: readonly (Signed & { release: ShownRelease; target: ShownTarget })[];
  /** What is to be known of it. */
  pages: readonly { name: 'diff' | 'check' | 'dry-run' | 'preview'; url: string }[];
  describeUrl?: string | undefined;
  itemsUrl?: string | undefined;
  /** What whoever looks may do next. */
  steps: readonly { name: StepName | 'publish' | 'rebase'; url: string }[];
  /** Why they may not approve what waits for approval. */
  whyNotApprove?: { code: ErrorCode } | undefined;
}

/** What pages about one draft have in common. */
interface AboutDraft extends ConsolePage {
  message: string;
  backUrl: string;
}

/** Form by GET: `q`; another: `open`, a path. */
export interface DraftItemsData extends AboutDraft {
  action: string;
  q: string;
  items: readonly { item: string; changed: boolean; url: string }[];
  nextUrl?: string | undefined;
}

/** Form: `document`, `version`. */
export interface DraftItemData extends AboutDraft {
  item: string;
  action: string;
  version: string;
  document: string;
  state: 'kept' | 'new' | 'removed';
  /** Whether saving ends its approvals. */
  reopens: boolean;
  removeUrl?: string | undefined;
  /** What is live says something else of the item by now than the draft began with; and where it is carried over. */
  moved?:
    | { keys: readonly ShownChange[]; more: number; release: ShownRelease; rebaseUrl?: string | undefined }
    | undefined;
  /** Somebody else has changed the draft since; how the item is now. */
  overtaken?: (Signed & { document: string }) | undefined;
}

/** Form: `version`. */
export interface RemoveItemData extends AboutDraft {
  item: string;
  action: string;
  version: string;
  document: string;
}

/** What would be different. */
export interface DraftDiffData extends AboutDraft {
  comparison: ShownComparison;
}

/** What publishing would meet. */
export interface DraftCheckData extends AboutDraft {
  stale: boolean;
  conflicts: readonly {
    item: string;
    key: string;
    theirs?: string | undefined;
    yours?: string | undefined;
  }[];
  found: readonly ShownFault[];
  /** What it names that nobody has made yet. */
  warnings: readonly ShownFault[];
  /** What it does to the values that members have. */
  values: readonly {
    attribute: string;
    kind: string;
    details: string;
    item: string;
    mustConfirm: boolean;
    failing?: { checked: number; failing: number } | undefined;
  }[];
}

/** A journey that goes otherwise. */
export interface ShownJourney {
  /** What somebody sets out to do. */
  kind: JourneyKind;
  /** Names of brand, market and language. */
  where: readonly string[];
  /** Id of the site, and the way in that is taken. */
  codes: readonly string[];
  source: 'synthetic' | 'recorded';
  count: number;
  changes: readonly ShownChange[];
}

/** What members would meet differently. */
export interface DryRunData extends AboutDraft {
  summary?:
    | {
        synthetic: { journeys: number; changed: number };
        recorded: { journeys: number; changed: number; people: number; changedPeople: number };
        paths: readonly { path: string; journeys: number }[];
      }
    | undefined;
  /** What it names that nobody has made yet. */
  warnings: readonly ShownFault[];
  journeys: readonly ShownJourney[];
  more: number;
}

/** Form: `version`, `reason` where one is asked for. */
export interface DraftStepData extends ConsolePage {
  step: StepName;
  draft: ShownDraft;
  changed: Signed;
  action: string;
  backUrl: string;
  version: string;
  reasoned: boolean;
  comparison: ShownComparison;
}

/** Form: {@link PlaceChoices}, `version`, `when`, `at`, `zone`, `ending`, `orphan` as often as confirmed. */
export interface DraftPublishData extends ConsolePage {
  draft: ShownDraft;
  action: string;
  backUrl: string;
  version: string;
  choices: PlaceChoices;
  when: 'now' | 'later';
  zones: readonly string[];
  /** Places whose own release may end, for whoever may publish everything, and where it is seen what that has of its own. */
  ownPlaces: readonly { name: string; url: string }[];
  /** Attributes that members have values of and that would go. */
  orphans: readonly { name: string; confirmed: boolean }[];
  comparison: ShownComparison;
}

/** Form: `version`, `live`, and each conflict's `input` = `theirs` or `yours`. */
export interface DraftRebaseData extends AboutDraft {
  action: string;
  version: string;
  live: string;
  conflicts: readonly {
    input: string;
    item: string;
    key: string;
    theirs?: string | undefined;
    yours?: string | undefined;
  }[];
}

/** Form by GET: `brand`, `market`, `client_id`, `key`. */
export interface ExplainData extends ConsolePage {
  action: string;
  asked: {
    brand?: string | undefined;
    market?: string | undefined;
    clientId?: string | undefined;
    key?: string | undefined;
  };
  brands: readonly { id: string; name: string }[];
  markets: readonly { id: string; name: string }[];
  /** Absent until something is asked. */
  values?:
    | readonly {
        key: string;
        value: string;
        item?: string | undefined;
        orEarlier: boolean;
        said?: (Signed & { release: ShownRelease }) | undefined;
      }[]
    | undefined;
}

/** A heading that names the draft. */
const named =
  (page: string) =>
  ({ message }: { message: string }) => ({ key: `console.${page}.title`, params: { message } });

/** The drafts. */
export const draftsView = defineView({ name: 'console/drafts', sample: samples.drafts });
/** A draft is opened, or described anew. */
export const draftFormView: View<DraftFormData> = defineView({
  name: 'console/draft-form',
  heading: ({ version }: DraftFormData) => ({
    key: version === undefined ? 'console.draft-new.title' : 'console.draft-form.title',
  }),
  sample: samples.draftForm,
});
/** One draft. */
export const draftView: View<DraftData> = defineView({
  name: 'console/draft',
  heading: ({ draft }: DraftData) => named('draft')(draft),
  sample: samples.draft,
});
/** The items of a draft. */
export const draftItemsView = defineView({ name: 'console/draft-items', sample: samples.draftItems });
/** One item of a draft. */
export const draftItemView: View<DraftItemData> = defineView({
  name: 'console/draft-item',
  heading: ({ item }: DraftItemData) => ({ key: 'console.draft-item.title', params: { item } }),
  sample: samples.draftItem,
});
/** Removes an item. */
export const removeItemView: View<RemoveItemData> = defineView({
  name: 'console/remove-item',
  heading: ({ item }: RemoveItemData) => ({ key: 'console.remove-item.title', params: { item } }),
  sample: samples.removeItem,
});
/** What would be different. */
export const draftDiffView = defineView({ name: 'console/draft-diff', sample: samples.draftDiff });
/** What publishing would meet. */
export const draftCheckView = defineView({ name: 'console/draft-check', sample: samples.draftCheck });
/** What members would meet differently. */
export const dryRunView = defineView({ name: 'console/dry-run', sample: samples.dryRun });
/** A step is confirmed. */
export const draftStepView: View<DraftStepData> = defineView({
  name: 'console/draft-step',
  heading: ({ step }: DraftStepData) => ({ key: `console.step.${step}` }),
  sample: samples.draftStep,
});
/** A draft goes live. */
export const draftPublishView: View<DraftPublishData> = defineView({
  name: 'console/draft-publish',
  heading: () => ({ key: 'console.step.publish' }),
  sample: samples.draftPublish,
});
/** A draft is carried over. */
export const draftRebaseView: View<DraftRebaseData> = defineView({
  name: 'console/draft-rebase',
  heading: () => ({ key: 'console.step.rebase' }),
  sample: samples.draftRebase,
});
/** Where effective values come from. */
export const explainView = defineView({ name: 'console/explain', sample: samples.explain });

/** Every view of this file, for the tests that render them all. */
export const draftViews: readonly View<unknown>[] = [
  draftsView,
  draftFormView,
  draftView,
  draftItemsView,
  draftItemView,
  removeItemView,
  draftDiffView,
  draftCheckView,
  dryRunView,
  draftStepView,
  draftPublishView,
  draftRebaseView,
  explainView,
];
