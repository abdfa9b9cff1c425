/**
 * The requests that wait for the member: an app elsewhere asks to have them authenticated (CIBA), and they allow it or
 * not, with equal ease. The answer, its event and the consent are one transaction; the app learns it through the outbox.
 */
import { z } from 'zod';
import { inTransaction } from '../../base/db/transaction.ts';
import { type Route, route } from '../../base/http/routes.ts';
import { DomainError, FormError } from '../../base/kernel/errors.ts';
import type { ClientRecord } from '../../business/clients/client-record.ts';
import type { BackchannelRequest } from '../../protocol/oidc/backchannel-requests.ts';
import { levelOf } from '../../protocol/oidc/levels.ts';
import {
  type Access,
  askedAccess,
  decidedAccess,
  isNarrower,
  isOptional,
  noAccess,
  withBefore,
} from '../interactions/access.ts';
import type { Fields } from '../interactions/legal.ts';
import { sentValues } from '../interactions/register.ts';
import { attributeWords, claimWords } from '../pages/access-words.ts';
import { type Here, isFreshOrSent, type Refused, sendToSignIn } from '../pages/visitor.ts';
import { hostOf } from './applications.ts';
import type { AccountDeps } from './deps.ts';
import { type Asked, keepNeeded, neededAnswers, shownQuestions } from './request-questions.ts';
import { acceptTerms, missingTerms, termsQuestions } from './request-terms.ts';
import { requestsView, type WaitingRequest } from './views.ts';
import {
  accountPage,
  accountScope,
  doneAt,
  freshMs,
  nav,
  requireVisitor,
  showAccountPage,
} from './visitor.ts';

/** Path of the page; mails lead here. */
export const requestsPath = '/account/requests';

/** An app that was reported does not ask the member again for a day. */
const quietSeconds = 86_400;

const form = z.object({}).catchall(z.string().max(200));

/**
 * The routes of the page.
 * @param deps modules
 */
export function requestRoutes(deps: AccountDeps): Route[] {
  return [
    accountPage(deps, {
      name: 'account.requests',
      path: requestsPath,
      show: (here) => showRequests(deps, here),
    }),
    route({
      name: 'account.requests.terms',
      method: 'POST',
      path: `${requestsPath}/terms`,
      csrf: accountScope,
      input: { body: form },
      async handle(ctx, { body }) {
        const here = await requireVisitor(deps, ctx, requestsPath);
        await orShow(deps, here, body, async () => {
          await acceptTerms(deps, here, clientsOf(await waiting(deps, here)), body);
          doneAt(deps, ctx, { path: requestsPath, notice: 'answer-now' });
        });
      },
    }),
    requestRoute(deps, 'questions', async (here, asked, body) => {
      const [needed] = await neededAnswers(deps, here, [asked]);
      await keepNeeded(deps, here, needed, body);
      doneAt(deps, here.ctx, { path: requestsPath, notice: 'answer-now' });
    }),
    requestRoute(deps, 'answer', (here, asked, body) => answer(deps, here, asked, body)),
  ];
}

/** Something sent about one request, which must still wait. */
function requestRoute(
  deps: AccountDeps,
  what: 'questions' | 'answer',
  act: (here: Here, asked: Asked, body: Fields) => Promise<void>,
): Route {
  return route({
    name: `account.requests.${what}`,
    method: 'POST',
    path: `${requestsPath}/:id/${what}`,
    csrf: accountScope,
    input: { params: z.object({ id: z.string().regex(/^[\w-]{20,64}$/) }), body: form },
    async handle(ctx, { params, body }) {
      const here = await requireVisitor(deps, ctx, requestsPath);
      await orShow(deps, here, body, async () => {
        const asked = (await waiting(deps, here)).find(({ request }) => request.id === params.id);
        if (!asked) throw new DomainError('authentication_request.over');
        await act(here, asked, body);
      });
    },
  });
}

/**
 * How many requests wait for the visitor.
 * @param deps modules
 * @param here the visitor
 */
export async function waitingCount(deps: AccountDeps, here: Here): Promise<number> {
  return (await waiting(deps, here)).length;
}

async function waiting(deps: AccountDeps, here: Here): Promise<Asked[]> {
  const requests = await deps.oidc.backchannelRequests.waiting(here.member._id);
  const found = await Promise.all(
    requests.map(async (request) => ({ request, client: await deps.findClient(request.clientId) })),
  );
  return found.flatMap(({ request, client }) => (client ? [{ request, client }] : []));
}

