import { describe, expect, it } from '@jest/globals';
import { commandOf, sumCommands } from '../../bench/measure/commands.ts';

function line(type: string, command: Record<string, unknown>): string {
  return JSON.stringify({ c: type.toUpperCase(), msg: 'Slow query', attr: { type, ns: 'x.y', command } });
}

describe('counting MongoDB commands', () => {
  it('sums data commands and commits, not heartbeats, change-stream waits or its own question', () => {
    const commands = {
      find: { total: 5 },
      update: { total: 3n },
      commitTransaction: { total: 2 },
      getMore: { total: 90 },
      hello: { total: 40 },
      serverStatus: { total: 1 },
    };
    expect(sumCommands({ metrics: { commands } })).toBe(10);
    expect(sumCommands({})).toBe(0);
  });

  it('names the command and its collection', () => {
    expect(commandOf(line('command', { find: 'artefacts', filter: {}, $db: 'main' }))).toBe('find artefacts');
    expect(commandOf(line('command', { update: 'artefacts', updates: [], $db: 'main' }))).toBe(
      'update artefacts',
    );
  });

  it('counts a write command once, not its statements', () => {
    expect(commandOf(line('update', { q: { _id: 'a' }, u: {}, multi: false }))).toBeUndefined();
  });

  it('leaves out the server’s own databases and other lines of the log', () => {
    expect(commandOf(line('command', { find: 'oplog.rs', $db: 'local' }))).toBeUndefined();
    expect(commandOf(line('command', { hello: 1, $db: 'admin' }))).toBeUndefined();
    expect(commandOf('{"msg":"Connection accepted"}')).toBeUndefined();
    expect(commandOf('')).toBeUndefined();
  });

  it('counts the end of a transaction', () => {
    expect(commandOf(line('command', { commitTransaction: 1, $db: 'admin' }))).toBe('commitTransaction 1');
  });
});
