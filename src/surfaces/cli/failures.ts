/** Whatever can go wrong, in words for an operator and with the exit code that belongs to it. */
import { z } from 'zod';
import { ConfigError } from '../../base/config/faults.ts';
import { MongodUnavailable } from '../../base/db/mongod/common.ts';
import { isStorageUnavailable } from '../../base/db/storage-errors.ts';
import { createI18n } from '../../base/i18n/i18n.ts';
import { DomainError } from '../../base/kernel/errors.ts';
import { KeyServiceFault } from '../../base/keys/kms.ts';
import { ConfigurationRefused, faultText } from '../../business/layers/fault.ts';
import { exitCodes, InputFaults, Refusal } from './answer.ts';
import { orphansText } from './config-words.ts';

/** A failure as it is told. */
export interface Failure {
  /** Stable name, for scripts. */
  code: string;
  message: string;
  /** Every fault on its own, where there are several. */
  faults?: readonly string[];
  exitCode: number;
}

/**
 * Says what went wrong.
 * @param error anything thrown by a command
 */
export function explain(error: unknown): Failure {
  if (error instanceof ConfigError) {
    const faults = error.faults.map(({ path, env, got, expected }) => {
      return `${path}${env ? ` (${env})` : ''}: got ${got}, expected ${expected}`;
    });
    return { code: 'configuration', message: error.message, faults, exitCode: exitCodes.configuration };
  }
  if (error instanceof ConfigurationRefused) {
    const orphans = error.faults.flatMap(({ code, key }) =>
      code === 'orphan' ? [key.split('.')[1] ?? ''] : [],
    );
    return {
      code: 'program',
      message: [error.message, ...(orphans.length > 0 ? [orphansText([...new Set(orphans)])] : [])].join(
        '\n',
      ),
      faults: error.faults.map(faultText),
      exitCode: exitCodes.configuration,
    };
  }
  if (error instanceof z.ZodError) return inputFailure(error.issues.map(issueText));
  if (error instanceof InputFaults) return inputFailure(error.faults);
  if (error instanceof Refusal)
    return { code: 'refused', message: error.message, exitCode: exitCodes.refused };
  if (error instanceof DomainError) {
    const message =
      operatorTexts[error.code]?.replace('{{places}}', String(error.params.places)) ??
      createI18n().error('en', error.code, error.params);
    return { code: error.code, message, exitCode: exitCodes.refused };
  }
  if (error instanceof MongodUnavailable) {
    return { code: 'database', message: error.message, exitCode: exitCodes.unreachable };
  }
  if (error instanceof KeyServiceFault) {
    return { code: 'key-service', message: error.message, exitCode: exitCodes.configuration };
  }
  if (isStorageUnavailable(error)) {
    const message =
      'The database cannot be reached. Check that it runs and that MONGODB_URI names it; "symbolon doctor" tells more.';
    return { code: 'database', message, exitCode: exitCodes.unreachable };
  }
  if (error instanceof Error && /^sealed with an unknown key/.test(error.message)) {
    const remedy = error.message.includes(' kms:')
      ? 'Name the module of that key service in SYMBOLON_KMS_MODULE.'
      : 'Add the master key of that name to SYMBOLON_MASTER_KEYS.';
    const message = `A stored key cannot be opened: ${error.message}. ${remedy}`;
    return { code: 'master-key', message, exitCode: exitCodes.configuration };
  }
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { code: 'unexpected', message, exitCode: exitCodes.unexpected };
}

/** The catalogue speaks to members; these codes an operator meets in another role. */
const operatorTexts: Partial<Record<string, string>> = {
  'client.unknown': 'There is no client with this id. "symbolon clients list" shows all of them.',
  'client.exists':
    'A client with this id exists already. Choose another id, or leave it away to get a new one.',
  'client.has_no_secret':
    'This client has no secret: it is public or signs with a key of its own, so there is nothing to rotate.',
  'client.ended': 'This client has ended its registration; it cannot be enabled again.',
  'draft.places_differ':
    'These have a release of their own, which would end: {{places}}. Say --may-end to let it end, or leave them out with --region and --market.',
  'release.unknown':
    'There is no release with this id, nor one that begins with eight or more such characters. "symbolon config history" shows what was live.',
  'invitation.unknown':
    'There is no invitation with this id. "symbolon clients invitations" shows all of them.',
  'member.unavailable': 'This account is erased or merged, so its status cannot be changed.',
};

function inputFailure(faults: readonly string[]): Failure {
  const message = ['The input breaks a rule:', ...faults.map((fault) => `  - ${fault}`)].join('\n');
  return { code: 'input', message, faults, exitCode: exitCodes.usage };
}

function issueText(issue: z.core.$ZodIssue): string {
  const path = issue.path.map(String).join('.');
  return path ? `${path}: ${issue.message}` : issue.message;
}
