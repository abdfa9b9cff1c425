/**
 * The views of the account pages: who am I here, is my account safe, what did I agree to. Owns the data type of each
 * page and a sample of it; never routes, never state. All data is plain and serialisable. Every `…Action` is the
 * target of a POST form that carries `_csrf`; every `…Url` is the target of a plain link (GET). Times are ISO 8601.
 */
import { defineView, type View } from '../../base/http/views.ts';
import type { FieldQuestion } from '../../business/profiles/attribute-input.ts';
import type { SourceKind } from '../../people/members/attributes.ts';
import type { LegalQuestions, ScopeQuestion } from '../interactions/views.ts';
import type { ShownField } from '../pages/form-fields.ts';
import { samples } from './samples.ts';

/** The addresses of the account pages; the current one is marked by the view itself. */
export interface AccountNav {
  homeUrl: string;
  profileUrl: string;
  preferencesUrl: string;
  signInMethodsUrl: string;
  sessionsUrl: string;
  applicationsUrl: string;
  consentsUrl: string;
  /** Leads to the sign-out question. */
  signOutUrl: string;
}

/** Overview. */
export interface AccountHomeData {
  nav: AccountNav;
  member: { name?: string | undefined; email: string; memberSince: string };
  safety: {
    hasPassword: boolean;
    passwordChangedAt?: string | undefined;
    /** Names of linked upstreams. */
    upstreams: readonly string[];
    sessionCount: number;
    /** The last sign-in before this one. */
    lastSignIn?: { at: string; device: string; place?: string | undefined } | undefined;
    /** Times that customer support acted as the member, newest first; the reason in words. */
    supportAccess?: readonly { at: string; reason: string }[] | undefined;
  };
  agreed: {
    /** Optional purposes that are given at present. */
    givenCount: number;
    purposeCount: number;
    applicationCount: number;
    terms?: { title: string; acceptedAt: string } | undefined;
  };
  /** Apps that ask for the member right now. */
  waiting?: { count: number; url: string } | undefined;
}

/** Form: `name` (may be empty), `locale`. The address is shown, not edited. */
export interface ProfileData {
  nav: AccountNav;
  action: string;
  name: string;
  email: string;
  /** The language chosen at present. */
  locale: string;
  languages: readonly LanguageChoice[];
  /** The profile form of the configuration, where it has one. */
  answers?: FormPart | undefined;
  /** What the member may see and not change. */
  readOnly: readonly ReadOnlyValue[];
}

/** A form of the configuration as part of a page. Inputs: those of its fields, and `seen`. */
export interface FormPart {
  action: string;
  /** Marks of what is shown, sent back as they are. */
  seen: string;
  title: string;
  lead?: string | undefined;
  sections: readonly { title?: string | undefined; fields: readonly ShownField[] }[];
  /** For a field that asks the language. */
  languages?: readonly LanguageChoice[] | undefined;
  /** Where the answers come from, as far as it is known. */
  origins: readonly AnswerOrigin[];
}

/** Where an answer comes from. */
export interface AnswerOrigin {
  /** The question. */
  label: string;
  kind: SourceKind;
  /** Name of the brand or app. */
  place?: string | undefined;
  at: string;
}

/** A value as text. */
export interface ReadOnlyValue {
  label: string;
  value: string;
  origin?: Omit<AnswerOrigin, 'label'> | undefined;
}

/**
 * What the member prefers: one form with a section for the whole program, and one for each brand that has one. Inputs:
 * those of each section, `<scope>.seen` among them.
 */
export interface PreferencesData {
  nav: AccountNav;
  action: string;
  /** What was kept although something else was refused, by name. */
  saved: readonly string[];
  sections: readonly PreferenceSection[];
}

/** One section; names of its inputs are kept apart by its scope. */
export interface PreferenceSection {
  scope: string;
  /** Absent for the whole program. */
  brandName?: string | undefined;
  form: Omit<FormPart, 'action'>;
}

/** A language that can be chosen. */
export interface LanguageChoice {
  code: string;
  tag: string;
  /** Its own name. */
  name: string;
}

/** One upstream of the brand, linked or not. */
export interface UpstreamLink {
  id: string;
  name: string;
  linked: boolean;
  /** The upstream's own label for the account, such as its mail address. */
  label?: string | undefined;
  linkedAt?: string | undefined;
  /** POST without fields: link (when not linked) or unlink (when linked). */
  action: string;
  /** The last way in: words instead of the unlink button. */
  lastWayIn?: boolean | undefined;
}

/** Password form: `username` (visually hidden), `current_password` when one is set, `password`. */
export interface SignInMethodsData {
  nav: AccountNav;
  email: string;
  /** Absent where members have no password, and this one has none. */
  password?:
    | {
        isSet: boolean;
        changedAt?: string | undefined;
        action: string;
        rules: { min: number; max: number };
      }
    | undefined;
  upstreams: readonly UpstreamLink[];
}

/** One session of the member. */
export interface SessionEntry {
  /** Such as `Firefox on Windows`, already readable. */
  device: string;
  /** Roughly, such as `Osaka, Japan`. */
  place?: string | undefined;
  /** Names of apps that use it. */
  apps: readonly string[];
  signedInAt: string;
  lastUsedAt: string;
  current: boolean;
  /** POST without fields: ends it. Absent for the current one (sign out does that). */
  revokeAction?: string | undefined;
}

