import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newMember, type SignedIn } from '../../protocol/world.ts';
import { proofKey } from '../../support/dpop.ts';
import { startIssuer, type TestIssuer } from '../../support/issuer.ts';
import { copyOfProgram } from '../../support/program-folder.ts';
import type { RelyingParty } from '../../support/relying-party.ts';
import { ask, machineToken, memberToken, registerMachine, registerSite } from '../apis/world.ts';

const path = '/api/account/forms';
const scopes = 'account:forms account:profile.read account:consents';

const attributes = {
  pet: {
    type: 'choice',
    class: 'trait',
    label: { en: 'Your pet', de: 'Ihr Haustier' },
    constraints: {
      options: [
        { value: 'dog', label: { en: 'A dog', de: 'Ein Hund' } },
        { value: 'none', label: { en: 'None' } },
      ],
    },
    read: ['member', 'scope:account:forms'],
  },
  pet_name: {
    type: 'text',
    class: 'trait',
    label: { en: 'Its name' },
    constraints: { maxLength: 5 },
    read: ['member', 'client:app'],
  },
  born: {
    type: 'date',
    class: 'trait',
    label: { en: 'Born' },
    constraints: { max: 'today' },
    read: ['member', 'client:app'],
  },
  // The member's own: no app reads it.
  allergy: { type: 'text', class: 'sensitive', label: { en: 'Allergy' }, hint: { en: 'Nuts, milk …' } },
  remark: { type: 'text', class: 'trait', label: { en: 'Remark' }, read: ['member', 'client:app'] },
  lives_at: { type: 'address', class: 'identifier', label: { en: 'Home' }, read: ['member', 'client:app'] },
  diet: {
    type: 'text',
    class: 'sensitive',
    label: { en: 'Diet' },
    purpose: 'personalisation',
    read: ['member', 'client:app'],
  },
  tier: { type: 'text', class: 'trait', label: { en: 'Tier' }, write: ['client:ledger'] },
};
const forms = {
  pets: {
    title: { en: 'Your pets', de: 'Ihre Haustiere' },
    lead: { en: 'So that we know.' },
    steps: [
      { fields: [{ core: 'name' }, { core: 'locale' }, { attribute: 'pet', required: true }] },
      {
        title: { en: 'More' },
        fields: [
          {
            attribute: 'pet_name',
            required: true,
            hint: { en: 'As you call it' },
            when: { attribute: 'pet', equals: 'dog' },
          },
          { attribute: 'born' },
          { attribute: 'lives_at' },
          { attribute: 'diet' },
          { consent: 'personalisation' },
        ],
      },
    ],
  },
  health: {
    title: { en: 'Health' },
    steps: [
      {
        fields: [
          { attribute: 'allergy', required: true },
          { attribute: 'remark', when: { attribute: 'allergy', present: true } },
        ],
      },
    ],
  },
  mail: { title: { en: 'Mail' }, steps: [{ fields: [{ consent: 'marketing-email' }] }] },
};

let issuer: TestIssuer;
let app: RelyingParty;
let count = 0;
const folder = copyOfProgram();

beforeAll(async () => {
  folder.edit('program.json', (program) => {
    program.attributes = { ...(program.attributes as object | undefined), ...attributes };
    program.forms = { ...(program.forms as object | undefined), ...forms };
  });
  issuer = await startIssuer({ env: { SYMBOLON_PROGRAM_DIR: folder.path } });
  app = await registerSite(issuer, 'app', { scope: `openid profile email ${scopes}` });
});
afterAll(() => folder.remove());

function there<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('it is not there');
  return value;
}

interface Form {
  language: string;
  title: string;
  steps: { title: string | null; fields: Record<string, unknown>[] }[];
  answers: {
    attributes: Record<string, unknown>;
    consents: Record<string, boolean>;
    name?: string | null;
    locale?: string;
  };
}

/** A member of their own for each test, with a token of the app. */
async function someone(scope = scopes) {
  count += 1;
  // More than thirty registrations an hour from one address are refused.
  issuer.clock.advance(180_000);
  const member = await newMember(issuer, app, `person${count}@example.com`);
  const token = (await memberToken(issuer, app, member, { api: 'account', scope })).access_token;
  return { member, token, ...callsOf(member, token) };
}

