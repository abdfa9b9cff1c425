/**
 * Scopes that need an authentication level or a recent sign-in, as the client's experience says. Asked for, they lead
 * to a new sign-in; a token whose sign-in does not reach them goes without, and so does one whose member has not (or not
 * any more) answered what a scope needs to know. A machine that acts for itself has no
 * sign-in, and no level is asked of it.
 */
import {
  errors,
  type FindAccount,
  interactionPolicy,
  type KoaContextWithOIDC,
  Provider,
} from 'oidc-provider';
import { type Clock, epochSeconds } from '../../base/kernel/clock.ts';
import type { Experience } from '../../business/experiences/experience.ts';
import type { Member } from '../../people/members/members.ts';
import { currentUnit } from './artefacts/unit.ts';
import { acrValues } from './levels.ts';
import type { QuestionVisit } from './questions.ts';

/** What the levels of scopes are found with. */
export interface ScopeLevelDeps {
  clock: Clock;
  /**
   * Those of the scopes that wait for an answer of the member: what was answered when they were allowed may be gone,
   * and what is needed may be new. What the app itself waits for is asked where it sends the member next.
   */
  waitingScopes(member: Member, visit: QuestionVisit): Promise<readonly string[]>;
  /** What a client's visitors meet; undefined for the program's own pages. */
  experienceOf(clientId: string): Promise<Experience | undefined>;
}

/** What a scope needs. */
type ScopeLevel = Experience['settings']['acr'][string];

/** How the member was recognised, and when, in seconds since the epoch. */
export interface SignInProof {
  acr: string | undefined;
  at: number | undefined;
}

/**
 * Whether a sign-in is enough for a scope. Pure.
 * @param level what the scope needs
 * @param proof the sign-in
 * @param now seconds since the epoch
 */
function reaches({ acr, maxAgeSeconds }: ScopeLevel, proof: SignInProof | undefined, now: number): boolean {
  if (proof?.acr !== acr) return false;
  return maxAgeSeconds === undefined || (proof.at !== undefined && now - proof.at <= maxAgeSeconds);
}

/** Those of a client's scopes that need a level, each with what it needs. */
async function levelsNeeded(
  deps: ScopeLevelDeps,
  clientId: string,
  scopes: Iterable<string>,
): Promise<[scope: string, level: ScopeLevel][]> {
  const levels = (await deps.experienceOf(clientId))?.settings.acr ?? {};
  return [...scopes].flatMap((scope): [string, ScopeLevel][] => {
    const level = Object.hasOwn(levels, scope) ? levels[scope] : undefined;
    return level ? [[scope, level]] : [];
  });
}

/**
 * Those of the scopes that a sign-in is not enough for.
 * @param deps experiences, clock
 * @param asked which client, which scopes
 * @param proofOf the sign-in; read only where a scope needs a level
 */
export async function unreachedScopes(
  deps: ScopeLevelDeps,
  { clientId, scopes }: { clientId: string; scopes: Iterable<string> },
  proofOf: () => Promise<SignInProof | undefined>,
): Promise<readonly string[]> {
  const needing = await levelsNeeded(deps, clientId, scopes);
  if (needing.length === 0) return [];
  const proof = await proofOf();
  const now = epochSeconds(deps.clock);
  return needing.flatMap(([scope, level]) => (reaches(level, proof, now) ? [] : [scope]));
}

/**
 * Adds the question to the login prompt.
 * @param login the prompt
 * @param deps experiences, clock
 * @throws errors.UnmetAuthenticationRequirements at once when no sign-in is enough for all the scopes, and after one
 *   that was not (OpenID Connect Core Unmet Authentication Requirements 1.0; RFC 9470 section 5)
 */
