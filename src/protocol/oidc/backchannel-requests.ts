/**
 * Backchannel requests as the account pages see them: those that wait for a member, and what the member says. The
 * answer is kept in the caller's transaction; giving it to the client is durable work of its own, which survives a
 * crash in between. It decides nothing about what a member may allow.
 */
import type { Connection } from 'mongoose';
import { errors, type Grant, type Provider } from 'oidc-provider';
import { z } from 'zod';
import type { Outbox } from '../../base/db/outbox.ts';
import { trusted } from '../../base/db/schema.ts';
import type { Tx } from '../../base/db/transaction.ts';
import { type Clock, dateOf, epochSeconds } from '../../base/kernel/clock.ts';
import { DomainError } from '../../base/kernel/errors.ts';
import { ifKeyLives, type Sealer } from '../../base/kernel/sealing.ts';
import type { ClientRecord } from '../../business/clients/client-record.ts';
import type { Resource } from '../../business/layers/layer-shapes.ts';
import { backchannelKind } from './artefacts/backchannel-adapter.ts';
import { type Artefact, artefacts } from './artefacts/model.ts';
import type { ArtefactStore } from './artefacts/store.ts';
import { inUnit } from './artefacts/unit.ts';
import { type AskedAttributeDeps, askedAttributes } from './asked-attributes.ts';
import { handleOf } from './backchannel.ts';
import { decide } from './grant-decision.ts';
import { requestedClaims } from './requested-claims.ts';
import { grantable } from './resources.ts';
import { isOidcScope } from './scopes.ts';
import type { Sessions } from './sessions.ts';

/** Outbox kind: somebody is to be told of a request. */
export const askMember = 'backchannel-ask';
/** Outbox kind: a member's answer is to be given to the client. */
export const backchannelAnswer = 'backchannel-answer';
/** Outbox kind: a client is to be told that its request has been answered. */
export const backchannelPing = 'backchannel-ping';

/** A request that waits for its member. */
export interface BackchannelRequest {
  /** Of no use to a client. */
  id: string;
  clientId: string;
  /** Scopes of the protocol. */
  scopes: readonly string[];
  /** Scopes by resource indicator. */
  resources: Readonly<Record<string, readonly string[]>>;
  /** Claims asked for by name, attributes included. */
  claims: readonly string[];
  /** Attributes that asked scopes give, by scope. */
  attributes: Readonly<Record<string, readonly string[]>>;
  bindingMessage: string | undefined;
  /** The client wishes for an authentication level. */
  wishesLevel: boolean;
  /** How old the member's proof may be, in seconds. */
  maxAge: number | undefined;
  askedAt: Date;
  expiresAt: Date;
}

const access = z.object({
  scopes: z.array(z.string()),
  resources: z.record(z.string(), z.array(z.string())),
  claims: z.array(z.string()),
});

/** What a member said, as it travels through the outbox. */
export const answerSchema = z.object({
  id: z.string(),
  memberId: z.string(),
  clientId: z.string(),
  /** Absent: denied. */
  allowed: z
    .object({
      granted: access,
      refused: access,
      /** Less than before: what the client holds so far ends. */
      afresh: z.boolean(),
      acr: z.string(),
      amr: z.array(z.string()),
      /** When the member proved who they are, in epoch seconds. */
      authTime: z.number(),
    })
    .optional(),
});

/** What a member said. */
export type BackchannelAnswer = z.output<typeof answerSchema>;

/** What a ping must carry (CIBA section 10.2); both are secrets. */
export interface BackchannelNotification {
  authReqId: string;
  token: string;
  expiresAt: Date;
}

