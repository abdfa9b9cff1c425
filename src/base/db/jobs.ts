/**
 * The job queue: runs named work at intervals, in one process of the fleet at a time. The queue library schedules
 * and leases; what must not be lost stands in the outbox or in its own document, never in a job.
 */
import { MongoBackend } from '@agendajs/mongo-backend';
import { Agenda } from 'agenda';
import type { Connection } from 'mongoose';

/** Work that comes round. */
export interface RecurringJob {
  /** Unique name, such as `outbox.sweep`. */
  name: string;
  /** Interval in milliseconds. */
  everyMs: number;
  /**
   * Idempotent; throwing is logged and the next round comes anyway. Work that takes longer than half a minute calls
   * `keepAlive` between its parts, or another process takes it over.
   */
  run: (keepAlive: () => Promise<void>) => Promise<void>;
}

/** How long a job is another process's to take when its own has fallen silent. */
const leaseMs = 30_000;

/** The running queue. */
export interface Jobs {
  /** Waits for what is running and lets go of its leases. */
  stop(): Promise<void>;
}

/**
 * Starts the queue with its jobs.
 * @param connection where the collection `jobs` lives
 * @param jobs all recurring jobs of the program
 * @param onFailure told of a job that threw
 */
export async function startJobs(
  connection: Connection,
  jobs: readonly RecurringJob[],
  onFailure: (name: string, error: unknown) => void,
): Promise<Jobs> {
  const backend = new MongoBackend({
    mongo: connection.getClient().db(connection.name) as never,
    collection: 'jobs',
  });
  const agenda = new Agenda({ backend, processEvery: 1_000, defaultConcurrency: 1 });
  agenda.on('error', (error: unknown) => onFailure('agenda', error));
  for (const job of jobs) {
    agenda.define(
      job.name,
      async (running) => {
        try {
          await job.run(async () => void (await running.touch()));
        } catch (error) {
          onFailure(job.name, error);
        }
      },
      { lockLifetime: leaseMs },
    );
  }
  await agenda.start();
  for (const job of jobs) await agenda.every(job.everyMs, job.name);
  return {
    async stop() {
      await agenda.drain(5_000);
      await agenda.stop(false);
    },
  };
}
