/** What forms and questions of apps cost the database, however much they ask. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import * as client from 'openid-client';
import { inTransaction } from '../../../src/base/db/transaction.ts';
import { systemVisit } from '../../../src/base/kernel/visit.ts';
import { newMember } from '../../protocol/world.ts';
import { commandsOf, watchedDatabaseAddress } from '../../support/commands.ts';
import { startIssuer, type TestIssuer } from '../../support/issuer.ts';
import { copyOfProgram } from '../../support/program-folder.ts';
import type { RelyingParty } from '../../support/relying-party.ts';
import { ask, memberToken, registerSite } from '../apis/world.ts';

const formScopes = 'account:forms account:consents';
const resource = 'https://points.xenia.example/api';

let issuer: TestIssuer;
let app: RelyingParty;
let commands: string[];
const folder = copyOfProgram();

beforeAll(async () => {
  folder.edit('brands/aurora-air/brand.json', (brand) => {
    const lounge = { type: 'text', class: 'trait', label: { en: 'Lounge?' } };
    const diary = { ...lounge, purpose: 'personalisation', read: ['member', 'scope:account:forms'] };
    brand.attributes = { lounge, diary };
    brand.forms = {
      days: {
        title: { en: 'Your days' },
        steps: [{ fields: [{ attribute: 'diary' }, { consent: 'personalisation' }] }],
      },
    };
    brand.profiling = {
      lounges: { ask: ['lounge'], when: { signIns: 1, scopes: ['points:read'] }, required: true },
    };
  });
  issuer = await startIssuer({
    env: { SYMBOLON_PROGRAM_DIR: folder.path },
    database: watchedDatabaseAddress(),
  });
  commands = await commandsOf(issuer.db);
  app = await registerSite(issuer, 'app', {
    scope: `openid profile email points:read points:redeem ${formScopes}`,
  });
});
afterAll(() => folder.remove());

/** The commands that work gives, on one collection. */
async function counted(collection: string, work: () => Promise<unknown>): Promise<string[]> {
  await issuer.issuer.outbox.idle();
  commands.length = 0;
  await work();
  return commands.filter((command) => command.endsWith(` ${collection}`));
}

describe('the database', () => {
  it('is asked once where a member stands when an app reads a form', async () => {
    const member = await newMember(issuer, app, 'una@example.com');
    const { access_token } = await memberToken(issuer, app, member, { api: 'account', scope: formScopes });
    const read = async () => {
      const { status } = await ask(issuer, '/api/account/forms/days', { token: access_token });
      expect(status).toBe(200);
    };
    expect(await counted('consentStates', read)).toEqual(['find consentStates']);
  });

  it('is asked once what a member was asked, however many scopes a refresh is for', async () => {
    const { agent, memberId } = await newMember(issuer, app, 'mia@example.com');
    const scope = 'openid points:read points:redeem';
    const { page, begun } = await app.open(agent, { scope, resource });
    const back = await agent.submit(page, { 'field.lounge': 'Berlin' }, '/questions');
    const { refresh_token = '' } = await app.finish(back, begun);
    const { members } = issuer.issuer.people;
    const member = await members.get(memberId);
    if (!member) throw new Error('no member');
    const gone = { values: { lounge: null }, definitions: {}, source: { by: 'member' as const } };
    await inTransaction(issuer.db, (tx) => members.setAttributes(tx, member, gone, systemVisit('test')));
    const refresh = async () => {
      const less = await client.refreshTokenGrant(app.config, refresh_token, { resource });
      expect(less.scope?.split(' ')).toEqual(expect.arrayContaining(['points:redeem']));
      expect(less.scope?.split(' ')).not.toContain('points:read');
    };
    expect(await counted('profilingStates', refresh)).toEqual(['find profilingStates']);
  });
});