function callsOf(member: SignedIn, token: string) {
  const recordOf = async () => there(await issuer.issuer.people.members.get(member.memberId));
  return {
    read: async (name = 'pets', headers: Record<string, string> = {}) => {
      const answer = await ask(issuer, `${path}/${name}`, { token, headers });
      return { ...answer, form: answer.json as unknown as Form, etag: answer.headers.get('etag') ?? '' };
    },
    send: (json: unknown, more: { name?: string; headers?: Record<string, string> } = {}) =>
      ask(issuer, `${path}/${more.name ?? 'pets'}/answers`, {
        token,
        method: 'POST',
        json,
        headers: more.headers ?? {},
      }),
    values: async () => issuer.issuer.people.members.attributes(await recordOf()),
    sources: async () => (await recordOf()).sources,
    /** Beside those of the registration. */
    decisions: async (purpose: string) =>
      (await issuer.issuer.people.consents.history(member.memberId)).filter(
        ({ subjectId, channel }) => subjectId === purpose && channel === 'api',
      ),
  };
}

const fieldsOf = (form: Form) => form.steps.flatMap(({ fields }) => fields);
const fieldOf = (form: Form, name: string) => there(fieldsOf(form).find((field) => field.name === name));
const faultsOf = ({ json }: { json: Record<string, unknown> }) =>
  (json.errors as { path: string; code: string }[]).map(({ path: at, code }) => `${at} ${code}`);

/** A yes to the text that a field brought. */
const yesTo = (form: Form, purpose: string, change: Record<string, string> = {}) => {
  const { version, language, hash } = fieldOf(form, purpose).consent as Record<string, string>;
  return { [purpose]: { state: 'given', version, language, hash, ...change } };
};

describe('the forms of an app', () => {
  it('are listed in the language asked for, without the registration', async () => {
    const { token } = await someone();
    const answer = await ask(issuer, path, { token, headers: { 'accept-language': 'de' } });
    const items = answer.json.items as { name: string }[];
    expect(items).toContainEqual({ name: 'pets', title: 'Ihre Haustiere', lead: 'So that we know.' });
    expect(items.map(({ name }) => name)).not.toContain('registration');
  });

  it('are drawn with every rule, each text in the language asked for', async () => {
    const { read } = await someone();
    const { form } = await read('pets', { 'accept-language': 'de' });
    expect([form.title, form.language, form.steps.map(({ title }) => title)]).toEqual([
      'Ihre Haustiere',
      'de',
      [null, 'More'],
    ]);
    expect(fieldOf(form, 'pet')).toMatchObject({
      kind: 'attribute',
      type: 'choice',
      label: 'Ihr Haustier',
      required: true,
      when: null,
      options: [
        { value: 'dog', label: 'Ein Hund' },
        { value: 'none', label: 'None' },
      ],
    });
    expect(fieldOf(form, 'pet_name')).toMatchObject({
      hint: 'As you call it',
      constraints: { maxLength: 5 },
      when: { attribute: 'pet', equals: 'dog' },
    });
    expect(fieldOf(form, 'born').constraints).toEqual({
      max: new Date(issuer.clock.now()).toISOString().slice(0, 10),
    });
    expect(fieldOf(form, 'name')).toMatchObject({ kind: 'core', type: 'text', autocomplete: 'name' });
    expect(fieldOf(form, 'locale').options).toContainEqual({ value: 'ja', label: '日本語' });
    expect(fieldOf(form, 'lives_at').parts).toContainEqual({
      part: 'postal_code',
      label: 'Postleitzahl',
      required: false,
      maxLength: 20,
    });
  });

  it('ask consents with the text in force, and lead to it', async () => {
    const { read } = await someone();
    const { consent, label } = fieldOf((await read('mail')).form, 'marketing-email');
    const text = consent as Record<string, string>;
    expect([label, text.text]).toEqual([expect.stringMatching(/./), expect.stringMatching(/./)]);
    const page = await issuer.agent().open(there(text.url));
    expect([page.status, page.text]).toEqual([200, expect.stringContaining(there(text.title))]);
  });

  it('are known by version, and not found under another name', async () => {
    const { token, read } = await someone();
    const { etag } = await read();
    const known = await fetch(new URL(`${path}/pets`, issuer.url), {
      headers: { authorization: `Bearer ${token}`, 'if-none-match': etag },
    });
    expect([known.status, etag]).toEqual([304, expect.stringMatching(/^"[\w-]{22}"$/)]);
    for (const name of ['registration', 'nothing', '__proto__', 'constructor', 'toString'])
      expect((await read(name)).json.code).toBe('form.unknown');
  });
});

