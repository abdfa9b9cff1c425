import { beforeAll, describe, expect, it } from '@jest/globals';
import type { Database } from '../../../src/base/db/connection.ts';
import { createEvents, type Events } from '../../../src/base/events/record.ts';
import { createIds } from '../../../src/base/kernel/ids.ts';
import type { ClientDraft } from '../../../src/business/clients/client-input.ts';
import { toOidcMetadata } from '../../../src/business/clients/client-record.ts';
import { type Clients, createClients } from '../../../src/business/clients/clients.ts';
import { testDatabase } from '../../support/database.ts';
import { movableClock, visitOf } from '../../support/visit.ts';

const ids = createIds();
const visit = visitOf({ actor: { kind: 'operator', id: 'ops' } });
const dayMs = 86_400_000;
const secretKey = Buffer.alloc(32, 7);

let db: Database;
let clock: ReturnType<typeof movableClock>;
let events: Events;
let clients: Clients;

beforeAll(async () => {
  db = await testDatabase();
  clock = movableClock();
  events = createEvents({ connection: db.main, clock, ids });
  clients = createClients({ db, clock, ids, secretKey, events });
});

const draft = (id: string, change: Partial<Omit<ClientDraft, 'id'>> = {}): ClientDraft & { id: string } => ({
  id,
  brand: 'aurora-air',
  market: 'us',
  name: 'Aurora Air',
  firstParty: true,
  metadata: { redirect_uris: ['http://airline.localhost:4001/callback'] },
  ...change,
});

const eventsOf = async (id: string) =>
  (await db.main.collection('events').find({ 'data.client': id }).sort({ sequence: 1 }).toArray()).map(
    ({ type }) => type,
  );

const withSecret = async (id: string) => {
  const { client, secret } = await clients.add(draft(id), visit);
  if (secret === undefined) throw new Error('a secret was expected');
  return { client, secret };
};

describe('adding a client', () => {
  it('gives its secret once and keeps only a keyed hash', async () => {
    const { client, secret } = await withSecret('added');
    expect(clients.verifySecret(client, secret)).toBe(true);
    expect(clients.verifySecret(client, `${secret}x`)).toBe(false);
    expect(clients.verifySecret(client, '')).toBe(false);
    const stored = await db.main.collection<{ _id: string }>('clients').findOne({ _id: 'added' });
    expect(JSON.stringify(stored)).not.toContain(secret);
    expect(clients.verifySecret(client, client.secrets[0]?.hash ?? '')).toBe(false);
  });

  it('makes a client id where none is given', async () => {
    const { id: _id, ...rest } = draft('unused');
    const { client } = await clients.add(rest, visit);
    expect(client.id).toMatch(/^cli_[\w-]{22}$/);
    expect(await clients.get(client.id)).toEqual(client);
  });

  it('gives a public client no secret, and none is ever right', async () => {
    const added = await clients.add(
      draft('native', { metadata: { application_type: 'native', redirect_uris: ['com.example.air:/cb'] } }),
      visit,
    );
    expect(added.secret).toBeUndefined();
    expect(clients.verifySecret(added.client, '')).toBe(false);
    expect(toOidcMetadata(added.client)).not.toHaveProperty('client_secret');
  });

  it('is refused when the id is taken, and leaves no event', async () => {
    await withSecret('taken');
    await expect(clients.add(draft('taken'), visit)).rejects.toMatchObject({ code: 'client.exists' });
    expect(await eventsOf('taken')).toEqual(['client.added']);
  });

  it('of the same id twice at once makes one of them', async () => {
    const results = await Promise.allSettled([
      clients.add(draft('raced'), visit),
      clients.add(draft('raced'), visit),
    ]);
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(await eventsOf('raced')).toEqual(['client.added']);
  });

  it('is refused with a ZodError when a rule is broken', async () => {
    const bad = draft('bad', { metadata: { redirect_uris: ['javascript:alert(1)'] } });
    await expect(clients.add(bad, visit)).rejects.toMatchObject({ name: 'ZodError' });
    expect(await clients.get('bad')).toBeUndefined();
  });
});

describe('rotating a secret', () => {
  it('lets the old and the new one live for the grace, then only the new one', async () => {
    const { secret: first } = await withSecret('rotated');
    const { client, secret: second } = await clients.rotateSecret('rotated', visit, dayMs);
    expect(clients.verifySecret(client, first)).toBe(true);
    expect(clients.verifySecret(client, second)).toBe(true);
    clock.move(dayMs);
    expect(clients.verifySecret(client, first)).toBe(false);
    expect(clients.verifySecret(client, second)).toBe(true);
    expect(await eventsOf('rotated')).toEqual(['client.added', 'client.secret_rotated']);
  });

  it('twice in the grace ends the oldest at once: never more than two live', async () => {
    const { secret: first } = await withSecret('rotated-twice');
    const { secret: second } = await clients.rotateSecret('rotated-twice', visit);
    clock.move(1000);
    const { client, secret: third } = await clients.rotateSecret('rotated-twice', visit);
    expect([first, second, third].map((secret) => clients.verifySecret(client, secret))).toEqual([
      false,
      true,
      true,
    ]);
    expect(client.secrets).toHaveLength(2);
  });

  it('without grace ends the old one at once', async () => {
    const { secret: first } = await withSecret('rotated-now');
    const { client } = await clients.rotateSecret('rotated-now', visit, 0);
    expect(clients.verifySecret(client, first)).toBe(false);
  });

  it('is refused for a client without secrets and for an unknown one', async () => {
    const metadata: ClientDraft['metadata'] = {
      redirect_uris: ['https://a.example/cb'],
      token_endpoint_auth_method: 'none',
    };
    await clients.add(draft('no-secret', { metadata }), visit);
    await expect(clients.rotateSecret('no-secret', visit)).rejects.toMatchObject({
      code: 'client.has_no_secret',
    });
    await expect(clients.rotateSecret('nobody', visit)).rejects.toMatchObject({ code: 'client.unknown' });
  });
});