const clientsOf = (asked: readonly Asked[]): ClientRecord[] => asked.map(({ client }) => client);

/** What is refused is said on the page itself. */
async function orShow(deps: AccountDeps, here: Here, sent: Fields, act: () => Promise<void>): Promise<void> {
  try {
    await act();
  } catch (error) {
    if (error instanceof FormError) {
      await showRequests(deps, here, {
        status: error.status,
        faults: error.faults,
        values: sentValues(sent, error),
      });
      return;
    }
    if (!(error instanceof DomainError) || error.code !== 'authentication_request.over') throw error;
    await showRequests(deps, here, {
      status: error.status,
      faults: [{ field: 'form', code: error.code }],
    });
  }
}

async function showRequests(deps: AccountDeps, here: Here, refused?: Refused): Promise<void> {
  const asked = await waiting(deps, here);
  if (!asked.every(({ request }) => isProven(deps, here, request))) return;
  const missing = await missingTerms(deps, here, clientsOf(asked));
  const needed = await neededAnswers(deps, here, asked);
  const byTerms = new Set(missing.map(({ client }) => client.id));
  const byAnswers = new Set(needed.map(({ request }) => request.id));
  const blockOf = ({ client, request }: Asked): WaitingRequest['blocked'] => {
    if (byTerms.has(client.id)) return 'terms';
    return byAnswers.has(request.id) ? 'answers' : undefined;
  };
  const requests = await Promise.all(
    asked.map(async (each) => ({ ...(await toWaiting(deps, here, each)), blocked: blockOf(each) })),
  );
  const terms = termsQuestions(missing, requestsPath);
  // One app's questions at a time: two may ask the same.
  const [first] = needed;
  const questions =
    first && shownQuestions(deps, here, first, `${requestsPath}/${first.request.id}/questions`);
  await showAccountPage(deps, here, {
    view: requestsView,
    data: {
      nav,
      requests,
      ...(terms && { terms: { action: `${requestsPath}/terms`, legal: terms } }),
      needed: questions,
    },
    refused,
  });
}

/**
 * Whether the member's proof is good enough for a request: it is young, or it was given after the request came; if
 * not, the browser has been sent to sign in and comes back.
 */
function isProven(deps: AccountDeps, here: Here, request: BackchannelRequest): boolean {
  const { signedInAt } = here.session;
  const ageMs = deps.clock.now() - signedInAt.getTime();
  const tooOld = request.maxAge !== undefined && ageMs > request.maxAge * 1000;
  if (signedInAt < request.askedAt && (tooOld || request.wishesLevel)) {
    sendToSignIn(deps, here.ctx, requestsPath, true);
    return false;
  }
  return isFreshOrSent(deps, here, { path: requestsPath, withinMs: freshMs });
}

/** What is asked, as the decision takes it. */
function accessOf({ request, client }: Asked, before: Parameters<typeof askedAccess>[1]): Access {
  const names = [...request.scopes, ...Object.values(request.resources).flat()];
  const asked = {
    params: { scope: names.join(' ') },
    details: { missingResourceScopes: request.resources },
    claims: request.claims,
    attributes: request.attributes,
  };
  return client.firstParty
    ? { ...askedAccess(asked, undefined), claims: [...request.claims] }
    : askedAccess(asked, before);
}

async function toWaiting(
  deps: AccountDeps,
  here: Here,
  asked: Asked,
): Promise<Omit<WaitingRequest, 'blocked'>> {
  const { request, client } = asked;
  const before = client.firstParty ? undefined : await deps.consents.grantOf(here.member._id, client.id);
  const access = accessOf(asked, before);
  const known = new Set([
    ...(before?.scopes ?? []),
    ...(before?.resources ?? []).flatMap(({ scopes }) => scopes),
  ]);
  const scopes = [...access.scopes, ...Object.values(access.resources).flat()];
  const { settings } = deps.experiences.experienceFor({
    clientId: client.id,
    brand: client.brand,
    market: client.market,
  });
  const words = { settings, locale: here.visit.locale };
  return {
    app: client.name,
    host: hostOf(client),
    bindingMessage: request.bindingMessage,
    askedAt: request.askedAt.toISOString(),
    expiresAt: request.expiresAt.toISOString(),
    questions: [
      ...scopes.map((name) => {
        const input = `scope.${name}`;
        const attributes = request.attributes[name] ?? [];
        return {
          input,
          name,
          ...attributeWords(deps.i18n, words, { input, attributes }),
          optional: !client.firstParty && isOptional(name),
          alreadyAllowed: known.has(name) && attributes.every((each) => before?.claims?.includes(each)),
        };
      }),
      ...access.claims.map((name) => ({
        input: `claim.${name}`,
        name,
        ...claimWords(deps.i18n, words, name),
        optional: !client.firstParty,
        alreadyAllowed: before?.claims?.includes(name) ?? false,
      })),
    ],
    action: `${requestsPath}/${request.id}/answer`,
  };
}

