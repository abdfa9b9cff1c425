import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { systemVisit } from '../../../src/base/kernel/visit.ts';
import { newMember, type SignedIn } from '../../protocol/world.ts';
import { startIssuer, type TestIssuer } from '../../support/issuer.ts';
import { copyOfProgram } from '../../support/program-folder.ts';
import type { RelyingParty } from '../../support/relying-party.ts';
import {
  accountScopes,
  ask,
  machineToken,
  memberToken,
  registerMachine,
  registerSite,
} from '../apis/world.ts';

const profilePath = '/api/account/profile';
const consentsPath = '/api/account/consents';

const label = { en: 'A label' };
const attributes = {
  motto: { type: 'text', class: 'trait', label, read: ['client:app'], write: ['client:app'] },
  pets: {
    type: 'number',
    class: 'trait',
    label,
    constraints: { min: 0, max: 20, step: 1 },
    read: ['scope:account:profile.read'],
    write: ['scope:account:profile.write'],
  },
  letters_to: { type: 'address', class: 'identifier', label, read: ['client:app'], write: ['client:app'] },
  fodder: {
    type: 'text',
    class: 'sensitive',
    label,
    purpose: 'personalisation',
    read: ['client:app'],
    write: ['client:app'],
  },
  tier: {
    type: 'text',
    class: 'trait',
    label,
    read: ['client:app'],
    write: ['client:ledger', 'client:partner'],
  },
  nickname: { type: 'text', class: 'trait', label, constraints: { maxLength: 5 } },
  sign: { type: 'text', class: 'trait', label },
  diary: { type: 'text', class: 'trait', label },
};

let issuer: TestIssuer;
let app: RelyingParty;
let other: RelyingParty;
let ann: SignedIn;
let token: string;
const folder = copyOfProgram();

beforeAll(async () => {
  folder.edit('program.json', (program) => {
    program.profiling = { first: { ask: ['nickname', 'sign', 'diary'], when: { clients: ['quiz'] } } };
    program.attributes = { ...(program.attributes as object), ...attributes };
  });
  issuer = await startIssuer({ env: { SYMBOLON_PROGRAM_DIR: folder.path } });
  app = await registerSite(issuer, 'app');
  other = await registerSite(issuer, 'other');
  await registerMachine(issuer, 'ledger', 'members:attributes.write');
  await registerMachine(issuer, 'intruder', 'members:attributes.write');
  ann = await newMember(issuer, app, 'ann@example.com');
  token = await tokenAt(app);
});

afterAll(() => folder.remove());

function there<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('it is not there');
  return value;
}

const tokenAt = async (site: RelyingParty, scope = accountScopes) =>
  (await memberToken(issuer, site, ann, { api: 'account', scope })).access_token;
const read = () => ask(issuer, profilePath, { token });
const patch = (json: unknown, headers: Record<string, string> = {}) =>
  ask(issuer, profilePath, { token, method: 'PATCH', json, headers });
const recordOf = async () => there(await issuer.issuer.people.members.get(ann.memberId));
const countOf = (type: string) =>
  issuer.issuer.core.db.main.collection('events').countDocuments({ type, memberId: ann.memberId });
const machine = async (id: string) =>
  String(
    (await machineToken(issuer, id, { api: 'account', scope: 'members:attributes.write' })).json.access_token,
  );

