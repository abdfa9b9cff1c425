/** What a token exchange costs the database, and that nothing is handed out when its record cannot be written. */
import { beforeAll, describe, expect, it } from '@jest/globals';
import { commandsOf, watchedDatabaseAddress } from '../../support/commands.ts';
import {
  apis,
  type ExchangeWorld,
  exchange,
  exchangeWorld,
  tokenFor,
  types,
} from '../../support/exchange.ts';
import { newMember, type SignedIn } from '../world.ts';

describe('a token exchange', () => {
  let commands: string[];
  let world: ExchangeWorld;
  let member: SignedIn;
  let agent: SignedIn;
  let subject: string;

  beforeAll(async () => {
    world = await exchangeWorld({ database: watchedDatabaseAddress() });
    commands = await commandsOf(world.issuer.db);
    member = await newMember(world.issuer, world.app, 'mia@example.com');
    agent = await newMember(world.issuer, world.support, 'agent@example.com');
    subject = await tokenFor(world.app, member, apis.points, 'points:read');
    await delegated(apis.bookings);
    await impersonated(apis.points);
  });

  const delegated = (resource: string) =>
    exchange(world.issuer, 'service', { subject_token: subject, resource });
  const impersonated = (resource: string) =>
    exchange(world.issuer, 'support', {
      subject_token: member.memberId,
      subject_token_type: types.member,
      actor_token: agent.tokens.access_token,
      actor_token_type: types.access,
      resource,
      reason: 'fault',
    });
  const counted = async (work: () => Promise<{ status: number }>) => {
    commands.length = 0;
    expect((await work()).status).toBe(200);
    return [...commands].sort();
  };

  it('costs one command for a JWT, and two for an opaque token', async () => {
    expect(await counted(() => delegated(apis.bookings))).toEqual(['aggregate artefacts']);
    expect(await counted(() => delegated(apis.vault))).toEqual(['aggregate artefacts', 'update artefacts']);
  });

  it('costs an agent six, record included', async () => {
    expect(await counted(() => impersonated(apis.points))).toEqual([
      'aggregate artefacts',
      'commitTransaction 1',
      'find events',
      'find members',
      'findAndModify eventHeads',
      'insert events',
    ]);
  });

  it('gives an agent nothing when it cannot be recorded', async () => {
    const refuse = (validator: object) => world.issuer.db.main.db?.command({ collMod: 'events', validator });
    await refuse({ type: 'nothing' });
    const stored = () => world.issuer.db.main.collection('artefacts').countDocuments();
    const before = await stored();
    const answer = await impersonated(apis.vault);
    await refuse({});
    expect(answer.status).toBeGreaterThanOrEqual(500);
    expect(answer.json.access_token).toBeUndefined();
    expect(await stored()).toBe(before);
  });
});