describe('changing a client', () => {
  it('changes what is named and keeps the rest', async () => {
    await withSecret('changed');
    const changed = await clients.update(
      'changed',
      { name: 'Aurora Air & friends', metadata: { policy_uri: 'https://air.example/privacy' } },
      visit,
    );
    expect(changed).toMatchObject({ name: 'Aurora Air & friends', brand: 'aurora-air', version: 2 });
    expect(changed.metadata).toMatchObject({
      policy_uri: 'https://air.example/privacy',
      redirect_uris: ['http://airline.localhost:4001/callback'],
    });
    expect(await eventsOf('changed')).toEqual(['client.added', 'client.changed']);
  });

  it('holds the rules for the whole', async () => {
    await withSecret('changed-badly');
    const patch = { metadata: { application_type: 'native' as const } };
    await expect(clients.update('changed-badly', patch, visit)).rejects.toMatchObject({ name: 'ZodError' });
    expect((await clients.get('changed-badly'))?.version).toBe(1);
  });

  it('twice at once loses neither change', async () => {
    await withSecret('changed-twice');
    await Promise.all([
      clients.update('changed-twice', { name: 'New name' }, visit),
      clients.update('changed-twice', { metadata: { tos_uri: 'https://air.example/terms' } }, visit),
    ]);
    expect(await clients.get('changed-twice')).toMatchObject({
      name: 'New name',
      version: 3,
      metadata: { tos_uri: 'https://air.example/terms' },
    });
  });
});

describe('disabling a client', () => {
  it('is told apart from deleting: it can be enabled again, each with its event', async () => {
    await withSecret('disabled');
    expect((await clients.disable('disabled', visit)).disabledAt).toEqual(expect.any(Date));
    await clients.disable('disabled', visit);
    expect((await clients.enable('disabled', visit)).disabledAt).toBeUndefined();
    expect((await clients.get('disabled'))?.disabledAt).toBeUndefined();
    expect(await eventsOf('disabled')).toEqual(['client.added', 'client.disabled', 'client.changed']);
  });
});

describe('seeding a client', () => {
  it('brings it to the description, and changes nothing when run again', async () => {
    const first = await clients.ensure(draft('seeded'), visit, 'a-development-secret');
    const again = await clients.ensure(draft('seeded'), visit, 'a-development-secret');
    expect(again).toEqual(first);
    expect(clients.verifySecret(again, 'a-development-secret')).toBe(true);
    expect(await eventsOf('seeded')).toEqual(['client.added']);
  });

  it('by two processes at once gives one client', async () => {
    const seed = () => clients.ensure(draft('seeded-twice'), visit, 'a-development-secret');
    const [one, other] = await Promise.all([seed(), seed()]);
    expect(one).toEqual(other);
    expect(await eventsOf('seeded-twice')).toEqual(['client.added']);
  });

  it('follows a changed description and secret', async () => {
    await clients.ensure(draft('reseeded'), visit, 'old');
    const changed = await clients.ensure(draft('reseeded', { name: 'Other' }), visit, 'new');
    expect(changed.name).toBe('Other');
    expect(clients.verifySecret(changed, 'new')).toBe(true);
    expect(clients.verifySecret(changed, 'old')).toBe(false);
  });
});

describe('what the protocol library is given', () => {
  it('is registration metadata without null, with the hash in the place of the secret', async () => {
    const { client, secret } = await withSecret('metadata');
    const metadata = toOidcMetadata(client);
    expect(metadata).toMatchObject({
      client_id: 'metadata',
      client_name: 'Aurora Air',
      redirect_uris: ['http://airline.localhost:4001/callback'],
      response_types: ['code'],
      subject_type: 'public',
    });
    expect(Object.values(metadata)).not.toContain(null);
    expect(Object.values(metadata)).not.toContain(undefined);
    expect(metadata.client_secret).not.toBe(secret);
  });
});

describe('when the event cannot be written', () => {
  it('the change is not made either', async () => {
    const failing = createClients({
      db,
      clock,
      ids,
      secretKey,
      events: { ...events, record: () => Promise.reject(new Error('injected')) },
    });
    await expect(failing.add(draft('half'), visit)).rejects.toThrow('injected');
    expect(await clients.get('half')).toBeUndefined();
    await withSecret('whole');
    await expect(failing.disable('whole', visit)).rejects.toThrow('injected');
    expect((await clients.get('whole'))?.disabledAt).toBeUndefined();
  });
});