export function askForScopeLevels(login: interactionPolicy.Prompt, deps: ScopeLevelDeps): void {
  login.checks.add(
    new interactionPolicy.Check(
      'scope_level',
      'a requested scope needs another sign-in',
      'login_required',
      async (ctx) => {
        const { client, session, result } = ctx.oidc;
        if (!client) return false;
        const needing = await levelsNeeded(deps, client.clientId, scopesToGet(ctx));
        if (needing.length === 0) return false;
        const needed = needing.map(([, level]) => level);
        const acrs = new Set(needed.map(({ acr }) => acr));
        const isPossible = acrs.size === 1 && acrValues.includes([...acrs][0] ?? '');
        // The sign-in of this very request is recent, however long its other questions took.
        const now = epochSeconds(deps.clock);
        const at = result?.login ? now : session?.loginTs;
        const proof = session?.accountId === undefined ? undefined : { acr: session.acr, at };
        if (needed.every((level) => reaches(level, proof, now))) return false;
        if (!isPossible || result?.login)
          throw new errors.UnmetAuthenticationRequirements(
            'a requested scope needs an authentication level that cannot be reached',
          );
        return true;
      },
    ),
  );
}

/** Of what is asked only what can be given: a scope of an API counts together with the API. */
function scopesToGet({ oidc }: KoaContextWithOIDC): string[] {
  const servers = Object.values(oidc.resourceServers ?? {});
  return [...oidc.requestParamScopes].filter(
    (scope) => oidc.requestParamOIDCScopes.has(scope) || servers.some((server) => server.scopes.has(scope)),
  );
}

/** Scopes that the sign-in behind a token request is not enough for, by request. */
const withheld = new WeakMap<object, ReadonlySet<string>>();

/**
 * Notes at the token endpoint, where the library looks for the member behind a code or refresh token, what that
 * sign-in is not enough for, and what waits for an answer.
 * @param findAccount finds the member
 * @param deps experiences, clock
 * @throws errors.InvalidScope when a refresh names such a scope itself
 */
export function withScopeLevels(findAccount: FindAccount, deps: ScopeLevelDeps): FindAccount {
  return async (ctx, id, token) => {
    const account = await findAccount(ctx, id, token);
    const { route, client, params } = ctx.oidc;
    if (!account || route !== 'token' || !client || !token || !('scopes' in token)) return account;
    const asked = { clientId: client.clientId, scopes: [...token.scopes] };
    const member = currentUnit().member(account.accountId);
    const unreached = [
      ...(await unreachedScopes(deps, asked, async () => proofOfToken(token))),
      ...(member ? await deps.waitingScopes(member as Member, asked) : []),
    ];
    const named = typeof params?.scope === 'string' ? params.scope.split(' ') : [];
    const refused = unreached.filter((scope) => named.includes(scope));
    if (refused.length > 0)
      throw new errors.InvalidScope(
        'a requested scope needs another sign-in or an answer',
        refused.join(' '),
      );
    if (unreached.length > 0) withheld.set(ctx.req, new Set(unreached));
    return account;
  };
}

function proofOfToken(token: object): SignInProof {
  const { acr, authTime } = token as { acr?: string; authTime?: number };
  return { acr, at: authTime };
}

/**
 * Lets a grant give only what was not withheld from the request at hand; what the member allowed stays as it is.
 * @param provider a provider that has just been built
 */
export function withholdScopes({ Grant }: Provider): void {
  const { getOIDCScopeFiltered, getResourceScopeFiltered } = Grant.prototype;
  Grant.prototype.getOIDCScopeFiltered = function filtered(filter) {
    return withoutWithheld(getOIDCScopeFiltered.call(this, filter));
  };
  Grant.prototype.getResourceScopeFiltered = function filtered(resource, filter) {
    return withoutWithheld(getResourceScopeFiltered.call(this, resource, filter));
  };
}

function withoutWithheld(scope: string): string {
  const request = Provider.ctx?.req;
  const gone = request && withheld.get(request);
  if (!gone) return scope;
  return scope
    .split(' ')
    .filter((each) => !gone.has(each))
    .join(' ');
}
