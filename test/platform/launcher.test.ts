import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { isAlive } from '../../src/base/db/mongod/process.ts';
import { projectRoot, scratchFolder } from './files.ts';

/** Starts a TypeScript program through the launcher; `lines` answers what it prints, line by line. */
async function launch(program: string, ...args: string[]) {
  const file = path.join(await scratchFolder(), 'program.ts');
  await writeFile(file, program);
  const launcher = spawn(process.execPath, [path.join(projectRoot, 'scripts/run.mjs'), file, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { PATH: process.env.PATH },
  });
  return { launcher, lines: linesOf(launcher) };
}

async function* linesOf(child: ChildProcess): AsyncGenerator<string> {
  let rest = '';
  for await (const chunk of child.stdout ?? []) {
    const parts = `${rest}${chunk}`.split('\n');
    rest = parts.pop() ?? '';
    yield* parts;
  }
}

const next = async (lines: AsyncGenerator<string>) => (await lines.next()).value;

const staying = `
const stay = setInterval(() => undefined, 60_000);
process.on('SIGINT', () => console.log('interrupted'));
process.on('SIGTERM', () => { console.log('asked to end'); clearInterval(stay); process.exitCode = 7; });
console.log(String(process.pid));`;

describe('the launcher', () => {
  it('runs TypeScript on Node.js 24 with its flags and passes arguments and the exit code', async () => {
    const { launcher, lines } = await launch(
      `const told: unknown[] = [process.version.split('.')[0], ({} as { __proto__?: unknown }).__proto__ === undefined,
        process.env.UV_THREADPOOL_SIZE, process.argv.slice(2), Object.keys(process.env).filter((name) => name.includes('LAUNCHER'))];
      console.log(JSON.stringify(told));
      process.exitCode = 5;`,
      'one',
      '--two',
    );
    expect(JSON.parse(String(await next(lines)))).toEqual(['v24', true, '16', ['one', '--two'], []]);
    expect(await once(launcher, 'exit')).toEqual([5, null]);
  });

  it('hands a signal on once, however often a terminal and npm deliver it, and waits for the program', async () => {
    const { launcher, lines } = await launch(staying);
    await next(lines);
    for (let times = 0; times < 3; times += 1) launcher.kill('SIGINT');
    expect(await next(lines)).toBe('interrupted');
    launcher.kill('SIGTERM');
    expect(await next(lines)).toBe('asked to end');
    expect(await once(launcher, 'exit')).toEqual([7, null]);
  });

  it('leaves no program behind when it is killed itself', async () => {
    const { launcher, lines } = await launch(staying);
    const pid = Number(await next(lines));
    expect(isAlive(pid)).toBe(true);
    launcher.kill('SIGKILL');
    expect(await next(lines)).toBe('asked to end');
    expect(await next(lines)).toBeUndefined();
  });
});
