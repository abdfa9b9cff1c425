import { execFile } from 'node:child_process';
import { cp, mkdir, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { projectRoot, scratchFolder, writeProgram } from './files.ts';

const installing = `
echo "npm $*"
mkdir -p node_modules/node/bin
echo '{}' > node_modules/.package-lock.json
printf '#!/bin/sh\\necho v24.1.0\\n' > node_modules/node/bin/node
chmod +x node_modules/node/bin/node`;

/** A clone of the project with an npm of its own, seen from a Node.js of the given version. */
async function clone({ npm = installing, version = 'v20.11.0' } = {}) {
  const folder = await scratchFolder();
  for (const name of ['prepare.mjs', 'node24.mjs', 'follow.mjs']) {
    await cp(path.join(projectRoot, 'scripts', name), path.join(folder, 'scripts', name));
  }
  await writeFile(path.join(folder, 'package-lock.json'), '{}');
  await writeProgram(path.join(folder, 'bin/npm'), npm);
  const disguise = [
    `Object.defineProperty(process, 'version', { value: '${version}' })`,
    `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '${version.slice(1)}' } })`,
  ].join(';');
  const prepare = () =>
    new Promise<{ code: number; output: string }>((resolve) => {
      const args = [
        '--import',
        `data:text/javascript,${encodeURIComponent(disguise)}`,
        'scripts/prepare.mjs',
      ];
      const env = { PATH: `${path.join(folder, 'bin')}:${process.env.PATH}` };
      execFile(process.execPath, args, { cwd: folder, env }, (error, stdout, stderr) => {
        resolve({ code: Number(error?.code ?? 0), output: stdout + stderr });
      });
    });
  return { folder, prepare };
}

/** Moves a file's time by seconds from now. */
async function age(file: string, seconds: number): Promise<void> {
  const time = Date.now() / 1000 + seconds;
  await utimes(file, time, time);
}

describe('preparing a clone', () => {
  it('installs what a fresh clone lacks, and then nothing more', async () => {
    const { prepare } = await clone();
    const first = await prepare();
    expect(first).toMatchObject({ code: 0 });
    expect(first.output).toContain('not installed yet');
    expect(first.output).toContain('npm ci');
    expect(await prepare()).toEqual({ code: 0, output: '' });
  });

  it('installs again when the lock file is newer, once', async () => {
    const { folder, prepare } = await clone();
    await prepare();
    await age(path.join(folder, 'node_modules/.package-lock.json'), -60);
    await age(path.join(folder, 'package-lock.json'), -30);
    expect((await prepare()).output).toContain('newer than what is installed');
    expect((await prepare()).output).toBe('');
  });

  it('says what to do when npm fails', async () => {
    const { prepare } = await clone({ npm: 'echo "npm error network" >&2; exit 1' });
    const { code, output } = await prepare();
    expect(code).toBe(1);
    expect(output).toContain('could not be installed');
    expect(output).not.toContain('    at ');
  });

  it('says what to do when npm brought no Node.js 24, unless this one is new enough', async () => {
    const npm = "mkdir -p node_modules && echo '{}' > node_modules/.package-lock.json";
    const older = await (await clone({ npm })).prepare();
    expect(older.code).toBe(1);
    expect(older.output).toContain('needs Node.js 24, and this is v20.11.0');
    expect((await (await clone({ npm, version: 'v24.3.0' })).prepare()).code).toBe(0);
  });

  it('does not take an older Node.js in the place of the right one', async () => {
    const { folder, prepare } = await clone();
    await prepare();
    await mkdir(path.join(folder, 'node_modules/node/bin'), { recursive: true });
    await writeProgram(path.join(folder, 'node_modules/node/bin/node'), 'echo v18.0.0');
    expect((await prepare()).output).toContain('does not run here');
  });

  it('refuses a Node.js that is too old to set anything up', async () => {
    const { prepare } = await clone({ version: 'v18.20.0' });
    const { code, output } = await prepare();
    expect(code).toBe(1);
    expect(output).toContain('Node.js 20 or newer');
  });
});
