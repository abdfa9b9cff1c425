import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  compactDecrypt,
  createRemoteJWKSet,
  decodeProtectedHeader,
  exportJWK,
  generateKeyPair,
  type JWTPayload,
  jwtVerify,
} from 'jose';
import { startIssuer, type TestIssuer } from '../../support/issuer.ts';
import { RelyingParty } from '../../support/relying-party.ts';
import { newMember, type SignedIn, signedIn } from '../world.ts';
import { type Receiver, startReceiver } from './receiver.ts';

const event = 'http://schemas.openid.net/event/backchannel-logout';

/** What a relying party must check (OpenID Connect Back-Channel Logout 1.0 section 2.6), checked by `jose`. */
describe('a logout token', () => {
  let issuer: TestIssuer;
  let receiver: Receiver;
  let first: RelyingParty;
  let member: SignedIn;

  beforeAll(async () => {
    receiver = await startReceiver();
    issuer = await startIssuer();
    first = await RelyingParty.register(issuer, { id: 'first' });
    member = await newMember(issuer, first, 'checked@example.com');
  });
  afterAll(() => receiver.close());

  /** The notice a client gets when a member who was signed in there signs out, and the ID token it had got before. */
  async function noticeTo(id: string, metadata: Record<string, unknown>) {
    const site = await RelyingParty.register(issuer, {
      id,
      metadata: { backchannel_logout_uri: `${receiver.base}/${id}`, ...metadata },
    });
    const { agent } = await signedIn(issuer, first, member);
    const { page, begun } = await site.open(agent, { prompt: 'none' });
    const tokens = metadata.id_token_encrypted_response_alg ? undefined : await site.finish(page, begun);
    await agent.submit(await agent.open(`${issuer.url}/sign-out`), { logout: 'yes' }, '/sign-out');
    await issuer.issuer.outbox.run();
    await issuer.issuer.outbox.idle();
    const notice = receiver.received.find(({ path }) => path === `/${id}`);
    if (!notice) throw new Error('no notice came');
    return { notice, tokens, agent };
  }

  /** Steps 1 to 9 of section 2.6. */
  async function checked(token: string, id: string, algorithm: string): Promise<JWTPayload> {
    const keys = createRemoteJWKSet(new URL('/jwks', issuer.url));
    const { payload, protectedHeader } = await jwtVerify(token, keys, {
      issuer: issuer.url,
      audience: id,
      algorithms: [algorithm],
      typ: 'logout+jwt',
      requiredClaims: ['iss', 'aud', 'iat', 'exp', 'jti', 'events', 'sub'],
      maxTokenAge: '2m',
    });
    expect(protectedHeader.kid).toBeTruthy();
    expect(payload.events).toEqual({ [event]: {} });
    expect(payload).not.toHaveProperty('nonce');
    expect(Number(payload.exp) - Number(payload.iat)).toBeLessThanOrEqual(120);
    return payload;
  }

  it.each(['ES256', 'RS256', 'PS256', 'EdDSA'])(
    'is signed as the client’s ID tokens are: %s, posted as a form',
    async (algorithm) => {
      const id = `signs-${algorithm.toLowerCase()}`;
      const { notice, tokens } = await noticeTo(id, { id_token_signed_response_alg: algorithm });
      expect(notice.type).toBe('application/x-www-form-urlencoded');
      const payload = await checked(notice.token, id, algorithm);
      expect(payload.sub).toBe(tokens?.claims()?.sub);
      expect(payload).not.toHaveProperty('sid');
    },
  );

  it('names the session where the client asks for it, as its ID token did', async () => {
    const { notice, tokens } = await noticeTo('wants-sid', { backchannel_logout_session_required: true });
    const payload = await checked(notice.token, 'wants-sid', 'ES256');
    expect(payload.sid).toBe(tokens?.claims()?.sid);
    expect(payload.sid).toBeTruthy();
  });

  it('is encrypted for a client whose ID tokens are', async () => {
    const { publicKey, privateKey } = await generateKeyPair('RSA-OAEP-256', { extractable: true });
    const jwk = { ...(await exportJWK(publicKey)), use: 'enc', kid: 'e1', alg: 'RSA-OAEP-256' };
    const { notice } = await noticeTo('encrypts', {
      jwks: { keys: [jwk] },
      id_token_encrypted_response_alg: 'RSA-OAEP-256',
      id_token_encrypted_response_enc: 'A256GCM',
    });
    expect(decodeProtectedHeader(notice.token)).toMatchObject({
      alg: 'RSA-OAEP-256',
      enc: 'A256GCM',
      kid: 'e1',
    });
    const { plaintext } = await compactDecrypt(notice.token, privateKey);
    await checked(Buffer.from(plaintext).toString(), 'encrypts', 'ES256');
  });

  it('is no ID token: as a hint it is refused', async () => {
    const { notice } = await noticeTo('swaps', {});
    const { agent } = await signedIn(issuer, first, member);
    const page = await agent.open(`/sign-out?id_token_hint=${notice.token}`);
    expect(page.status).toBe(400);
  });
});