describe('the profile', () => {
  it('changes what the client may write, typed, with where it came from', async () => {
    const answer = await patch({ name: ' Ann  ', locale: 'de', attributes: { motto: 'Onward', pets: 3 } });
    expect([answer.status, answer.json]).toMatchObject([
      200,
      { sub: ann.memberId, name: 'Ann', locale: 'de', attributes: { motto: 'Onward', pets: 3 } },
    ]);
    const writable = answer.json.writable as string[];
    expect(writable.toSorted()).toEqual(['fodder', 'letters_to', 'motto', 'pets', 'seat']);
    expect((await read()).json).toEqual(answer.json);
    expect((await recordOf()).sources?.motto).toMatchObject({
      by: 'client',
      client: 'app',
      release: expect.any(String),
    });
  });

  it('records one event for a change, and none for what is there already', async () => {
    await patch({ attributes: { motto: 'Twice' } });
    const before = await countOf('member.attributes_changed');
    await patch({ attributes: { motto: 'Twice' } });
    expect(await countOf('member.attributes_changed')).toBe(before);
  });

  it('refuses all of a change with every fault, and repeats no value', async () => {
    const before = (await read()).json;
    const answer = await patch({
      locale: 'xx',
      attributes: {
        motto: 'Lost',
        pets: 21,
        letters_to: { street_address: 'Secret Road 7', country: 'DE' },
        tier: 'gold',
        diary: 'mine',
        nothing: 1,
      },
    });
    expect(answer.status).toBe(422);
    const errors = answer.json.errors as { path: string; code: string }[];
    expect(errors.map(({ path, code }) => `${path} ${code}`)).toEqual([
      '/locale field.invalid',
      '/attributes/pets field.too_large',
      '/attributes/letters_to/locality field.required',
      '/attributes/tier permission.missing',
      '/attributes/diary permission.missing',
      '/attributes/nothing attribute.unknown',
    ]);
    expect(answer.text).not.toContain('Secret Road');
    expect((await read()).json).toEqual(before);
  });

  it.each(['\u202egnp.exe', 'a\u2066b', 'line\u2028end', '\ud800', 'a\u0007'])(
    'takes no name that reads as something else (%j)',
    async (name) => {
      const answer = await patch({ name });
      expect(answer.json.errors).toMatchObject([{ path: '/name', code: 'field.invalid' }]);
      expect((await patch({ name: '\u200b\u2060' })).json.name).toBeNull();
    },
  );

  it('removes with null', async () => {
    await patch({ attributes: { pets: 2 } });
    const answer = await patch({ name: null, attributes: { pets: null } });
    expect(answer.json.name).toBeNull();
    expect(answer.json.attributes).not.toHaveProperty('pets');
    expect((await recordOf()).traits).not.toHaveProperty('pets');
  });

  it('lets one of two changes of the same version win', async () => {
    const etag = (await read()).headers.get('etag') ?? '';
    const answers = await Promise.all(
      ['left', 'right'].map((motto) => patch({ attributes: { motto } }, { 'If-Match': etag })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 412]);
    expect((await ask(issuer, profilePath, { token, headers: { 'If-None-Match': etag } })).status).toBe(200);
    const now = (await read()).headers.get('etag') ?? '';
    const known = await fetch(new URL(profilePath, issuer.url), {
      headers: { authorization: `Bearer ${token}`, 'if-none-match': now },
    });
    expect(known.status).toBe(304);
  });

  it('shows another client only what names it or its scopes', async () => {
    await patch({ attributes: { motto: 'For the app', pets: 4 } });
    const answer = await ask(issuer, profilePath, { token: await tokenAt(other) });
    expect([answer.json.attributes, answer.json.writable]).toEqual([{ pets: 4 }, ['pets', 'seat']]);
  });

  it('shows nothing to a token that may only write', async () => {
    const narrow = await tokenAt(app, 'account:profile.write');
    expect((await ask(issuer, profilePath, { token: narrow })).status).toBe(403);
    const json = { attributes: { motto: 'Unseen' } };
    const answer = await ask(issuer, profilePath, { token: narrow, method: 'PATCH', json });
    expect([answer.status, answer.text, answer.headers.has('etag')]).toEqual([204, '', false]);
  });

  it('shows what belongs to a purpose only while the member agrees to it', async () => {
    await patch({ attributes: { fodder: 'vegan' } });
    expect((await read()).json.attributes).not.toHaveProperty('fodder');
    await give('personalisation');
    expect((await read()).json.attributes).toHaveProperty('fodder', 'vegan');
    await decide('personalisation', { state: 'withdrawn' });
    expect((await read()).json.attributes).not.toHaveProperty('fodder');
  });
});

const decide = (purpose: string, json: unknown) =>
  ask(issuer, `${consentsPath}/${purpose}`, { token, method: 'PUT', json });
const shown = async (purpose: string) => {
  const { items } = (await ask(issuer, consentsPath, { token })).json as { items: Record<string, string>[] };
  return there(items.find((item) => item.purpose === purpose));
};
const give = async (purpose: string, change: Record<string, string> = {}) => {
  const { version, language, hash } = await shown(purpose);
  return decide(purpose, { state: 'given', version, language, hash, ...change });
};

describe('consents', () => {
  it('are given to the exact text that was shown, once', async () => {
    expect((await shown('marketing-email')).text).not.toBe('');
    const answer = await give('marketing-email');
    expect([answer.status, answer.json.state]).toEqual([200, 'given']);
    const before = await issuer.issuer.people.consents.history(ann.memberId);
    expect(before[0]).toMatchObject({ channel: 'api', clientId: 'app', textHash: answer.json.hash });
    await give('marketing-email');
    expect(await issuer.issuer.people.consents.history(ann.memberId)).toHaveLength(before.length);
  });

  it.each([
    ['version', '0.9'],
    ['hash', 'AAAA'],
    ['language', 'fr-CH'],
  ])('are not given to a text of another %s', async (field, value) => {
    await decide('partner-sharing', { state: 'withdrawn' });
    const answer = await give('partner-sharing', { [field]: value });
    expect([answer.status, answer.json.code]).toEqual([409, 'consent.text_changed']);
    expect((await shown('partner-sharing')).state).not.toBe('given');
  });

  it('are not given without saying to what', async () => {
    expect((await decide('marketing-email', { state: 'given' })).status).toBe(422);
  });

  it('are withdrawn without naming a text', async () => {
    await give('marketing-email');
    const answer = await decide('marketing-email', { state: 'withdrawn' });
    expect([answer.status, answer.json.state]).toEqual([200, 'withdrawn']);
  });

  it('cannot be given to terms or to what is not there', async () => {
    expect((await decide('program-terms', { state: 'withdrawn' })).json.code).toBe(
      'consent.not_withdrawable',
    );
    expect((await decide('nothing', { state: 'withdrawn' })).status).toBe(404);
  });

  it('to another brand stay as they are, whatever an app of this one says', async () => {
    const { core, people } = issuer.issuer;
    const at = { brand: 'aurora-air', market: 'us', jurisdiction: 'us', locale: 'en' };
    const found = there(core.purposes.find('personalisation', at));
    const text = { ...found, id: 'letters-of-volt', brands: ['volt'] };
    await people.consents.decide({
      memberId: ann.memberId,
      home: (await recordOf()).home,
      decisions: [{ text, kind: 'given' } as never],
      visit: systemVisit('test'),
      channel: 'web',
    });
    expect((await decide(text.id, { state: 'withdrawn' })).status).toBe(404);
    const { purposes } = await people.consents.current(ann.memberId);
    expect(purposes.find(({ purposeId }) => purposeId === text.id)).toMatchObject({ kind: 'given' });
  });

  it('need their scope', async () => {
    const narrow = await tokenAt(app, 'account:profile.read');
    expect((await ask(issuer, consentsPath, { token: narrow })).status).toBe(403);
  });
});

