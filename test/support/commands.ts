/** What requests ask of the database: a database whose commands are reported, and a list of those of the requests. */
import type { Database } from '../../src/base/db/connection.ts';
import { freshDatabaseAddress } from './database.ts';

/** What keeps connections and transactions going, whatever a request asks. */
const upkeep = new Set(['ping', 'hello', 'endSessions', 'getMore', 'abortTransaction']);
/** Collections that jobs and settling work on beside the requests; test/people/risk counts the limits' own. */
const background = new Set([
  'configurationDrafts',
  'deliveries',
  'jobs',
  'outbox',
  'recordedJourneys',
  'throttles',
]);

/** URIs of two databases that nobody has used yet and that report their commands. */
export function watchedDatabaseAddress(): { uri: string; keysUri: string } {
  const { uri, keysUri } = freshDatabaseAddress();
  const watched = (address: string) => `${address}${address.includes('?') ? '&' : '?'}monitorCommands=true`;
  return { uri: watched(uri), keysUri: watched(keysUri) };
}

/** Waits until every recurring job has run once: some look at members' own collections, and the next time is far off. */
async function firstRunsOver({ main }: Pick<Database, 'main'>): Promise<void> {
  const unfinished = { lastFinishedAt: null };
  while ((await main.collection('jobs').countDocuments(unfinished)) > 0)
    await new Promise((resolve) => setTimeout(resolve, 50));
}

/**
 * Writes down, from now on, the commands of the requests as `findAndModify artefacts`; empty the list before what is
 * counted.
 * @param db connected to a watched address
 * @param aside collections that are left out: those of jobs and settling
 */
export async function commandsOf(
  db: Pick<Database, 'main'>,
  aside: ReadonlySet<string> = background,
): Promise<string[]> {
  await firstRunsOver(db);
  const commands: string[] = [];
  db.main.getClient().on('commandStarted', ({ commandName, command }) => {
    const collection = String(command[commandName]);
    if (!upkeep.has(commandName) && !aside.has(collection)) commands.push(`${commandName} ${collection}`);
  });
  return commands;
}