async function answer(deps: AccountDeps, here: Here, asked: Asked, fields: Fields): Promise<void> {
  if (fields.decision === 'deny' || fields.decision === 'report') {
    await deny(deps, here, asked, fields.decision === 'report');
    doneAt(deps, here.ctx, {
      path: requestsPath,
      notice: fields.decision === 'report' ? 'request-reported' : 'request-denied',
    });
    return;
  }
  if (fields.decision !== 'allow') throw new FormError([{ field: 'form', code: 'choice.required' }]);
  if (!isProven(deps, here, asked.request)) return;
  if ((await missingTerms(deps, here, [asked.client])).length > 0)
    throw new FormError([{ field: 'form', code: 'terms.required' }]);
  if ((await neededAnswers(deps, here, [asked])).length > 0)
    throw new FormError([{ field: 'form', code: 'answers.required' }]);
  await allow(deps, here, asked, (input) => fields[input] === 'yes');
  doneAt(deps, here.ctx, { path: requestsPath, notice: 'request-allowed' });
}

async function deny(deps: AccountDeps, here: Here, asked: Asked, reported: boolean): Promise<void> {
  const { member } = here;
  const { request, client } = asked;
  await inTransaction(deps.db, async (tx) => {
    await deps.oidc.backchannelRequests.answer(
      tx,
      { id: request.id, memberId: member._id, clientId: client.id },
      ...(reported ? [quietSeconds] : []),
    );
    await deps.events.record(tx, {
      type: 'authentication_request.denied',
      memberId: member._id,
      home: member.home,
      visit: visitFor(deps, here, client),
      data: { client: client.id, reported },
    });
  });
}

async function allow(
  deps: AccountDeps,
  here: Here,
  asked: Asked,
  isTicked: (input: string) => boolean,
): Promise<void> {
  const { member, session } = here;
  const { request, client } = asked;
  const about = { memberId: member._id, clientId: client.id };
  const before = client.firstParty ? undefined : await deps.consents.grantOf(member._id, client.id);
  const wanted = accessOf(asked, before);
  const { allowed, refused } = client.firstParty
    ? { allowed: wanted, refused: noAccess() }
    : decidedAccess(wanted, request, isTicked);
  const granted = withBefore(allowed, refused, before);
  const visit = visitFor(deps, here, client);
  await inTransaction(deps.db, async (tx) => {
    await deps.oidc.backchannelRequests.answer(tx, {
      id: request.id,
      ...about,
      allowed: {
        granted,
        refused,
        afresh: isNarrower(before, granted),
        acr: levelOf(session.amr),
        amr: [...session.amr],
        authTime: Math.floor(session.signedInAt.getTime() / 1000),
      },
    });
    if (!client.firstParty) {
      const resources = Object.entries(granted.resources).map(([resource, scopes]) => ({ resource, scopes }));
      const { scopes, claims } = granted;
      await deps.consents.recordGrant(tx, { ...about, home: member.home, scopes, claims, resources, visit });
    }
    await deps.events.record(tx, {
      type: 'authentication_request.allowed',
      memberId: member._id,
      home: member.home,
      visit,
      data: { client: client.id },
    });
  });
}

/** The answer is given on the app's behalf, unlike anything else on the account pages. */
function visitFor(deps: AccountDeps, here: Here, client: ClientRecord) {
  const { brand, market } = deps.experiences.experienceFor({
    clientId: client.id,
    brand: client.brand,
    market: client.market,
  });
  return { ...here.visit, clientId: client.id, brand: brand.id, market: market.id };
}