describe('questions that wait', () => {
  it('are put two at a time, answered or skipped, and then never again', async () => {
    const quiz = await registerSite(issuer, 'quiz', {
      scope: 'openid account:questions account:profile.read',
    });
    const opened = await tokenAt(quiz, 'account:questions');
    const path = '/api/account/questions';
    const names = ({ json }: { json: Record<string, unknown> }) =>
      (json.items as { attribute: string }[]).map(({ attribute }) => attribute);
    const answer = (answers: unknown) =>
      ask(issuer, path, { token: opened, method: 'POST', json: { answers } });
    expect(names(await ask(issuer, path, { token: opened }))).toEqual(['nickname', 'sign']);
    const refused = await answer({ nickname: 'far too long', sign: 'lion', motto: 'x' });
    expect(refused.json.errors).toEqual([
      { path: '/answers/nickname', code: 'field.too_long', expected: 'at most 5' },
      { path: '/answers/motto', code: 'attribute.unknown' },
    ]);
    expect((await recordOf()).traits).not.toHaveProperty('sign');
    expect(names(await answer({ nickname: 'Annie', sign: null }))).toEqual(['diary']);
    expect(names(await answer({ diary: null }))).toEqual([]);
    const { traits, sources } = await recordOf();
    expect([traits.nickname, sources?.nickname]).toMatchObject(['Annie', { by: 'member', client: 'quiz' }]);
    expect((await ask(issuer, path, { token })).status).toBe(403);
  });
});

describe('an attribute that a server owns', () => {
  const write = async (id: string, name: string, value: unknown, sub = ann.memberId) =>
    ask(issuer, `/api/members/${sub}/attributes/${name}`, {
      token: await machine(id),
      method: 'PUT',
      json: { value },
    });

  it('is written by its owner, once', async () => {
    expect((await write('ledger', 'tier', 'gold')).status).toBe(204);
    const before = await countOf('member.attributes_changed');
    expect((await write('ledger', 'tier', 'gold')).status).toBe(204);
    expect(await countOf('member.attributes_changed')).toBe(before);
    const { traits, sources } = await recordOf();
    expect([traits.tier, sources?.tier]).toMatchObject(['gold', { by: 'client', client: 'ledger' }]);
    expect((await read()).json.attributes).toHaveProperty('tier', 'gold');
  });

  it('is written by nobody else, and neither is another by the owner', async () => {
    expect((await write('intruder', 'tier', 'gold')).json.code).toBe('permission.missing');
    expect((await write('ledger', 'motto', 'mine')).json.code).toBe('permission.missing');
    expect((await write('ledger', 'pets', 1)).json.code).toBe('permission.missing');
    const json = { value: 'gold' };
    const path = `/api/members/${ann.memberId}/attributes/tier`;
    expect((await ask(issuer, path, { token, method: 'PUT', json })).status).toBe(403);
  });

  it('is written for the subject that a pairwise client knows, and for no other', async () => {
    const partner = await registerSite(issuer, 'partner', {
      subject_type: 'pairwise',
      grant_types: ['authorization_code', 'client_credentials'],
      scope: 'openid members:attributes.write',
    });
    const sub = (await partner.silently(ann.agent, { scope: 'openid' })).claims()?.sub ?? '';
    expect(sub).not.toBe(ann.memberId);
    expect((await write('partner', 'tier', 'silver', sub)).status).toBe(204);
    expect((await recordOf()).traits.tier).toBe('silver');
    expect((await write('partner', 'tier', 'silver')).json.code).toBe('member.unknown');
    expect((await write('ledger', 'tier', 'silver', sub)).json.code).toBe('member.unknown');
  });

  it('belongs to a member who is there, and obeys its rules', async () => {
    expect((await write('ledger', 'tier', 'gold', 'mbr_nobody')).json.code).toBe('member.unknown');
    expect((await write('ledger', 'nothing', 'x')).json.code).toBe('attribute.unknown');
    const answer = await write('ledger', 'tier', 7);
    expect(answer.json.errors).toEqual([{ path: '/value', code: 'field.invalid' }]);
  });
});