describe('answers', () => {
  it('are kept with who said them, through which app, under which release', async () => {
    const { read, send, values, sources, decisions } = await someone();
    const { form } = await read();
    const answer = await send({
      name: ' Ada ',
      locale: 'de',
      attributes: { pet: 'dog', pet_name: 'Rex', born: '2020-02-29' },
      consents: yesTo(form, 'personalisation'),
    });
    expect([answer.status, answer.json.answers]).toEqual([
      200,
      {
        name: 'Ada',
        locale: 'de',
        attributes: { pet: 'dog', pet_name: 'Rex', born: '2020-02-29' },
        consents: { personalisation: true },
      },
    ]);
    const again = await read();
    expect([again.json, again.etag]).toEqual([answer.json, answer.headers.get('etag')]);
    expect(await values()).toMatchObject({ pet: 'dog', pet_name: 'Rex' });
    expect((await sources())?.pet).toMatchObject({
      by: 'member',
      client: 'app',
      release: expect.any(String),
    });
    expect((await decisions('personalisation'))[0]).toMatchObject({
      kind: 'given',
      channel: 'api',
      clientId: 'app',
    });
  });

  it('are refused as a whole with every fault, without repeating a value', async () => {
    const { send, values } = await someone();
    const answer = await send({
      locale: 'xx',
      attributes: { pet: 'dog', born: '2999-01-01', lives_at: { street_address: 'Secret Road 7' }, pets: 3 },
      consents: { personalization: { state: 'refused' } },
    });
    expect([answer.status, answer.json.code]).toEqual([422, 'input.invalid']);
    expect(faultsOf(answer)).toEqual([
      '/attributes/pets field.unknown',
      '/consents/personalization field.unknown',
      '/locale field.invalid',
      '/attributes/pet_name field.required',
      '/attributes/born field.too_late',
      '/attributes/lives_at/locality field.required',
    ]);
    expect(answer.text).toMatch(/did you mean \\"pet\\"\?.*did you mean \\"personalisation\\"\?/);
    expect(answer.text).not.toContain('Secret Road');
    expect(await values()).toEqual({});
  });

  it('to a field whose condition does not hold are neither asked nor kept', async () => {
    const { send, values } = await someone();
    expect((await send({ attributes: { pet: 'none', pet_name: 'much too long' } })).status).toBe(200);
    expect(await values()).toEqual({ pet: 'none' });
  });

  it('that are left out stay, and null takes one away', async () => {
    const { send, values } = await someone();
    await send({ attributes: { pet: 'dog', pet_name: 'Rex', born: '2020-02-29' } });
    await send({ attributes: { born: null } });
    expect(await values()).toEqual({ pet: 'dog', pet_name: 'Rex' });
    expect(faultsOf(await send({ attributes: { pet: null } }))).toContain('/attributes/pet field.required');
  });

  it('that say what is known already leave no event', async () => {
    const { send, read, member } = await someone();
    const { form } = await read();
    const json = { attributes: { pet: 'none' }, consents: yesTo(form, 'personalisation') };
    const events = () =>
      issuer.issuer.core.db.main.collection('events').countDocuments({ memberId: member.memberId });
    await send(json);
    const before = await events();
    expect((await send(json)).status).toBe(200);
    expect(await events()).toBe(before);
  });

  it('of two to the same version, one wins', async () => {
    const { send, read, values } = await someone();
    const { etag } = await read();
    const answers = await Promise.all(
      ['2001-01-01', '2002-02-02'].map((born) =>
        send({ attributes: { pet: 'none', born } }, { headers: { 'if-match': etag } }),
      ),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 412]);
    const before = await values();
    const stale = await send({ attributes: { pet: 'dog' } }, { headers: { 'if-match': etag } });
    expect([stale.status, stale.json.code]).toEqual([412, 'precondition.failed']);
    expect(await values()).toEqual(before);
  });

  it('sent again with the same key are answered alike, so that a late one gives no consent back', async () => {
    const { send, read, decisions } = await someone();
    const json = { consents: yesTo((await read('mail')).form, 'marketing-email') };
    const late = { name: 'mail', headers: { 'idempotency-key': '"first"' } };
    const first = await send(json, late);
    await send({ consents: { 'marketing-email': { state: 'refused' } } }, { name: 'mail' });
    const again = await send(json, late);
    expect([again.status, again.text, again.headers.get('idempotency-replayed')]).toEqual([
      200,
      first.text,
      'true',
    ]);
    expect((await decisions('marketing-email')).map(({ kind }) => kind)).toEqual(['withdrawn', 'given']);
  });
});