/** Backchannel requests. */
export interface BackchannelRequests {
  /** Requests that wait for an active member, oldest first; none of a client that must not ask for now. */
  waiting(memberId: string): Promise<BackchannelRequest[]>;
  /** How many requests of a client wait for an account, be it a member or nobody. */
  waitingOf(accountId: string, clientId: string): Promise<number>;
  /** Sees to it that the member hears of a request. */
  ask(request: { id: string; memberId: string }): Promise<void>;
  /**
   * Takes a member's answer, once.
   * @param quietSeconds the client shall not ask the member again for so long
   * @throws DomainError `authentication_request.over` when it is another's, answered or unknown
   */
  answer(tx: Tx, answer: BackchannelAnswer, quietSeconds?: number): Promise<void>;
  /** Gives an answer to the client; run again, it changes nothing. @returns whether a ping is owed */
  settle(answer: BackchannelAnswer): Promise<boolean>;
  /** What a ping must carry; undefined when nothing waits to be fetched any more. */
  notification(id: string): Promise<BackchannelNotification | undefined>;
}

/** What the requests are made of. */
export interface BackchannelRequestDeps extends AskedAttributeDeps {
  connection: Connection;
  store: ArtefactStore;
  sealer: Sealer;
  clock: Clock;
  outbox: Pick<Outbox, 'add'>;
  sessions: Pick<Sessions, 'endGrants'>;
  issuer: string;
  resources(): readonly Resource[];
  findClient(clientId: string): Promise<ClientRecord | undefined>;
  liveEpoch(memberId: string): Promise<number | undefined>;
}

const idOf = (handle: string) => `${backchannelKind}:${handle}`;
const absent = trusted({ $exists: false });
const open = { answered: absent, decided: absent, consumed: absent, gone: absent };

/**
 * Builds the requests.
 * @param current the provider of the moment
 * @param deps store, sealer, clock, outbox, clients
 */
export function createBackchannelRequests(
  current: () => Provider,
  deps: BackchannelRequestDeps,
): BackchannelRequests {
  const collection = artefacts(deps.connection);
  const isLive = ({ exp }: Sealed) => exp > epochSeconds(deps.clock);

  const ofAccount = async (account: string) => {
    const found = await collection.find({ member: account, kind: backchannelKind, gone: absent }).toArray();
    const isOpen = (row: Artefact) => !row.answered && !row.decided && row.consumed === undefined;
    return {
      open: found.filter(isOpen).flatMap((row) => {
        const payload = opened(row, deps.sealer);
        return payload && isLive(payload) ? [{ row, payload }] : [];
      }),
      quiet: found.flatMap(({ client, quietUntil }) =>
        quietUntil && quietUntil > dateOf(deps.clock) ? [client] : [],
      ),
    };
  };

  return {
    async waiting(memberId) {
      const epoch = await deps.liveEpoch(memberId);
      const { open: rows, quiet } = await ofAccount(memberId);
      const valid = rows.filter(
        ({ row, payload }) => payload.epoch === epoch && epoch !== undefined && !quiet.includes(row.client),
      );
      const shown = await Promise.all(valid.map(({ row, payload }) => toRequest(row, payload, deps)));
      return shown.flat().sort((left, right) => left.askedAt.getTime() - right.askedAt.getTime());
    },
    waitingOf: async (accountId, clientId) =>
      (await ofAccount(accountId)).open.filter(({ row }) => row.client === clientId).length,
    ask: ({ id, memberId }) => deps.outbox.add({ kind: askMember, payload: { id, memberId } }),
    async answer(tx, answer, quietSeconds) {
      const quietUntil = quietSeconds === undefined ? undefined : dateOf(deps.clock, quietSeconds * 1000);
      const set = { answered: true, ...(quietUntil && { quietUntil, expiresAt: quietUntil }) };
      const taken = await collection.updateOne(
        { _id: idOf(answer.id), member: answer.memberId, client: answer.clientId, ...open },
        { $set: set },
        { session: tx },
      );
      if (taken.matchedCount !== 1) throw new DomainError('authentication_request.over');
      await deps.outbox.add({ kind: backchannelAnswer, payload: { ...answer } }, tx);
    },
    settle: (answer) => settle(current(), deps, answer),
    async notification(id) {
      const row = await collection.findOne({ _id: idOf(id), gone: absent, consumed: absent });
      const payload = row && opened(row, deps.sealer);
      const token = payload?.params.client_notification_token;
      if (!payload || !isLive(payload) || typeof token !== 'string') return undefined;
      return { authReqId: payload.authReqId, token, expiresAt: new Date(payload.exp * 1000) };
    },
  };
}

