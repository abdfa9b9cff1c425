/** The issuer at which staff work in tests, and what they may do there. */
import { systemVisit } from '../../src/base/kernel/visit.ts';
import type { Permission } from '../../src/people/staff/grants.ts';
import type { Staff } from '../../src/people/staff/staff.ts';
import { startIssuer, type TestIssuer } from './issuer.ts';
import { copyOfProgram } from './program-folder.ts';

/** Everything that staff can be allowed. */
export const everyPermission: readonly Permission[] = ['read', 'edit', 'approve', 'publish'];

/** Starts an issuer whose program asks for one approval, and one of whose markets locks a rule. */
export async function startDeskIssuer(): Promise<TestIssuer> {
  const folder = copyOfProgram();
  folder.edit('program.json', (program) => {
    program.approvals = 1;
  });
  folder.edit('markets/de.json', (market) => {
    market.password = { minLength: 12 };
    market.lock = ['password.minLength'];
  });
  return startIssuer({ env: { SYMBOLON_PROGRAM_DIR: folder.path } });
}

/** Allows somebody things on layers; nothing where no layers are named. */
export async function allow(
  staff: Pick<Staff, 'grant'>,
  who: Parameters<Staff['grant']>[0],
  layers: readonly string[],
  permissions: readonly Permission[] = everyPermission,
): Promise<void> {
  if (layers.length === 0) return;
  const grants = permissions.map((permission) => ({ permission, layers: [...layers] }));
  await staff.grant(who, grants, systemVisit('test'));
}