describe('a consent in a form', () => {
  it.each([
    ['version', '0.9'],
    ['hash', 'AAAA'],
    ['language', 'fr-CH'],
  ])('is not given to a text of another %s than the one in force', async (part, value) => {
    const { send, read, decisions } = await someone();
    const { form } = await read();
    const answer = await send({
      attributes: { pet: 'none' },
      consents: yesTo(form, 'personalisation', { [part]: value }),
    });
    expect(faultsOf(answer)).toEqual(['/consents/personalisation consent.text_changed']);
    expect(await decisions('personalisation')).toEqual([]);
  });

  it('is recorded in the language in which it was shown', async () => {
    const { send, read, decisions } = await someone();
    const { form } = await read('mail', { 'accept-language': 'de' });
    await send({ consents: yesTo(form, 'marketing-email') }, { name: 'mail' });
    const [given] = await decisions('marketing-email');
    expect(given).toMatchObject({
      language: 'de',
      textHash: yesTo(form, 'marketing-email')['marketing-email']?.hash,
    });
  });

  it('is no answer without its text, and silence decides nothing', async () => {
    const { send, decisions } = await someone();
    const bare = await send({ consents: { 'marketing-email': { state: 'given' } } }, { name: 'mail' });
    expect(bare.status).toBe(422);
    expect((await send({}, { name: 'mail' })).status).toBe(200);
    expect(await decisions('marketing-email')).toEqual([]);
  });

  it('opens what belongs to its purpose in the same answer', async () => {
    const { send, read } = await someone();
    const { form } = await read();
    const closed = await send({ attributes: { pet: 'none', diet: 'vegan' } });
    expect((closed.json as unknown as Form).answers.attributes).toEqual({ pet: 'none' });
    const open = await send({ consents: yesTo(form, 'personalisation') });
    expect((open.json as unknown as Form).answers.attributes).toEqual({ pet: 'none', diet: 'vegan' });
  });
});

describe('what an app may not read', () => {
  const knowing = async (scope?: string) => {
    const person = await someone(scope);
    await person.send({ attributes: { allergy: 'nuts' } }, { name: 'health' });
    return person;
  };

  it('is not among the answers, and leaves no trace in the version', async () => {
    const { read, values } = await knowing();
    const before = await read('health');
    expect(await values()).toEqual({ allergy: 'nuts' });
    expect(before.form.answers.attributes).toEqual({});
    const stranger = await someone();
    expect((await stranger.read('health')).etag).toBe(before.etag);
  });

  it('counts as unanswered: nobody learns it from what is required or when something is asked', async () => {
    const person = await knowing();
    const stranger = await someone();
    for (const json of [{}, { attributes: { remark: 7 } }, { attributes: { allergy: null } }]) {
      const answers = await Promise.all([person, stranger].map(({ send }) => send(json, { name: 'health' })));
      expect(answers.map(({ status, json: body }) => [status, body.errors])).toEqual([
        [422, answers[1]?.json.errors],
        [422, answers[0]?.json.errors],
      ]);
    }
  });

  it('is not taken away by leaving it out, and is written over by an answer', async () => {
    const person = await someone();
    await person.send({ attributes: { pet: 'none', diet: 'vegan' } });
    await person.send({ attributes: { pet: 'dog', pet_name: 'Rex' }, name: null });
    expect(await person.values()).toMatchObject({ diet: 'vegan' });
    await person.send({ attributes: { diet: 'halal' } });
    expect(await person.values()).toMatchObject({ diet: 'halal' });
  });

  it('is name, language and consents too, without their scopes', async () => {
    const { member, send, read } = await someone();
    await send({
      name: 'Ada',
      locale: 'de',
      attributes: { pet: 'none' },
      consents: yesTo((await read()).form, 'personalisation'),
    });
    const narrow = await memberToken(issuer, app, member, { api: 'account', scope: 'account:forms' });
    const bare = callsOf(member, narrow.access_token);
    expect((await bare.read()).form.answers).toEqual({ attributes: { pet: 'none' }, consents: {} });
    expect((await bare.send({})).status).toBe(200);
    const { name, locale } = (await read()).form.answers;
    expect([name, locale]).toEqual(['Ada', 'de']);
    await bare.send({ consents: { personalisation: { state: 'refused' } } });
    expect((await bare.decisions('personalisation')).map(({ kind }) => kind)).toEqual(['withdrawn', 'given']);
  });
});

