/**
 * Which pages members of a place can meet, and what each of them says there. What follows from the configuration comes
 * from the functions that the real pages use; what follows from a person comes from the views' samples, so that nothing
 * of a real member is ever in a preview.
 */
import type { View } from '../../base/http/views.ts';
import type { I18n } from '../../base/i18n/i18n.ts';
import type { Clock } from '../../base/kernel/clock.ts';
import type { Experience } from '../../business/experiences/experience.ts';
import type { Experiences } from '../../business/experiences/experiences.ts';
import { type FormDefinition, registrationForm } from '../../business/profiles/form-shape.ts';
import { requiredTerms } from '../../business/purposes/asked-texts.ts';
import type { LegalTexts, Purposes } from '../../business/purposes/purposes.ts';
import type { PasswordDemands } from '../../people/credentials/policy.ts';
import type { Upstreams } from '../../people/upstreams/service.ts';
import {
  accountViews,
  consentsView,
  memberFormView,
  preferencesView,
  profileView,
  signInMethodsView,
} from '../account/views.ts';
import type { Standing } from '../interactions/context.ts';
import { legalQuestions } from '../interactions/legal.ts';
import { isStepOffered, offersAny, workingMethods } from '../interactions/methods.ts';
import { questionsData } from '../interactions/profile-questions.ts';
import { registerData } from '../interactions/register.ts';
import { registrationPage, shownPage } from '../interactions/registration-form.ts';
import { passwordData, signInData } from '../interactions/sign-in.ts';
import {
  interactionViews,
  newPasswordView,
  passwordView,
  questionsView,
  registerDetailsView,
  registerView,
  signInView,
  termsUpdateView,
} from '../interactions/views.ts';
import { shownPasswordRules } from '../pages/password-rules.ts';
import {
  errorView,
  interactionExpiredView,
  legalTextView,
  pageViews,
  signedOutView,
  signOutView,
} from '../pages/views.ts';
import { namedForm, preferencesPage, profilePage } from './account-forms.ts';

/** A page that members of a place can meet. */
export interface PreviewPage {
  /** The view's name, and which one where a place has several, such as `interactions/register/2`. */
  id: string;
  view: View<unknown>;
  /** Tells pages of one view apart: the number of a step, the name of a rule, form or text. */
  which: string | undefined;
  /** Whether an app is on the way there. */
  onTheWay: boolean;
  data(): unknown;
}

/** A place whose pages are looked at. */
export interface PreviewPlace {
  experience: Experience;
  experiences: Experiences;
  purposes: Pick<Purposes, 'forVisit'>;
  /** BCP 47 code of a catalogue. */
  locale: string;
  /** Ids of the brands that whoever looks may read in the market: of no other brand anything is shown. */
  readable: ReadonlySet<string>;
}

/** What pages are made with. */
export interface PageListDeps {
  clock: Clock;
  i18n: I18n;
  upstreams: Upstreams;
  /** What the process asks of every password. */
  passwordRules: PasswordDemands;
}

/** Everything that data of pages follows from. */
interface Here extends PreviewPlace {
  deps: PageListDeps;
  /** Stands for an open interaction. */
  at: Standing & { client: { name: string } };
  texts: LegalTexts;
  /** Ways to sign in that work. */
  methods: readonly string[];
}

const base = '/interaction/sample';

/**
 * The pages of a place.
 * @param deps clock, languages, upstreams, rules of passwords
 * @param place brand, market and language as they are or would be
 */
export function pageList(deps: PageListDeps, place: PreviewPlace): readonly PreviewPage[] {
  const { experience, purposes, locale } = place;
  const { brand, market, jurisdiction, look } = experience;
  const here: Here = {
    ...place,
    deps,
    at: {
      place: { experience },
      flow: { email: signInMethodsView.sample().email },
      base,
      ctx: { state: { visit: { locale } } },
      client: { name: look.name },
    },
    texts: purposes.forVisit({ brand: brand.id, market: market.id, jurisdiction, locale }),
    methods: workingMethods(
      experience.methods,
      deps.upstreams.list().map(({ id }) => id),
    ),
  };
  return inOrder.flatMap((view) => {
    const own = Object.hasOwn(pagesOf, view.name) ? pagesOf[view.name] : undefined;
    return own ? own(here) : [page(view, view.sample)];
  });
}