const sealedSchema = z.object({
  iat: z.number(),
  exp: z.number(),
  authReqId: z.string(),
  epoch: z.number().optional(),
  scope: z.string().optional(),
  params: z.record(z.string(), z.unknown()),
});

type Sealed = z.output<typeof sealedSchema>;

function opened({ _id, sealed }: Artefact, sealer: Sealer): Sealed | undefined {
  if (!sealed) return undefined;
  return ifKeyLives(() =>
    sealedSchema.parse(JSON.parse(sealer.open(sealed, `artefacts.sealed.${_id}`).toString())),
  );
}

/** None when the client is gone. */
async function toRequest(
  row: Artefact,
  { iat, exp, scope = '', params }: Sealed,
  deps: BackchannelRequestDeps,
): Promise<BackchannelRequest[]> {
  const client = row.client ? await deps.findClient(row.client) : undefined;
  if (!client) return [];
  const asked = scope.split(' ').filter(Boolean);
  const experience = await deps.experienceOf(client.id);
  const attributes = await askedAttributes(deps, client.id, { ...params, scope });
  const maxAge = params.max_age === undefined ? undefined : Number(params.max_age);
  return [
    {
      id: handleOf(row._id),
      clientId: client.id,
      scopes: asked.filter((each) => isOidcScope(experience, each)),
      resources: grantable(deps, client, { indicators: [params.resource].flat(), scopes: asked }),
      claims: [...requestedClaims(params), ...attributes.byName],
      attributes: attributes.ofScopes,
      bindingMessage: typeof params.binding_message === 'string' ? params.binding_message : undefined,
      wishesLevel: typeof params.acr_values === 'string',
      maxAge,
      askedAt: new Date(iat * 1000),
      expiresAt: new Date(exp * 1000),
    },
  ];
}

async function settle(
  provider: Provider,
  deps: BackchannelRequestDeps,
  answer: BackchannelAnswer,
): Promise<boolean> {
  const { allowed, memberId, clientId } = answer;
  const client = await deps.findClient(clientId);
  if (!client) return false;
  // Only before the answer is given: afterwards the new grant would be among those that end.
  const before = await artefacts(deps.connection).findOne({ _id: idOf(answer.id) });
  if (allowed?.afresh && !before?.decided) await deps.sessions.endGrants(memberId, clientId);
  return inUnit(deps.store, async (unit) => {
    const row = await unit.find(idOf(answer.id));
    const authReqId = row && opened(row, deps.sealer)?.authReqId;
    if (!row || authReqId === undefined) return false;
    if (!row.decided) {
      const { BackchannelAuthenticationRequest: Request } = provider;
      const request = await Request.find(authReqId, { ignoreExpiration: true });
      if (!request || request.isExpired) return false;
      // The store says so of a request whose member was locked or has a new password since.
      if (!allowed || request.error) await provider.backchannelResult(request, new errors.AccessDenied());
      else {
        const { acr, amr, authTime } = allowed;
        const grant = await grantOf(provider, answer, allowed);
        await provider.backchannelResult(request, grant, { acr, amr, authTime });
      }
    }
    return client.metadata.backchannel_token_delivery_mode === 'ping';
  });
}

async function grantOf(
  provider: Provider,
  { memberId, clientId }: BackchannelAnswer,
  { granted, refused }: NonNullable<BackchannelAnswer['allowed']>,
): Promise<Grant> {
  const grant = new provider.Grant({ accountId: memberId, clientId });
  decide(grant, granted, refused);
  await grant.save();
  return grant;
}
