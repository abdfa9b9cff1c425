/** Questions that wait for the member, put by an app in its own pages: the same ones, at most two, each once. */
import { z } from 'zod';
import { callerOf, type EdgeContext } from '../../base/http/context.ts';
import { jsonRoute } from '../../base/http/json-routes.ts';
import type { Route } from '../../base/http/routes.ts';
import { DocumentError, type DocumentFault } from '../../base/kernel/errors.ts';
import { type AttributeValue, parseValue, valueContext } from '../../business/profiles/attribute-values.ts';
import type { DueQuestion } from '../../business/profiles/profiling.ts';
import type { AccountApiDeps } from './deps.ts';
import { drawn, drawnAttribute } from './drawn.ts';
import { faultsIn, type MemberHere, memberHere } from './member-here.ts';

const path = '/api/account/questions';

const question = z
  .object({
    attribute: z.string(),
    required: z.boolean().meta({ description: 'It cannot be skipped.' }),
    ...drawn,
  })
  .meta({ id: 'Question' });

const questions = z.object({ items: z.array(question) }).meta({ id: 'Questions' });

const answers = z
  .strictObject({
    answers: z.record(z.string(), z.unknown()).meta({
      description: 'By attribute, typed; `null` skips. What is not named waits on.',
    }),
  })
  .meta({ id: 'Answers' });

/**
 * `GET` and `POST /api/account/questions`
 * @param deps modules
 */
export function questionRoutes(deps: AccountApiDeps): Route[] {
  const auth = { api: 'account', scopes: ['account:questions'] as const };
  const waiting = async (ctx: EdgeContext) => {
    const here = await memberHere(deps, ctx);
    const due = await deps.questions.due(here.member, { ...visitOf(ctx, here), atSignIn: false });
    return { here, due };
  };
  return [
    jsonRoute({
      name: 'account_api.questions',
      method: 'GET',
      path,
      summary: 'Reads the questions that wait for the member.',
      description: 'At most two; those that wait for a number of sign-ins are put at a sign-in only.',
      tag: 'questions',
      limiter: 'edge',
      auth,
      errors: ['member.unavailable'],
      answers: { 200: questions },
      async handle(ctx) {
        const { here, due } = await waiting(ctx);
        return { status: 200, body: shown(deps, here, due) };
      },
    }),
    jsonRoute({
      name: 'account_api.questions.answer',
      method: 'POST',
      path,
      summary: 'Keeps answers, and that others were skipped.',
      description: 'All of them or, with every fault named, none. Answers with the questions that wait now.',
      tag: 'questions',
      limiter: 'edge',
      auth,
      errors: ['member.unavailable'],
      input: { body: answers },
      answers: { 200: questions },
      async handle(ctx, { body }) {
        const { here, due } = await waiting(ctx);
        const put = due.filter(({ attribute }) => Object.hasOwn(body.answers, attribute));
        const read = readAnswers(deps, here, { due, sent: body.answers });
        if (put.length > 0) {
          await deps.questions.keep(here.member, visitOf(ctx, here), {
            due: put,
            answers: read,
            visit: here.visit,
          });
        }
        const after = await waiting(ctx);
        return { status: 200, body: shown(deps, after.here, after.due) };
      },
    }),
  ];
}

function visitOf(ctx: EdgeContext, { experience }: MemberHere) {
  const { clientId, scopes } = callerOf(ctx);
  return { experience, clientId, scopes: [...scopes] };
}

function shown(
  deps: AccountApiDeps,
  { experience, visit }: MemberHere,
  due: readonly DueQuestion[],
): z.input<typeof questions> {
  const { locale } = visit;
  const texts = deps.i18n.overlay(experience.settings.texts);
  const language = { locale, t: (key: string) => texts.t(locale, key) };
  const context = valueContext(deps.clock.now(), experience.market);
  const items = due.flatMap(({ attribute, required }) => {
    const definition = experience.attributes[attribute];
    return definition ? [{ attribute, required, ...drawnAttribute({ definition }, language, context) }] : [];
  });
  return { items };
}

function readAnswers(
  deps: AccountApiDeps,
  { experience }: MemberHere,
  { due, sent }: { due: readonly DueQuestion[]; sent: Readonly<Record<string, unknown>> },
): Record<string, AttributeValue | null> {
  const read: Record<string, AttributeValue | null> = {};
  const faults: DocumentFault[] = [];
  for (const [name, value] of Object.entries(sent)) {
    const asked = due.find(({ attribute }) => attribute === name);
    const definition = asked && experience.attributes[name];
    if (!definition) faults.push({ path: `/answers/${name}`, code: 'attribute.unknown' });
    else {
      const outcome = parseValue(definition, value, valueContext(deps.clock.now(), experience.market));
      const given = outcome.value ?? null;
      if (outcome.fault) faults.push(...faultsIn(outcome, ['answers', name]));
      else if (asked.required && (given === null || given === false))
        faults.push({ path: `/answers/${name}`, code: 'field.required' });
      read[name] = given;
    }
  }
  if (faults.length > 0) throw new DocumentError(faults);
  return read;
}