/** The way in first, then the pages of those who are in, then what stands at the end of other ways. */
const inOrder: readonly View<unknown>[] = [
  ...interactionViews.filter((view) => !pageViews.includes(view)),
  ...accountViews,
  ...pageViews,
];

function page<T>(view: View<T>, data: () => T, which?: string | number): PreviewPage {
  return {
    id: which === undefined ? view.name : `${view.name}/${which}`,
    view: view as View<unknown>,
    which: which === undefined ? undefined : String(which),
    onTheWay: view.name.startsWith('interactions/'),
    data,
  };
}

type PagesOf = (here: Here) => PreviewPage[];

/** Only where one of the ways is offered. */
const where =
  (offered: (here: Here) => boolean, pages: PagesOf): PagesOf =>
  (here) =>
    offered(here) ? pages(here) : [];

const byPassword = ({ methods }: Here) => isStepOffered('password', methods);
const byUpstream = ({ methods, deps }: Here) =>
  offersAny(
    methods,
    deps.upstreams.list().map(({ id }) => id),
  );

/** Pages that say something else than their sample; any other is shown as its sample. */
const pagesOf: Readonly<Record<string, PagesOf>> = {
  [signInView.name]: ({ deps, at }) => [page(signInView, () => signInData(deps, at, undefined))],
  [passwordView.name]: where(byPassword, ({ at }) => [page(passwordView, () => passwordData(at))]),
  [registerView.name]: (here) =>
    stepsOf(here, 'typed').map(([number, step]) =>
      page(registerView, () => registerData({ ...here.deps, ...here }, step.at, step.page), number),
    ),
  [registerDetailsView.name]: where(byUpstream, (here) =>
    stepsOf(here, 'upstream').map(([number, step]) =>
      page(
        registerDetailsView,
        () => {
          const { action, upstreamName, cancelAction } = registerDetailsView.sample();
          const email = { kind: 'known' as const, address: here.at.flow.email ?? '' };
          return { ...shownPage(step.page, step.at, base), action, upstreamName, email, cancelAction };
        },
        number,
      ),
    ),
  ),
  'interactions/recover': where(byPassword, sampled('interactions/recover')),
  'interactions/recover-code': where(byPassword, sampled('interactions/recover-code')),
  [newPasswordView.name]: where(byPassword, (here) => [
    page(newPasswordView, () => ({
      ...newPasswordView.sample(),
      rules: shownPasswordRules({ ...here.deps, ...here }, here, undefined),
    })),
  ]),
  'interactions/link-existing': where(byUpstream, sampled('interactions/link-existing')),
  'interactions/upstream-problem': where(byUpstream, sampled('interactions/upstream-problem')),
  [questionsView.name]: ({ deps, at, experience: { profiling } }) =>
    Object.entries(profiling).map(([rule, { ask, required = false }]) =>
      page(
        questionsView,
        // As many as stand on one page at a time.
        () =>
          questionsData(
            deps,
            at,
            ask.slice(0, 2).map((attribute) => ({ rule, attribute, required })),
          ),
        rule,
      ),
    ),
  [termsUpdateView.name]: ({ texts, experience }) => {
    const terms = requiredTerms(texts);
    if (terms.length === 0) return [];
    return [
      page(termsUpdateView, () => ({
        ...termsUpdateView.sample(),
        brandName: experience.brand.name,
        legal: legalQuestions({ terms, notices: [], purposes: [] }, base),
      })),
    ];
  },
  [legalTextView.name]: ({ texts }) =>
    [...texts.terms, ...texts.notices, ...texts.purposes].map((text) =>
      page(
        legalTextView,
        () => {
          const { kind, title, version, validFrom: effectiveFrom, language, plain: body } = text;
          return { kind, title, version, effectiveFrom, language, body, backUrl: base };
        },
        text.id,
      ),
    ),
  [signOutView.name]: ({ experience: { look } }) => [
    page(signOutView, () => ({ ...signOutView.sample(), apps: look.siblings.slice(0, 2) })),
  ],
  [signedOutView.name]: ({ experience: { look } }) => [
    page(signedOutView, () => ({ ...signedOutView.sample(), apps: look.siblings.slice(0, 2) })),
  ],
  [errorView.name]: (here) => [page(errorView, () => ({ ...errorView.sample(), next: nextOf(here) }))],
  [interactionExpiredView.name]: (here) => [page(interactionExpiredView, () => ({ next: nextOf(here) }))],
  [signInMethodsView.name]: (here) => [page(signInMethodsView, () => waysInOf(here))],
  [consentsView.name]: ({ texts }) => [
    page(consentsView, () => {
      const questions = legalQuestions({ terms: [], notices: [], purposes: texts.purposes }, base);
      const purposes = questions.purposes.map(({ url: textUrl, ...purpose }) => ({
        ...purpose,
        textUrl,
        state: 'open' as const,
        action: '/account/consents',
        shown: questions.shown,
      }));
      return { ...consentsView.sample(), purposes };
    }),
  ],
  [memberFormView.name]: (here) =>
    Object.entries(here.experience.forms)
      .filter(([name]) => name !== registrationForm)
      .map(([name, form]) => page(memberFormView, () => namedForm(here.deps, here, name, form), name)),
  [profileView.name]: (here) => [page(profileView, () => profilePage(here.deps, here))],
  [preferencesView.name]: (here) => [page(preferencesView, () => preferencesPage(here.deps, here))],
};

