/** What is stored, so that a test can say that nothing of it changed. */
import type { TestIssuer } from '../../support/issuer.ts';

/** Not about people or what was issued to them: queues, counters of throttles, leases. */
const aside = new Set([
  ...['jobs', 'outbox', 'throttles', 'agendaJobs', 'locks', 'leases', 'migrations'],
  'recordedJourneys',
]);

/** Documents by `collection id`, as text. */
export type Snapshot = ReadonlyMap<string, Stored>;

interface Stored {
  label: string;
  state: string;
  gone: boolean;
  expiresAt: Date | undefined;
}

/**
 * Takes a snapshot. Of artefacts it holds kinds, ids and the marks `consumed` and `gone` (a session that is used slides
 * its expiry, which is no change of what it is); of everything else the whole document but for what is sealed beside it.
 * @param issuer under test; its queue of after-effects is emptied first
 */
export async function snapshot(issuer: TestIssuer): Promise<Snapshot> {
  await issuer.issuer.outbox.run();
  await issuer.issuer.outbox.idle();
  const found = new Map<string, Stored>();
  const collections = (await issuer.db.main.listCollections()).filter(({ name }) => !aside.has(name));
  // One after another: an attack must not find the issuer's connections all in use.
  for (const { name } of collections) {
    const cursor = issuer.db.main.collection(name).find({}, { projection: { sealed: 0 } });
    for await (const document of cursor) {
      const { kind = '', consumed, gone, entries, decided, claim, session, expiresAt } = document;
      const marks = { consumed, gone, decided, claim, session, entries: Object.keys(entries ?? {}).length };
      const state = JSON.stringify(name === 'artefacts' ? marks : document);
      found.set(`${name} ${document._id}`, {
        label: `${name} ${kind}`,
        state,
        gone: gone === true,
        expiresAt,
      });
    }
  }
  return found;
}

/** What is new, changed, ended or away, one line each. */
export function changesBetween(before: Snapshot, after: Snapshot): string[] {
  const changes: string[] = [];
  for (const [key, now] of after) {
    const past = before.get(key);
    if (!past) changes.push(`new ${now.label} ${now.state}`);
    else if (past.state !== now.state)
      changes.push(`${now.gone && !past.gone ? 'gone' : 'changed'} ${now.label} ${past.state} ${now.state}`);
  }
  // The database removes by itself, once a minute, what is past its time.
  const expired = ({ expiresAt }: Stored) => expiresAt !== undefined && expiresAt.getTime() <= Date.now();
  for (const [key, past] of before) if (!after.has(key) && !expired(past)) changes.push(`away ${past.label}`);
  return changes;
}
