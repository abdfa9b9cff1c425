/** The secrets of a development machine: made once, kept in the data folder, refused in production. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { createIds } from '../kernel/ids.ts';

/** Ids of keys made for development start like this, so that production can refuse them. */
export const developmentKeyPrefix = 'dev-';

const secretsSchema = z.object({ masterKeys: z.string().min(1), identifierKeys: z.string().min(1) });

/** Key lists in the form of the settings `masterKeys` and `identifierKeys`. */
export type DevelopmentSecrets = z.output<typeof secretsSchema>;

/**
 * Reads the development secrets of a data folder, making them (mode 0600) on the first call. Two processes that
 * start at the same time end with the same secrets: the file is created exclusively, the loser reads it.
 * @param dataDir the data folder
 * @throws ZodError when the file exists but is not what was written
 */
export function developmentSecrets(dataDir: string): DevelopmentSecrets {
  mkdirSync(dataDir, { recursive: true });
  const file = join(dataDir, 'secrets.json');
  try {
    writeFileSync(file, `${JSON.stringify(freshSecrets(), null, 2)}\n`, {
      mode: 0o600,
      flag: 'wx',
      flush: true,
    });
  } catch (error) {
    // Usually it exists already, from an earlier start or from another process just now.
    if (!existsSync(file)) throw error;
  }
  return secretsSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
}

function freshSecrets(): DevelopmentSecrets {
  const ids = createIds();
  return {
    masterKeys: `${developmentKeyPrefix}master:${ids.secret()}`,
    identifierKeys: `${developmentKeyPrefix}identifier:${ids.secret()}`,
  };
}
