/** More than was granted: by refresh, for a machine, by resource. */
import { points, till } from '../names.ts';
import { type Attack, client, fine, json, type Theme } from '../table.ts';

const refreshForm = (refresh_token = '') => ({ grant_type: 'refresh_token', refresh_token });

const escalations: readonly Attack[] = [
  {
    attempt: 'More scope by refresh',
    sent: 'a scope that was not granted',
    seen: json(400, 'invalid_scope'),
    section: 'RFC 6749 §6',
    async ready(arena) {
      const { refresh_token } = await arena.tokens({ scope: 'openid' });
      return () => arena.post('/token', { ...refreshForm(refresh_token), scope: 'openid email' });
    },
  },
  {
    attempt: 'More scope by refresh',
    sent: 'a resource that was not granted',
    seen: json(400, 'invalid_target'),
    section: 'RFC 8707 §2.2',
    async ready(arena) {
      const { refresh_token } = await arena.tokens();
      return () => arena.post('/token', { ...refreshForm(refresh_token), resource: points });
    },
  },
  {
    attempt: 'More scope with a code',
    sent: 'a resource that was not asked for',
    seen: json(400, 'invalid_target'),
    section: 'RFC 8707 §2.2',
    async ready(arena) {
      const form = await arena.code();
      return () => arena.post('/token', { ...form, resource: points });
    },
  },
  {
    attempt: 'More scope with a code',
    sent: 'two resources at once',
    seen: json(400, 'invalid_target'),
    section: 'RFC 8707 §2.2',
    async ready(arena) {
      const form = new URLSearchParams(await arena.code({ resource: points, scope: 'openid points:read' }));
      form.append('resource', points);
      form.append('resource', till);
      return () => arena.post('/token', form.toString());
    },
  },
  ...['https://elsewhere.example', 'javascript:alert(1)', `${points}#x`, `${points}/`, '/api'].map(
    (resource): Attack => ({
      attempt: 'Resource that is not one of the program',
      sent: `\`${resource}\``,
      seen: client('invalid_target'),
      section: 'RFC 8707 §2.1',
      ready: async (arena) => () => arena.authorize({ resource, scope: 'openid points:read' }),
    }),
  ),
  {
    attempt: 'More scope for a machine',
    sent: 'a scope of the API that it is not registered for',
    seen: json(400, 'invalid_scope'),
    section: 'RFC 6749 §3.3',
    ready: async (arena) => () =>
      arena.post(
        '/token',
        { grant_type: 'client_credentials', resource: points, scope: 'points:redeem' },
        'machine',
      ),
  },
  {
    attempt: 'More scope for a machine',
    sent: 'a member’s scope',
    seen: json(400, 'invalid_scope'),
    section: 'RFC 6749 §3.3',
    ready: async (arena) => () =>
      arena.post('/token', { grant_type: 'client_credentials', scope: 'openid email' }, 'machine'),
  },
  {
    attempt: 'More scope for a machine',
    sent: 'a resource elsewhere',
    seen: json(400, 'invalid_target'),
    section: 'RFC 8707 §2.2',
    ready: async (arena) => () =>
      arena.post(
        '/token',
        { grant_type: 'client_credentials', resource: 'https://elsewhere.example' },
        'machine',
      ),
  },
  {
    attempt: 'Grant that a client is not registered for',
    sent: 'client credentials',
    seen: json(400, 'unauthorized_client'),
    section: 'RFC 6749 §5.2',
    ready: async (arena) => () => arena.post('/token', { grant_type: 'client_credentials' }),
  },
  {
    attempt: 'Grant that does not exist here',
    sent: 'the member’s password',
    seen: json(400, 'unsupported_grant_type'),
    section: 'RFC 9700 §2.4',
    ready: async (arena) => () =>
      arena.post('/token', { grant_type: 'password', username: arena.member.email, password: 'x' }),
  },
  {
    attempt: 'Less scope by refresh',
    sent: 'one scope of those granted',
    seen: fine(),
    section: 'RFC 6749 §6',
    written: 'as usual',
    async ready(arena) {
      const { refresh_token } = await arena.tokens();
      return () => arena.post('/token', { ...refreshForm(refresh_token), scope: 'openid' });
    },
  },
];

/** Scope and grants. */
export const scopes: Theme = { title: 'Scope and grants', rows: escalations };