describe('an attack', () => {
  it('with what the form does not ask, or the member may not change, is refused', async () => {
    const { send, values } = await someone();
    const answer = await send({
      attributes: { pet: 'none', tier: 'gold', allergy: 'x', given_name: 'Eve' },
      email: 'eve@example.com',
    });
    expect([answer.status, faultsOf(answer)]).toEqual([422, ['/email field.unknown']]);
    expect(faultsOf(await send({ attributes: { pet: 'none', tier: 'gold', allergy: 'x' } }))).toEqual([
      '/attributes/tier field.unknown',
      '/attributes/allergy field.unknown',
    ]);
    expect(await values()).toEqual({});
  });

  it.each([
    ['{"attributes":{"__proto__":{"pet":"dog"}}}', 400],
    ['{"attributes":{"constructor":{"pet":"dog"}}}', 400],
    ['{"attributes":{"$where":"1"}}', 400],
    ['{"__proto__":{"attributes":{"pet":"dog"}}}', 400],
    ['{"attributes":{"pet":{"$ne":null}}}', 400],
    ['{"attributes":{"pet":["dog"]}}', 422],
    ['{"attributes":[]}', 422],
    ['{"consents":{"toString":{"state":"refused"}}}', 422],
    ['[]', 422],
    ['{"attributes":', 400],
  ])('by the shape of the document is refused: %s', async (body, status) => {
    const { token, values } = await someone();
    const answer = await fetch(new URL(`${path}/pets/answers`, issuer.url), {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body,
    });
    expect([answer.status, await values()]).toEqual([status, {}]);
  });

  it('with ten megabytes is refused', async () => {
    const { send } = await someone();
    const answer = await send({ name: 'x'.repeat(10_000_000) }).catch(() => undefined);
    // The connection is cut while the body is still on its way: the answer may not arrive.
    expect([undefined, 413]).toContain(answer?.status);
    expect((await send({ attributes: { pet: 'none' } })).status).toBe(200);
  });

  it('with another member’s token changes that member and nobody else', async () => {
    const [ann, bob] = [await someone(), await someone()];
    await ann.send({ attributes: { pet: 'dog', pet_name: 'Rex' } });
    const { etag } = await ann.read();
    expect((await bob.send({ attributes: { pet: 'none' } }, { headers: { 'if-match': etag } })).status).toBe(
      412,
    );
    await bob.send({ attributes: { pet: 'none' } });
    expect(await ann.values()).toEqual({ pet: 'dog', pet_name: 'Rex' });
  });

  it('without the scope, without a member or without a token opens nothing', async () => {
    const { member } = await someone();
    const narrow = await memberToken(issuer, app, member, { api: 'account', scope: 'account:profile.read' });
    const without = callsOf(member, narrow.access_token);
    expect((await without.read()).json.code).toBe('token.insufficient');
    expect((await without.send({})).json.code).toBe('token.insufficient');
    expect((await ask(issuer, path, {})).json.code).toBe('token.missing');
    await registerMachine(issuer, 'robot', 'account:forms');
    const own = await machineToken(issuer, 'robot', { api: 'account', scope: 'account:forms' });
    expect(own.json).not.toHaveProperty('access_token');
    const poor = await registerSite(issuer, 'poor', { scope: 'openid account:profile.read' });
    const scope = 'account:forms account:profile.read';
    const { access_token: token } = await memberToken(issuer, poor, member, { api: 'account', scope });
    expect((await ask(issuer, path, { token })).json.code).toBe('token.insufficient');
  });

  it('with a stolen token that is bound to a key opens nothing', async () => {
    const key = await proofKey(issuer.clock.now);
    const { member } = await someone();
    const { access_token: token } = await memberToken(issuer, app, member, {
      api: 'account',
      scope: scopes,
      key,
    });
    expect((await ask(issuer, path, { token })).json.code).toBe('token.invalid');
    const proof = await key.proof('GET', `${issuer.url}${path}`, { token });
    const headers = { authorization: `DPoP ${token}`, dpop: proof };
    expect((await ask(issuer, path, { headers })).status).toBe(200);
  });
});
