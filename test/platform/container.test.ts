import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { projectRoot } from './files.ts';

interface Instruction {
  name: string;
  value: string;
}

/** The instructions of a Dockerfile: comments dropped, continued lines joined. */
function instructionsOf(text: string): Instruction[] {
  const lines = text.split('\n').filter((line) => !line.trimStart().startsWith('#'));
  const joined = lines
    .join('\n')
    .replace(/\\\n\s*/g, ' ')
    .split('\n');
  return joined
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const [, name = '', value = ''] = /^(\S+)\s+(.*)$/.exec(line.trim()) ?? [];
      return { name, value };
    });
}

const all = instructionsOf(readFileSync(`${projectRoot}Dockerfile`, 'utf8'));
const stages = all.filter(({ name }) => name === 'FROM');
const final = all.slice(all.lastIndexOf(stages.at(-1) ?? { name: '', value: '' }));
const lastValue = (name: string) => final.findLast((instruction) => instruction.name === name)?.value ?? '';

describe('the container image', () => {
  it('is built in stages on one official Node.js 24 image, pinned to a release', () => {
    expect(stages.length).toBeGreaterThan(1);
    const images = new Set(stages.map(({ value }) => value.split(' ')[0]));
    expect(images.size).toBe(1);
    expect([...images][0]).toMatch(/^node:24\.\d+\.\d+-\w+-slim$/);
  });

  it('uses the same Node.js release as a machine outside of a container', () => {
    const { dependencies } = JSON.parse(readFileSync(`${projectRoot}package.json`, 'utf8'));
    expect(stages[0]?.value).toContain(`node:${dependencies.node}-`);
  });

  it('holds the locked dependencies of production only', () => {
    const runs = all.filter(({ name }) => name === 'RUN').map(({ value }) => value);
    expect(runs.join('\n')).toContain('npm ci --omit=dev');
    expect(runs.join('\n')).not.toContain('npm install');
  });

  it('runs as a numbered user without rights, who owns none of the files', () => {
    expect(lastValue('USER')).toMatch(/^[1-9]\d*:[1-9]\d*$/);
    expect(all.filter(({ value }) => value.includes('--chown'))).toEqual([]);
  });

  it('starts Node.js itself with the product’s flags and thread pool, so that signals arrive', () => {
    expect(JSON.parse(lastValue('CMD'))).toEqual(['node', '--disable-proto=delete', 'src/main.ts']);
    expect(final.filter(({ name }) => name === 'ENTRYPOINT')).toEqual([]);
    expect(lastValue('STOPSIGNAL')).toBe('SIGTERM');
    expect(lastValue('ENV')).toContain('UV_THREADPOOL_SIZE=16');
    expect(lastValue('ENV')).toContain('NODE_ENV=production');
  });

  it('is healthy when the readiness on the operations listener says so, asked by Node.js itself', () => {
    const [, command = ''] = /CMD (\[.*\])$/.exec(lastValue('HEALTHCHECK')) ?? [];
    const [program, flag, script] = JSON.parse(command);
    expect([program, flag]).toEqual(['node', '-e']);
    expect(script).toContain('9464');
    expect(script).toContain('/health/ready');
    // nobody listens here: the answer is "unhealthy", not a fault in the script
    const ask = () =>
      execFileSync(process.execPath, ['-e', script], { env: { SYMBOLON_OPS_PORT: '1' }, stdio: 'pipe' });
    expect(ask).toThrow(expect.objectContaining({ status: 1, stderr: Buffer.from('') }));
  });

  it('writes nothing to disk: no volume, no working files', () => {
    expect(final.filter(({ name }) => ['VOLUME', 'RUN', 'ADD'].includes(name))).toEqual([]);
  });

  it('carries its title, description and licence', () => {
    for (const label of ['title', 'description', 'licenses']) {
      expect(lastValue('LABEL')).toContain(`org.opencontainers.image.${label}=`);
    }
  });

  it('holds of the project what is listed, and every other folder is known not to be needed', () => {
    const lines = readFileSync(`${projectRoot}.dockerignore`, 'utf8').split('\n');
    const rules = lines.filter((line) => line !== '' && !line.startsWith('#'));
    expect(rules[0]).toBe('*');
    const kept = rules.slice(1).map((rule) => rule.replace(/^!/, ''));
    const notNeeded = ['.ci', 'bench', 'docs', 'examples', 'scripts', 'sdk', 'test'];
    const madeHere = ['.git', '.data', 'coverage', 'node_modules'];
    const folders = readdirSync(projectRoot, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    const known = [...kept, ...notNeeded, ...madeHere];
    expect(folders.map(({ name }) => name).filter((name) => !known.includes(name))).toEqual([]);
  });
});
