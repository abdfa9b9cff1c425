/** What is done to people: devices confirmed by the wrong browser, forms posted by other sites, sessions made up. */
import type { Page } from '../../../support/agent.ts';
import type { Arena } from '../arena.ts';
import { flip } from '../forge.ts';
import { type Attack, client, fine, json, page, type Theme } from '../table.ts';

const deviceGrant = 'urn:ietf:params:oauth:grant-type:device_code';
const elsewhere = { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' };

const poll = (device_code: string, client_id = 'seatback') => ({
  grant_type: deviceGrant,
  device_code,
  client_id,
});

const formOf = (shown: Page, action: string) => {
  const found = shown.forms.find((form) => form.action.includes(action));
  if (!found) throw new Error(`no form ${action} on ${shown.title}`);
  return found;
};

/** The question whether the device is one's own, in a browser of its own. */
async function question(arena: Arena) {
  const asked = await arena.asked();
  const agent = arena.stranger();
  const shown = await agent.submit(await agent.open('/device'), { user_code: asked.user_code }, '/device');
  return { asked, agent, shown, form: formOf(shown, '/device') };
}

const device: readonly Attack[] = [
  {
    attempt: 'Device code',
    sent: 'polled by another client',
    seen: json(400, 'invalid_grant'),
    section: 'RFC 8628 §3.5',
    async ready(arena) {
      const { device_code } = await arena.asked();
      return () => arena.post('/token', poll(device_code, 'other-screen'), '');
    },
  },
  {
    attempt: 'Device code',
    sent: 'that never was',
    seen: json(400, 'invalid_grant'),
    section: 'RFC 8628 §3.5',
    ready: async (arena) => () => arena.post('/token', poll('never-was'), ''),
  },
  {
    attempt: 'Device code',
    sent: 'the user code instead',
    seen: json(400, 'invalid_grant'),
    section: 'RFC 8628 §3.5',
    async ready(arena) {
      const { user_code } = await arena.asked();
      return () => arena.post('/token', poll(user_code), '');
    },
  },
  {
    attempt: 'Device code',
    sent: 'with one letter changed',
    seen: json(400, 'invalid_grant'),
    section: 'RFC 8628 §3.5',
    async ready(arena) {
      const { device_code } = await arena.asked();
      return () => arena.post('/token', poll(flip(device_code, 5)), '');
    },
  },
  {
    attempt: 'Device code',
    sent: 'after it has expired',
    seen: json(400, 'expired_token'),
    section: 'RFC 8628 §3.5',
    async ready(arena) {
      const { device_code } = await arena.asked();
      arena.move(620);
      return () => arena.post('/token', poll(device_code), '');
    },
  },
  {
    attempt: 'Device code',
    sent: 'as an authorization code',
    seen: json(400, 'invalid_grant'),
    section: 'RFC 6749 §5.2',
    async ready(arena) {
      const { device_code: code } = await arena.asked();
      const form = await arena.code();
      return () => arena.post('/token', { ...form, code });
    },
  },
  {
    attempt: 'Device code',
    sent: 'once more after its tokens were handed out',
    seen: json(400, 'invalid_grant'),
    section: 'RFC 8628 §3.5',
    written: 'family ends',
    async ready(arena) {
      const asked = await arena.asked();
      const { agent } = await arena.freshly();
      const shown = await agent.submit(
        await agent.open('/device'),
        { user_code: asked.user_code },
        '/device',
      );
      await agent.submit(shown, { decision: 'allow' }, '/device');
      await arena.post('/token', poll(asked.device_code), '');
      return () => arena.post('/token', poll(asked.device_code), '');
    },
  },
  {
    attempt: 'Device phishing: another browser than the one that entered the code',
    sent: 'opens the question',
    seen: page(),
    section: 'RFC 8628 §5.4',
    async ready(arena) {
      const { shown } = await question(arena);
      return () => arena.stranger().request(shown.url);
    },
  },
  {
    attempt: 'Device phishing: another browser than the one that entered the code',
    sent: 'posts the answer',
    seen: page(403),
    section: 'RFC 8628 §5.4',
    async ready(arena) {
      const { form } = await question(arena);
      return () => arena.stranger().request(form.action, { form: { ...form.fields, decision: 'allow' } });
    },
  },
  {
    attempt: 'Device phishing: a code that was given away',
    sent: 'is entered by a second browser',
    seen: page(422),
    section: 'RFC 8628 §5.4',
    async ready(arena) {
      const { asked } = await question(arena);
      const agent = arena.stranger();
      const { action, fields } = formOf(await agent.open('/device'), '/device');
      return () => agent.request(action, { form: { ...fields, user_code: asked.user_code } });
    },
  },
  {
    attempt: 'Guessed user code',
    sent: 'one that nobody was given',
    seen: page(422),
    section: 'RFC 8628 §5.1',
    async ready(arena) {
      const agent = arena.stranger();
      const { action, fields } = formOf(await agent.open('/device'), '/device');
      return () => agent.request(action, { form: { ...fields, user_code: 'BCDF-GHJK' } });
    },
  },
];

/** Forms of the protocol that change something; every route of the pages is tried in test/pages. */
const forms: readonly [
  string,
  (arena: Arena) => Promise<{
    arena: Arena;
    agent: Arena['member']['agent'];
    action: string;
    fields: Record<string, string>;
    token: string;
  }>,
][] = [
  [
    'the sign-out',
    async (arena) => {
      const { agent } = await arena.freshly();
      const { action, fields } = formOf(await agent.open('/sign-out'), '/sign-out');
      return { arena, agent, action, fields: { ...fields, logout: 'yes' }, token: 'xsrf' };
    },
  ],
  [
    'the code of a device',
    async (arena) => {
      const { user_code } = await arena.asked();
      const agent = arena.stranger();
      const { action, fields } = formOf(await agent.open('/device'), '/device');
      return { arena, agent, action, fields: { ...fields, user_code }, token: '_csrf' };
    },
  ],
  [
    'the answer about a device',
    async (arena) => {
      const { agent, form } = await question(arena);
      return {
        arena,
        agent,
        action: form.action,
        fields: { ...form.fields, decision: 'allow' },
        token: '_csrf',
      };
    },
  ],
];

const foreignForms: readonly Attack[] = forms.flatMap(([what, open]): Attack[] => [
  {
    attempt: `Form of another site for ${what}`,
    sent: 'with the right token',
    seen: page(403),
    section: 'RFC 6749 §10.12',
    async ready(arena) {
      const { agent, action, fields } = await open(arena);
      return () => agent.request(action, { form: fields, headers: elsewhere });
    },
  },
  ...['no token', 'a made-up token'].map(
    (sent): Attack => ({
      attempt: `Form without proof of its page for ${what}`,
      sent,
      seen: page(what === 'the sign-out' ? 400 : 403),
      section: 'RFC 6749 §10.12',
      async ready(arena) {
        const { agent, action, fields, token } = await open(arena);
        const { [token]: _right, ...others } = fields;
        const form = sent === 'no token' ? others : { ...others, [token]: 'made-up' };
        return () => agent.request(action, { form });
      },
    }),
  ),
]);

/** A browser whose cookies are spoiled. */
async function withCookies(arena: Arena, change: (value: string, name: string) => string) {
  const { agent } = await arena.freshly();
  const copy = arena.stranger();
  for (const cookie of agent.cookies) {
    const value = cookie.name.startsWith('session') ? change(cookie.value, cookie.name) : cookie.value;
    copy.cookies.push({ ...cookie, value });
  }
  return copy;
}

const answers: readonly Attack[] = [
  {
    attempt: 'Answer to a form',
    sent: 'the sign-out from its own page: 303, so that no browser sends the form on',
    seen: fine(303),
    section: 'RFC 9700 §4.12',
    written: 'as usual',
    async ready(arena) {
      const { agent } = await arena.freshly();
      const { action, fields } = formOf(await agent.open('/sign-out'), '/sign-out');
      return () => agent.request(action, { form: { ...fields, logout: 'yes' } });
    },
  },
  {
    attempt: 'Authorization request by another site’s form',
    sent: 'POST, which is not taken unless an operator says so',
    seen: page(404),
    section: 'RFC 9110 §15.5.5',
    async ready(arena) {
      const body = new URL((await arena.airline.begin({ prompt: 'none' })).url).search.slice(1);
      return () => arena.member.agent.request('/authorize', { body, headers: elsewhere });
    },
  },
];

const cookieFaults: readonly [string, (value: string, name: string) => string][] = [
  ['without its last letter', (value) => value.slice(0, -1)],
  ['with a letter more', (value) => `${value}A`],
  ['with one letter changed', (value) => flip(value, 4)],
  ['with its signature of another value', (value, name) => (name.endsWith('.sig') ? value : 'A'.repeat(21))],
  ['without its signature', (value, name) => (name.endsWith('.sig') ? '' : value)],
  ['an operator instead', () => '{"$gt":""}'],
];

const sessions: readonly Attack[] = [
  ...cookieFaults.map(
    ([sent, change]): Attack => ({
      attempt: 'Spoiled session cookie',
      sent,
      seen: client('login_required'),
      section: 'OIDC Core §3.1.2.6',
      async ready(arena) {
        const browser = await withCookies(arena, change);
        return () => arena.authorize({}, '', browser);
      },
    }),
  ),
  {
    attempt: 'Sign-on without a page',
    sent: '`prompt=none` of a browser without a session',
    seen: client('login_required'),
    section: 'OIDC Core §3.1.2.6',
    ready: async (arena) => () => arena.authorize({}, '', arena.stranger()),
  },
  {
    attempt: 'Sign-on without a page',
    sent: '`prompt=none` to a partner that the member has never agreed to',
    seen: client('consent_required'),
    section: 'OIDC Core §3.1.2.6',
    written: 'session marks',
    ready: async (arena) => () =>
      arena.authorize({ client_id: 'partner', redirect_uri: 'https://partner.example/callback' }),
  },
  {
    attempt: 'Sign-on without a page',
    sent: '`prompt=none` to a native app (RFC 8252 section 8.6)',
    seen: client('interaction_required'),
    section: 'RFC 8252 §8.6',
    written: 'session marks',
    ready: async (arena) => () =>
      arena.authorize({ client_id: 'app', redirect_uri: 'com.example.app:/callback' }),
  },
  {
    attempt: 'Sign-on without a page',
    sent: '`prompt=none login`',
    seen: client('invalid_request'),
    section: 'OIDC Core §3.1.2.1',
    ready: async (arena) => () => arena.authorize({ prompt: 'none login' }),
  },
  {
    attempt: 'Sign-on without a page',
    sent: '`prompt=none` with the hint of somebody else',
    seen: client('login_required'),
    section: 'OIDC Core §3.1.2.1',
    async ready(arena) {
      const { id_token: id_token_hint = '' } = await arena.tokens();
      return () => arena.authorize({ id_token_hint }, '', arena.stranger());
    },
  },
];

/** People and their browsers. */
export const people: Theme = {
  title: 'Devices, forms and sessions',
  rows: [...device, ...foreignForms, ...answers, ...sessions],
};
