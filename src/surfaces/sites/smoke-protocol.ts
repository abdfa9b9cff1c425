/** The endpoints of a smoke journey: discovery, an error that comes back, a wrong secret, a call from a page. */
import { z } from 'zod';
import { authorizationOf, type SmokeCheck, type Smoked, untried } from './smoked.ts';

/**
 * Looks at the endpoints.
 * @param smoked the client
 */
export async function protocolChecks(smoked: Smoked): Promise<SmokeCheck[]> {
  return [
    await discoveryCheck(smoked),
    await errorRedirectCheck(smoked),
    await wrongSecretCheck(smoked),
    await crossOriginCheck(smoked),
  ];
}

/** A person would be shown a page. */
const asMachine = { accept: 'application/json' };

const discovery = z.object({
  issuer: z.string(),
  authorization_endpoint: z.string(),
  token_endpoint: z.string(),
});

async function discoveryCheck({ visitor, deps }: Smoked): Promise<SmokeCheck> {
  const answer = await visitor.request('/.well-known/openid-configuration', { headers: asMachine });
  const found = discovery.safeParse(jsonOf(answer.text)).data;
  const own = [found?.issuer, found?.authorization_endpoint, found?.token_endpoint].every(
    (url) => url !== undefined && URL.canParse(url) && new URL(url).origin === new URL(deps.issuer).origin,
  );
  const detail = own
    ? `The issuer is ${found?.issuer}.`
    : `Discovery answers ${answer.status} and does not name ${deps.issuer}.`;
  return { name: 'discovery', ok: answer.status === 200 && own, detail };
}

/** Whoever is not signed in is told so at the client's own address (OpenID Connect Core section 3.1.2.6). */
async function errorRedirectCheck(smoked: Smoked): Promise<SmokeCheck> {
  const name = 'error-redirect';
  const why = untried(smoked);
  if (why) return { name, ok: true, skipped: true, detail: why };
  const { url, state, redirectUri } = authorizationOf(smoked, { prompt: 'none' });
  const answer = await smoked.visitor.request(url);
  const location = answer.header('location') ?? '';
  const back = URL.canParse(location) ? new URL(location) : undefined;
  const wanted = { error: 'login_required', state, iss: smoked.deps.issuer };
  const wrong = Object.entries(wanted).filter(([key, value]) => back?.searchParams.get(key) !== value);
  const there = back !== undefined && withoutQuery(back) === withoutQuery(new URL(redirectUri));
  if (there && wrong.length === 0)
    return { name, ok: true, detail: 'Without a session, prompt=none comes back with login_required.' };
  const found = there
    ? `comes back without ${wrong.map(([key]) => key).join(', ')}`
    : `answers ${answer.status}`;
  return { name, ok: false, detail: `prompt=none ${found}.` };
}

/** The query of a registered address stays; compared is where it leads. */
function withoutQuery({ protocol, host, pathname }: URL): string {
  return `${protocol}//${host}${pathname}`;
}

async function wrongSecretCheck({ visitor, client, deps }: Smoked): Promise<SmokeCheck> {
  const name = 'wrong-secret';
  const { token_endpoint_auth_method: method } = client.metadata;
  if (!method.startsWith('client_secret_'))
    return { name, ok: true, skipped: true, detail: `The client has no secret (${method}).` };
  const wrong = deps.ids.secret();
  const basic = Buffer.from(`${client.id}:${wrong}`).toString('base64');
  const answer = await visitor.request('/token', {
    form: {
      ...grantOf(client.metadata.grant_types),
      ...(method === 'client_secret_post' && { client_id: client.id, client_secret: wrong }),
    },
    headers: { ...asMachine, ...(method === 'client_secret_basic' && { authorization: `Basic ${basic}` }) },
  });
  const refused = answer.status === 401 && errorOf(answer.text) === 'invalid_client';
  const detail = refused
    ? 'The token endpoint refuses a wrong secret.'
    : `The token endpoint answers a wrong secret with ${answer.status} ${errorOf(answer.text)}.`;
  return { name, ok: refused, detail };
}

function grantOf(grants: readonly string[]): Record<string, string> {
  if (!grants.includes('authorization_code')) return { grant_type: grants[0] ?? '' };
  return { grant_type: 'authorization_code', code: 'none', redirect_uri: 'https://none.example' };
}

/** A page of a public client calls the token endpoint itself: the answer must be readable from its origin. */
async function crossOriginCheck({ visitor, client }: Smoked): Promise<SmokeCheck> {
  const name = 'cross-origin';
  const { redirect_uris: addresses, token_endpoint_auth_method: method } = client.metadata;
  const address = addresses.find((uri) => /^https?:/.test(uri));
  const isPage = method === 'none' && client.metadata.application_type !== 'native' && address !== undefined;
  if (!isPage)
    return { name, ok: true, skipped: true, detail: 'No page of the client calls the issuer itself.' };
  const { origin } = new URL(address);
  const answer = await visitor.request('/token', {
    form: { grant_type: 'authorization_code', client_id: client.id, code: 'none', redirect_uri: address },
    headers: { ...asMachine, origin },
  });
  const allowed = answer.header('access-control-allow-origin');
  const ok = allowed === origin || allowed === '*';
  const detail = ok
    ? `Pages of ${origin} may call the issuer.`
    : `Pages of ${origin} may not call the issuer.`;
  return { name, ok, detail };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function errorOf(text: string): string {
  return z.object({ error: z.string() }).safeParse(jsonOf(text)).data?.error ?? '';
}
