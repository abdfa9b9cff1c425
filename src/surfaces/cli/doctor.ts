/** `symbolon doctor`: everything an operator would look at, each finding with what to do about it. */
import type { Config } from '../../base/config/load.ts';
import { type Answer, exitCodes } from './answer.ts';
import { clientFindings } from './doctor-clients.ts';
import { databaseFindings } from './doctor-database.ts';
import { issuerFindings } from './doctor-issuer.ts';
import { explain } from './failures.ts';
import { type Finding, fault, ok } from './finding.ts';
import type { World } from './world.ts';

/**
 * Looks at everything; changes nothing.
 * @param world the rest
 * @throws ConfigError when there is no configuration to look with
 */
export async function examine(world: World): Promise<Answer> {
  const config = world.config();
  const findings = [
    ...programFindings(world, config),
    ...(await issuerFindings(world, config)),
    ...(await guarded('mongodb', () => world.withDatabase((db) => databaseFindings(world, db, config)))),
  ];
  // Opening the program would make missing keys: only a sound one is opened.
  if (findings.every(({ level }) => level !== 'fault'))
    findings.push(...(await guarded('clients', () => clientFindings(world))));
  const count = (level: Finding['level']) => findings.filter((finding) => finding.level === level).length;
  const faults = count('fault');
  const text = [
    ...findings.map(line),
    '',
    `${faults} fault${faults === 1 ? '' : 's'}, ${count('warning')} warning${count('warning') === 1 ? '' : 's'}.`,
  ].join('\n');
  return {
    text,
    data: { ok: faults === 0, findings },
    exitCode: faults > 0 ? exitCodes.refused : exitCodes.done,
  };
}

const marks: Record<Finding['level'], string> = { ok: 'ok     ', warning: 'warning', fault: 'FAULT  ' };

function line({ level, check, message, fix }: Finding): string {
  return `${marks[level]}  ${check}: ${message}${fix ? `\n         fix: ${fix}` : ''}`;
}

async function guarded(check: string, look: () => Promise<Finding[]>): Promise<Finding[]> {
  try {
    return await look();
  } catch (error) {
    const { message } = explain(error);
    return [
      fault(check, message.split('\n')[0] ?? '', 'Check MONGODB_URI, the network and the server’s own log.'),
    ];
  }
}

function programFindings(world: World, config: Config): Finding[] {
  try {
    const { brands, markets } = world.readProgram(config);
    return [ok('program', `${brands} brands in ${markets} markets.`)];
  } catch (error) {
    const { message } = explain(error);
    return [
      fault(
        'program',
        message,
        `Mend the files in ${config.programDir}; "symbolon config check" reads them again.`,
      ),
    ];
  }
}
