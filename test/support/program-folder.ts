/** Copies of the program's configuration folder that a test may spoil. */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { recordLegalHashes } from '../../src/business/layers/legal-hashes.ts';

/** The configuration folder of the repository. */
export const shippedProgramDir = join(import.meta.dirname, '..', '..', 'config');

/** A copy of it, to be changed and removed. */
export interface ProgramFolder {
  path: string;
  write(file: string, content: string | object): void;
  /** Changes a JSON file in place. */
  edit(file: string, change: (value: Record<string, unknown>) => void): void;
  read(file: string): string;
  remove(file?: string): void;
}

/** Adds terms that only members of greenleaf must accept. */
export function addGreenleafTerms(program: ProgramFolder): void {
  program.write('legal/greenleaf-terms/document.json', {
    id: 'greenleaf-terms',
    kind: 'terms',
    lawfulBasis: 'b',
    required: true,
    brands: ['greenleaf'],
    versions: [{ version: '1.0', validFrom: '2026-01-01' }],
  });
  for (const language of ['en', 'ja'])
    program.write(
      `legal/greenleaf-terms/1.0/${language}.md`,
      '# Greenleaf terms\n\n> I accept the terms of Greenleaf.\n\n## Rules\n\nBe kind to the apples.\n',
    );
  recordLegalHashes(program.path);
}

/** Copies the shipped folder to a temporary place. */
export function copyOfProgram(): ProgramFolder {
  const path = mkdtempSync(join(tmpdir(), 'symbolon-program-'));
  cpSync(shippedProgramDir, path, { recursive: true });
  const at = (file: string) => join(path, file);
  const write = (file: string, content: string | object) => {
    mkdirSync(dirname(at(file)), { recursive: true });
    writeFileSync(at(file), typeof content === 'string' ? content : JSON.stringify(content));
  };
  return {
    path,
    write,
    read: (file) => readFileSync(at(file), 'utf8'),
    edit(file, change) {
      const value: Record<string, unknown> = JSON.parse(readFileSync(at(file), 'utf8'));
      change(value);
      write(file, value);
    },
    remove: (file = '.') => rmSync(at(file), { recursive: true, force: true }),
  };
}