function sampled(name: string): PagesOf {
  return () => interactionViews.filter((view) => view.name === name).map((view) => page(view, view.sample));
}

function nextOf({ experience: { look } }: Here) {
  return { url: look.links.home, kind: 'app' as const, name: look.name };
}

function waysInOf({ deps, methods, ...here }: Here): ReturnType<typeof signInMethodsView.sample> {
  const { password, upstreams, ...others } = signInMethodsView.sample();
  const rules = shownPasswordRules({ ...deps, ...here }, here, undefined);
  return {
    ...others,
    upstreams: upstreams.filter(({ id }) => methods.includes(id)),
    ...(methods.includes('password') && password && { password: { ...password, rules } }),
  };
}

/** The pages of a registration, each as whoever was asked everything before meets it. */
function stepsOf(here: Here, way: 'typed' | 'upstream') {
  const { deps, at, experience, purposes } = here;
  const forms = { ...experience.forms };
  const form = forms[registrationForm];
  if (form) forms[registrationForm] = withoutEarlier(form);
  const place = { experience: { ...experience, forms } };
  const pages = new Map<number, { at: Standing; page: ReturnType<typeof registrationPage> }>();
  for (let index = 0; index <= (form?.steps.length ?? 1); index += 1) {
    const registering = { at: index, reached: index, attributes: {}, consents: {}, decisions: [] };
    const step: Standing = { ...at, place, flow: { ...at.flow, registering } };
    const found = registrationPage({ ...deps, purposes }, step, way, index);
    // Where the law has nothing of its own to ask, there is no page after the last step.
    if (found.at < found.form.steps.length || asksLegal(found))
      pages.set(found.at, { at: step, page: found });
    if (found.last) break;
  }
  return [...pages.values()].map((each, index) => [index + 1, each] as const);
}

function asksLegal({ form, at, texts }: ReturnType<typeof registrationPage>): boolean {
  const { terms, notices, purposes } = texts;
  return at === form.steps.length && terms.length + notices.length + purposes.length > 0;
}

/** What hangs on an answer to an earlier step is shown as if it had been given. */
function withoutEarlier(form: FormDefinition): FormDefinition {
  const steps = form.steps.map((step) => {
    const here = new Set(step.fields.map(({ attribute }) => attribute));
    const fields = step.fields.map((field) =>
      field.when && !here.has(field.when.attribute) ? { ...field, when: undefined } : field,
    );
    return { ...step, fields };
  });
  return { ...form, steps };
}
