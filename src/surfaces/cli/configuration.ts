/** `symbolon config`, `symbolon legal` and `symbolon migrate`: what stands in files, and the database's history. */
import path from 'node:path';
import { describeConfig } from '../../base/config/describe.ts';
import { migrate, migrationStatus } from '../../base/db/migrations.ts';
import { recordLegalHashes } from '../../business/layers/legal-hashes.ts';
import { type Answer, table } from './answer.ts';
import type { World } from './world.ts';

/**
 * Reads the configuration of the process and of the program.
 * @param world the rest
 * @throws ConfigError, ConfigurationRefused with every fault
 */
export async function checkConfig(world: World): Promise<Answer> {
  const config = world.config();
  const { brands, markets, documents } = world.readProgram(config);
  const text = `The configuration is in order: ${brands} brands, ${markets} markets, ${documents} legal documents, issuer ${config.issuer}.`;
  return { text, data: { ok: true, issuer: config.issuer, brands, markets, documents } };
}

/**
 * The effective settings with where each came from; secrets are masked.
 * @param world the rest
 */
export async function printConfig(world: World): Promise<Answer> {
  const settings = describeConfig(world.config());
  const rows = settings.map(({ path: name, value, origin }) => [name, value, origin]);
  return { text: table(['setting', 'value', 'from'], rows), data: { settings } };
}

/**
 * Records the hashes of legal texts that are new.
 * @param world the rest
 */
export async function recordHashes(world: World): Promise<Answer> {
  const recorded = recordLegalHashes(path.resolve(world.config().programDir));
  const text =
    recorded.length === 0
      ? 'Every text is recorded already.'
      : [
          'Recorded now; from here on these texts must not change:',
          ...recorded.map((file) => `  ${file}`),
        ].join('\n');
  return { text, data: { recorded } };
}

/**
 * Where the database's history stands.
 * @param world the rest
 */
export function showMigrations(world: World): Promise<Answer> {
  return world.withDatabase(async (db) => {
    const status = await migrationStatus(db, world.migrations);
    const rows = [
      ...status.applied.map((name) => [name, 'applied']),
      ...status.pending.map((name) => [name, 'pending']),
    ];
    return { text: table(['migration', 'state'], rows), data: status };
  });
}

/**
 * Applies what is pending; waits while another process does.
 * @param world the rest
 */
export function applyMigrations(world: World): Promise<Answer> {
  return world.withDatabase(async (db) => {
    const applied = await migrate(db, world.migrations, { clock: world.clock, holder: world.ids.id('cmd') });
    const text = applied.length === 0 ? 'Nothing was pending.' : `Applied: ${applied.join(', ')}`;
    return { text, data: { applied } };
  });
}
