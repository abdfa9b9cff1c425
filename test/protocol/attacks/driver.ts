/** Runs themes of the attack table: one test for each row, and after each a look at what was written. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { copyOfProgram } from '../../support/program-folder.ts';
import { inside } from '../world.ts';
import { type Arena, changeProgram, startArena } from './arena.ts';
import { changesBetween, snapshot } from './snapshot.ts';
import type { Answered, Attack, Seen, Theme } from './table.ts';

const nameOf = ({ attempt, sent }: Attack) => `${attempt}: ${sent}`;

/**
 * Declares the tests of a few themes on an issuer of their own.
 * @param themes part of the table
 */
export function withstand(themes: readonly Theme[]): void {
  const folder = copyOfProgram();
  changeProgram(folder);
  let arena: Arena & { moved(): number };
  beforeAll(async () => {
    arena = await startArena(folder.path);
  });
  afterAll(() => folder.remove());

  describe.each(themes.map((theme) => [theme.title, theme] as const))('%s', (_title, { rows }) => {
    it.each(rows.map((row) => [nameOf(row), row] as const))('%s', async (_name, row) => {
      try {
        const strike = await row.ready(arena);
        const before = await snapshot(arena.issuer);
        const answer = await strike();
        const after = await snapshot(arena.issuer);
        expect(described(answer, row.seen, arena)).toEqual(row.seen);
        expect(answer.text).not.toMatch(inside);
        expectWritten(row, changesBetween(before, after));
      } finally {
        arena.issuer.clock.advance(-arena.moved());
      }
    });
  });

  afterAll(() => {
    // No attack makes the issuer fail: what it cannot take, it refuses.
    const faults = arena.issuer.logLines.filter((line) => /"level":(?:50|60)|"code":"internal"/.test(line));
    expect(faults).toEqual([]);
  });

  it('names every attack once', () => {
    const names = themes.flatMap(({ rows }) => rows.map(nameOf));
    expect(names.filter((name, at) => names.indexOf(name) !== at)).toEqual([]);
  });
}

/** The answer in the words of what must be seen, as far as these go. */
function described(answer: Answered, wanted: Seen, { url }: Arena): Seen {
  const { status } = answer;
  const location = answer.headers.get('location');
  if (location && !location.startsWith('/') && !location.startsWith(url))
    return atClient(status, location, url);
  const { manner } = wanted;
  const error = errorOf(answer, wanted);
  const shown = manner === 'page' && /<html/.test(answer.text) && !location;
  const quiet = manner === 'inactive' && answer.text === '{"active":false}';
  const empty = manner === 'empty' && answer.text === '';
  const well = manner === 'fine' && status < 400;
  const told = ['json', 'challenge', 'library'].includes(manner) && error !== undefined;
  if (shown || quiet || empty || well || told) return { manner, status, ...(told && { error }) };
  // Nothing of the kind: the test shows what there was.
  return { manner, status, error: location ?? answer.text.slice(0, 600) };
}

function errorOf(answer: Answered, { manner }: Seen): string | undefined {
  if (manner === 'library') return answer.text;
  if (manner === 'challenge')
    return /error="([^"]*)"/.exec(answer.headers.get('www-authenticate') ?? '')?.[1];
  try {
    const { error, code } = JSON.parse(answer.text);
    return error ?? code;
  } catch {
    return undefined;
  }
}

const registered = /^(https:\/\/(airline|shop|bank|partner|narrow|old|app)\.example\/|com\.example\.app:\/)/;
const loopback = /^http:\/\/(127\.0\.0\.1|\[::1\]|localhost)(:\d+)?\/callback\?/;

function atClient(status: number, location: string, issuer: string): Seen {
  const to = new URL(location);
  const told = to.hash ? new URLSearchParams(to.hash.slice(1)) : to.searchParams;
  const right = registered.test(location) || loopback.test(location);
  // RFC 9207 section 2: success or error, the answer says whose it is.
  if (!right || told.get('iss') !== issuer) return { manner: 'client', status, error: location };
  const error = told.get('error');
  if (error) return { manner: 'client', status, error };
  return told.has('code') ? { manner: 'code', status } : { manner: 'client', status, error: location };
}

function expectWritten({ written = 'nothing' }: Attack, changes: string[]): void {
  if (written === 'as usual') return;
  if (written === 'nothing') expect(changes).toEqual([]);
  else if (written === 'proof id') {
    expect(changes).toHaveLength(1);
    expect(changes[0]).toMatch(/^new artefacts ReplayDetection/);
  } else if (written === 'session marks') {
    const marks = /^(new artefacts (Session|SessionCookie|Grant)|changed artefacts Session) /;
    expect(changes.filter((change) => !marks.test(change))).toEqual([]);
  } else {
    expect(changes.filter((change) => /^gone artefacts Grant/.test(change))).toHaveLength(1);
    expect(changes.filter((change) => !/^gone artefacts/.test(change))).toEqual([]);
  }
}