/** Where the member is signed in. */
export interface SessionsData {
  nav: AccountNav;
  sessions: readonly SessionEntry[];
  /** POST without fields: ends all but the current one. */
  revokeOthersAction: string;
}

/** One app with a grant. */
export interface ConnectedApplication {
  name: string;
  host: string;
  logoUrl?: string | undefined;
  /** Standard scopes have a sentence in the catalogues; others bring their own. */
  scopes: readonly { name: string; description?: string | undefined }[];
  /** Claims allowed by name, and attributes of the program with their words. */
  claims?: readonly { name: string; description?: string | undefined }[] | undefined;
  since: string;
  lastUsedAt?: string | undefined;
  /** Begins a sign-in at the app, or shows its site. */
  openUrl?: string | undefined;
  /** POST without fields: takes the grant back, its tokens die at once. Absent for the program's own apps. */
  revokeAction?: string | undefined;
}

/** Connected applications. */
export interface ApplicationsData {
  nav: AccountNav;
  applications: readonly ConnectedApplication[];
}

/** One optional purpose. Form: `decision` = `give` | `withdraw` by two equal buttons. */
export interface PurposeState {
  id: string;
  title: string;
  summary: string;
  /** `expired`: given, so long ago that it does not count any more. */
  state: 'given' | 'refused' | 'withdrawn' | 'open' | 'expired';
  version: string;
  /** When it was decided last; absent when open. */
  decidedAt?: string | undefined;
  /** The brand it belongs to; absent for the whole program. */
  brandName?: string | undefined;
  /** The text in force, which a decision is taken on. */
  textUrl: string;
  action: string;
  /** Sent back in the hidden input `texts`: says which text was shown. */
  shown: string;
}

/** One line of what was decided, newest first. */
export interface DecisionEntry {
  title: string;
  version: string;
  decision: 'accepted' | 'acknowledged' | 'given' | 'refused' | 'withdrawn';
  at: string;
  brandName?: string | undefined;
  textUrl: string;
}

/** What the member agreed to. */
export interface ConsentsData {
  nav: AccountNav;
  purposes: readonly PurposeState[];
  /** Terms and notices in force for the member. */
  documents: readonly DecisionEntry[];
  /** Every decision, newest first. */
  history: readonly DecisionEntry[];
}

/** One app that asks for the member. Form: `decision` = `allow` | `deny` | `report`, and the ticked inputs. */
export interface WaitingRequest {
  app: string;
  host: string;
  /** Words the app shows as well, so that the member recognises what they started. */
  bindingMessage?: string | undefined;
  askedAt: string;
  expiresAt: string;
  /** What the app would get; `input` is also the key of its words. */
  questions: readonly (ScopeQuestion & { input: string })[];
  /** What must be done first. */
  blocked?: 'terms' | 'answers' | undefined;
  action: string;
}

/** Apps that ask for the member. */
export interface RequestsData {
  nav: AccountNav;
  requests: readonly WaitingRequest[];
  /** Form: {@link LegalQuestions}. */
  terms?: { action: string; legal: LegalQuestions } | undefined;
  /** What one of the apps needs to know first. */
  needed?: NeededAnswers | undefined;
}

/** Questions whose answers an app needs. Inputs: `field.<name>` of each question. */
export interface NeededAnswers {
  action: string;
  app: string;
  leads: readonly string[];
  questions: readonly FieldQuestion[];
}

/** A form that an app sent the member to. Inputs: those of its fields, the hidden ones, and `go` = `cancel`. */
export interface MemberFormData extends Omit<FormPart, 'seen'> {
  /** Said again when the form is sent. */
  hidden: Readonly<Record<string, string | undefined>>;
}

/** Overview. */
export const accountHomeView = defineView({ name: 'account/home', sample: samples.home });
/** Name, language and what the profile form asks. */
export const profileView = defineView({ name: 'account/profile', sample: samples.profile });
/** What the member prefers, by brand. */
export const preferencesView = defineView({ name: 'account/preferences', sample: samples.preferences });
/** Password and linked upstreams. */
export const signInMethodsView = defineView({
  name: 'account/sign-in-methods',
  sample: samples.signInMethods,
});
/** Sessions. */
export const sessionsView = defineView({ name: 'account/sessions', sample: samples.sessions });
/** Connected applications. */
export const applicationsView = defineView({ name: 'account/applications', sample: samples.applications });
/** Consents. */
export const consentsView = defineView({ name: 'account/consents', sample: samples.consents });

/** Apps that ask for the member. */
export const requestsView = defineView({ name: 'account/requests', sample: samples.requests });

/** A form that an app sent the member to. */
export const memberFormView: View<MemberFormData> = defineView({
  name: 'interactions/form',
  heading: ({ title }: MemberFormData) => ({ key: 'form.title', params: { title } }),
  sample: samples.form,
});

/** Every view of the account pages, for the tests that render them all. */
export const accountViews: readonly View<unknown>[] = [
  accountHomeView,
  profileView,
  preferencesView,
  signInMethodsView,
  sessionsView,
  applicationsView,
  consentsView,
  requestsView,
  memberFormView,
];
