/** Progressive questions on the way to an app: at most two on one page, to be skipped unless one is required. */
import { type DomainError, FormError } from '../../base/kernel/errors.ts';
import type { Experience } from '../../business/experiences/experience.ts';
import { type AskedAttribute, questionIn, readAnswers } from '../../business/profiles/attribute-input.ts';
import type { Attributes } from '../../business/profiles/attribute-shape.ts';
import { valueContext } from '../../business/profiles/attribute-values.ts';
import type { DueQuestion } from '../../business/profiles/profiling.ts';
import { inLanguage } from '../../business/profiles/text-shape.ts';
import type { QuestionVisit } from '../../people/answers/questions.ts';
import type { Member } from '../../people/members/members.ts';
import { signedIn } from './consent.ts';
import { type Open, orAgain, type Standing, showStep } from './context.ts';
import type { InteractionDeps } from './deps.ts';
import { goOn } from './finished.ts';
import type { Fields } from './legal.ts';
import { sentValues } from './register.ts';
import { type QuestionsData, questionsView } from './views.ts';

/**
 * Where the interaction leads, as questions are chosen by.
 * @param open the open interaction
 */
export function questionVisit({ place, client, interaction }: Open): QuestionVisit {
  const scopes = String(interaction.params.scope ?? '')
    .split(' ')
    .filter(Boolean);
  return { experience: place.experience, clientId: client.id, scopes };
}

interface Asked {
  member: Member;
  due: DueQuestion[];
  attributes: AskedAttribute[];
}

/**
 * What is due now; another tab may have answered it since the prompt, and a release may have brought other questions.
 * Of what a page brings back only what it has shown counts: nothing is answered or skipped that nobody was asked.
 */
async function askedNow(deps: InteractionDeps, open: Open, shown?: string): Promise<Asked> {
  const member = await signedIn(deps, open);
  const atSignIn = open.interaction.details.atSignIn === true;
  const all = await deps.questions.due(member, { ...questionVisit(open), atSignIn });
  const due = all.filter(({ attribute }) => shown?.split(' ').includes(attribute) ?? true);
  const { attributes } = open.place.experience;
  return { member, due, attributes: askedAttributes(due, attributes) };
}

/**
 * Questions with the definitions of what they ask.
 * @param due the questions
 * @param attributes what may be known of a member
 */
export function askedAttributes(due: readonly DueQuestion[], attributes: Attributes): AskedAttribute[] {
  return due.flatMap(({ attribute: name, required }) => {
    const definition = attributes[name];
    return definition ? [{ name, definition, required }] : [];
  });
}

/**
 * What the page of questions shows.
 * @param deps clock
 * @param at where it stands, and the app it is on the way to
 * @param due the questions
 */
export function questionsData(
  deps: Pick<InteractionDeps, 'clock'>,
  at: Pick<Standing, 'place' | 'base' | 'ctx'> & { client: { name: string } },
  due: readonly DueQuestion[],
): QuestionsData {
  const needed = due.some(({ required }) => required);
  return {
    action: `${at.base}/questions`,
    ...(!needed && { skipAction: `${at.base}/questions/skip` }),
    asked: due.map(({ attribute }) => attribute).join(' '),
    clientName: at.client.name,
    ...questionsOn(deps, at.place.experience, due, at.ctx.state.visit.locale),
    cancelAction: `${at.base}/cancel`,
  };
}

/**
 * Questions as a page shows them, with what their rules say about them.
 * @param deps clock
 * @param experience whose rules and attributes they are
 * @param due the questions
 * @param locale code of the language
 */
export function questionsOn(
  deps: Pick<InteractionDeps, 'clock'>,
  { profiling, market, attributes }: Experience,
  due: readonly DueQuestion[],
  locale: string,
): Pick<QuestionsData, 'leads' | 'questions'> {
  const context = valueContext(deps.clock.now(), market);
  const leads = due.flatMap(({ rule }) => {
    const lead = profiling[rule]?.lead;
    return lead ? [inLanguage(lead, locale)] : [];
  });
  const questions = askedAttributes(due, attributes).map((asked) => questionIn(asked, locale, context));
  return { leads: [...new Set(leads)], questions };
}

/** The questions, or on to the app when none is left. */
export async function showQuestions(
  deps: InteractionDeps,
  open: Open,
  again?: { error: DomainError; fields: Fields },
): Promise<void> {
  const { due } = await askedNow(deps, open);
  if (due.length === 0) return goOn(deps, open, await deps.oidc.interactions.answerQuestions(open.ctx));
  showStep(deps, open, {
    view: questionsView,
    data: questionsData(deps, open, due),
    ...(again && { error: again.error, values: sentValues(again.fields) }),
  });
}

/** Keeps the answers; what is left open counts as skipped. */
export async function submitQuestions(deps: InteractionDeps, open: Open, fields: Fields): Promise<void> {
  await orAgain(
    async () => {
      const { member, due, attributes } = await askedNow(deps, open, fields.asked);
      const { answers, faults } = readAnswers(
        attributes,
        fields,
        valueContext(deps.clock.now(), open.place.experience.market),
      );
      if (faults.length > 0) throw new FormError(faults);
      await put(deps, open, { member, due, answers });
    },
    (error) => showQuestions(deps, open, { error, fields }),
  );
}

/** Skips what can be skipped; a required question is asked on. */
export async function skipQuestions(deps: InteractionDeps, open: Open, asked?: string): Promise<void> {
  const { member, due } = await askedNow(deps, open, asked);
  if (due.some(({ required }) => required)) return showQuestions(deps, open);
  await put(deps, open, { member, due, answers: {} });
}

async function put(
  deps: InteractionDeps,
  open: Open,
  { member, due, answers }: Pick<Asked, 'member' | 'due'> & Pick<ReturnType<typeof readAnswers>, 'answers'>,
): Promise<void> {
  const { visit } = open.ctx.state;
  if (due.length > 0) await deps.questions.keep(member, questionVisit(open), { due, answers, visit });
  goOn(deps, open, await deps.oidc.interactions.answerQuestions(open.ctx));
}
