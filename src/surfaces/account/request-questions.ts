/** Questions that stand in the way of an answer: a scope that an app asks for needs to know something of the member. */
import { DomainError, FormError } from '../../base/kernel/errors.ts';
import type { ClientRecord } from '../../business/clients/client-record.ts';
import type { Experience } from '../../business/experiences/experience.ts';
import { readAnswers } from '../../business/profiles/attribute-input.ts';
import { valueContext } from '../../business/profiles/attribute-values.ts';
import type { DueQuestion } from '../../business/profiles/profiling.ts';
import type { QuestionVisit } from '../../people/answers/questions.ts';
import type { BackchannelRequest } from '../../protocol/oidc/backchannel-requests.ts';
import type { Fields } from '../interactions/legal.ts';
import { askedAttributes, questionsOn } from '../interactions/profile-questions.ts';
import type { Here } from '../pages/visitor.ts';
import type { AccountDeps } from './deps.ts';
import type { NeededAnswers } from './views.ts';

/** A request with the app that made it. */
export interface Asked {
  request: BackchannelRequest;
  client: ClientRecord;
}

/** What must be answered before an app may be allowed. */
export interface Needed extends Asked {
  at: QuestionVisit & { experience: Experience };
  due: readonly DueQuestion[];
}

/**
 * What must be answered before each app may be allowed; apps that need nothing are left out.
 * @param deps modules
 * @param here the visitor
 * @param asked the requests
 */
export async function neededAnswers(
  deps: AccountDeps,
  here: Here,
  asked: readonly Asked[],
): Promise<Needed[]> {
  const found = await Promise.all(
    asked.map(async (each) => {
      const at = visitOf(deps, each);
      return { ...each, at, due: await deps.questions.missing(here.member, at) };
    }),
  );
  return found.filter(({ due }) => due.length > 0);
}

function visitOf(deps: AccountDeps, { request, client }: Asked): Needed['at'] {
  const { id: clientId, brand, market } = client;
  const experience = deps.experiences.experienceFor({ clientId, brand, market });
  const scopes = [...request.scopes, ...Object.values(request.resources).flat()];
  return { experience, clientId, scopes };
}

/**
 * The questions of one app as the page shows them.
 * @param deps clock
 * @param here the visitor
 * @param needed what one app needs
 * @param action path the answers are sent to
 */
export function shownQuestions(
  deps: Pick<AccountDeps, 'clock'>,
  here: Here,
  { client, at, due }: Needed,
  action: string,
): NeededAnswers {
  const { leads, questions } = questionsOn(deps, at.experience, due, here.visit.locale);
  return { action, app: client.name, leads, questions };
}

/**
 * Keeps the answers to what an app needs.
 * @param deps modules
 * @param here the visitor
 * @param needed what the app needs
 * @param fields the form as sent
 * @throws FormError with a fault for each field; DomainError `authentication_request.over` when nothing is needed
 */
export async function keepNeeded(
  deps: AccountDeps,
  here: Here,
  needed: Needed | undefined,
  fields: Fields,
): Promise<void> {
  if (!needed) throw new DomainError('authentication_request.over');
  const { at, due } = needed;
  const { attributes, market } = at.experience;
  const asked = askedAttributes(due, attributes);
  const { answers, faults } = readAnswers(asked, fields, valueContext(deps.clock.now(), market));
  if (faults.length > 0) throw new FormError(faults);
  await deps.questions.keep(here.member, at, {
    due,
    answers,
    visit: { ...here.visit, clientId: at.clientId },
  });
}
