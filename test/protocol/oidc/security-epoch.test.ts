import { beforeAll, describe, expect, it } from '@jest/globals';
import { inTransaction } from '../../../src/base/db/transaction.ts';
import { systemVisit } from '../../../src/base/kernel/visit.ts';
import type { Agent } from '../../support/agent.ts';
import { startIssuer, type TestIssuer } from '../../support/issuer.ts';
import { signIn } from '../../support/people.ts';
import { RelyingParty } from '../../support/relying-party.ts';
import { freshCode, newMember, opensUserinfo, password, post, refresh, type SignedIn } from '../world.ts';

describe('a security change of a member', () => {
  let issuer: TestIssuer;
  let site: RelyingParty;
  let number = 0;

  beforeAll(async () => {
    issuer = await startIssuer();
    site = await RelyingParty.register(issuer, { id: 'airline' });
  });

  const someone = () => {
    number += 1;
    return newMember(issuer, site, `member-${number}@example.com`);
  };

  const raiseEpoch = (memberId: string) =>
    inTransaction(issuer.db, (tx) => issuer.issuer.people.members.raiseEpoch(tx, memberId));

  async function setStatus(memberId: string, status: 'locked' | 'active') {
    const { members } = issuer.issuer.people;
    const member = await members.get(memberId);
    if (!member) throw new Error('the member is not there');
    await inTransaction(issuer.db, (tx) =>
      members.setStatus(tx, member, status, 'test', systemVisit('test')),
    );
  }

  async function silentAnswer(agent: Agent): Promise<string | null> {
    const { page } = await site.open(agent, { prompt: 'none' });
    return new URL(page.url).searchParams.get('error');
  }

  async function isActive(token: string): Promise<unknown> {
    return (await post(issuer, '/token/introspection', { token }, { as: 'airline' })).json.active;
  }

  async function expectAllDead({ agent, tokens }: SignedIn, code: Record<string, string>) {
    expect(await opensUserinfo(issuer, tokens.access_token)).toBe(false);
    expect(await isActive(tokens.access_token)).toBe(false);
    expect(await isActive(tokens.refresh_token ?? '')).toBe(false);
    expect(await refresh(site, tokens.refresh_token ?? '')).toBeUndefined();
    expect((await post(issuer, '/token', code, { as: 'airline' })).json.error).toBe('invalid_grant');
    expect(await silentAnswer(agent)).toBe('login_required');
  }

  it('ends session, code, grant and every token on their next use', async () => {
    const member = await someone();
    const code = await freshCode(site, member.agent);
    expect(await opensUserinfo(issuer, member.tokens.access_token)).toBe(true);
    await raiseEpoch(member.memberId);
    await expectAllDead(member, code);
  });

  it('leaves everybody else as they were', async () => {
    const changed = await someone();
    const other = await someone();
    await raiseEpoch(changed.memberId);
    expect(await opensUserinfo(issuer, other.tokens.access_token)).toBe(true);
    expect(await silentAnswer(other.agent)).toBeNull();
  });

  it('ends everything of a member who is locked, and unlocking brings none of it back', async () => {
    const member = await someone();
    const code = await freshCode(site, member.agent);
    await setStatus(member.memberId, 'locked');
    await expectAllDead(member, code);
    await setStatus(member.memberId, 'active');
    await expectAllDead(member, code);
  });

  it('lets the member begin anew afterwards, in the same browser', async () => {
    const member = await someone();
    await raiseEpoch(member.memberId);
    const { page, begun } = await site.open(member.agent);
    expect(page.status).toBe(200);
    const tokens = await site.finish(await signIn(member.agent, page, member), begun);
    expect(await opensUserinfo(issuer, tokens.access_token)).toBe(true);
    expect(await silentAnswer(member.agent)).toBeNull();
    expect(await refresh(site, tokens.refresh_token ?? '')).toBeDefined();
  });

  it('asks again when the proof was given before the change and the browser goes on after it', async () => {
    const member = await someone();
    const browser = issuer.agent();
    const { page } = await site.open(browser);
    const asked = await browser.submit(page, { identifier: member.email }, '/identifier');
    const form = asked.forms.find(({ action }) => action.endsWith('/password'));
    const proven = await browser.request(form?.action ?? '', {
      form: { ...form?.fields, username: member.email, password },
    });
    expect(proven.status).toBe(303);
    await raiseEpoch(member.memberId);
    const went = await browser.open(new URL(proven.headers.get('location') ?? '', issuer.url).href);
    expect(went.status).toBe(200);
    expect(went.url).toContain('/interaction/');
    expect(await silentAnswer(browser)).toBe('login_required');
  });

  it('sweeps what is dead already, and nothing of the new epoch', async () => {
    const member = await someone();
    const { memberId } = member;
    const epoch = await raiseEpoch(memberId);
    const { page, begun } = await site.open(member.agent);
    const tokens = await site.finish(await signIn(member.agent, page, member), begun);
    await issuer.issuer.oidc.sessions.sweep({ memberId, epoch }, async () => undefined);
    expect(await opensUserinfo(issuer, tokens.access_token)).toBe(true);
    expect(await silentAnswer(member.agent)).toBeNull();
    const left = await issuer.db.main
      .collection('artefacts')
      .countDocuments({ member: memberId, kind: 'Session', gone: { $exists: false } });
    expect(left).toBe(1);
  });
});
