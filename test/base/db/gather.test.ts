import { describe, expect, it } from '@jest/globals';
import { createGatherer } from '../../../src/base/db/gather.ts';

/** Commands that end when the test says so. */
function commands() {
  const sent: string[][] = [];
  const ends: ((outcome: 'fine' | Error) => void)[] = [];
  const send = (items: readonly string[]) =>
    new Promise<string[]>((resolve, reject) => {
      sent.push([...items]);
      ends.push((outcome) =>
        outcome === 'fine' ? resolve(items.map((item) => item.toUpperCase())) : reject(outcome),
      );
    });
  return { sent, send, end: (index: number, outcome: 'fine' | Error = 'fine') => ends[index]?.(outcome) };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('gathering', () => {
  it('sends at once what is ready at once, and gives everyone their own result', async () => {
    const { sent, send, end } = commands();
    const gather = createGatherer<string, string>({ inFlight: 1, batch: 10, send });
    const results = Promise.all([gather('a'), gather('b')]);
    await turn();
    expect(sent).toEqual([['a', 'b']]);
    end(0);
    expect(await results).toEqual(['A', 'B']);
  });

  it('lets what comes while a command is under way join the next one', async () => {
    const { sent, send, end } = commands();
    const gather = createGatherer<string, string>({ inFlight: 1, batch: 10, send });
    const first = gather('a');
    await turn();
    const later = Promise.all([gather('b'), gather('c')]);
    await turn();
    expect(sent).toEqual([['a']]);
    end(0);
    expect(await first).toBe('A');
    await turn();
    expect(sent).toEqual([['a'], ['b', 'c']]);
    end(1);
    expect(await later).toEqual(['B', 'C']);
  });

  it('never has more commands under way, or more items in one, than it may', async () => {
    const { sent, send, end } = commands();
    const gather = createGatherer<string, string>({ inFlight: 2, batch: 2, send });
    const all = Promise.all(['a', 'b', 'c', 'd', 'e'].map(gather));
    for (let count = 0; count < 5; count += 1) await turn();
    expect(sent).toEqual([
      ['a', 'b'],
      ['c', 'd'],
    ]);
    end(1);
    for (let count = 0; count < 3; count += 1) await turn();
    expect(sent[2]).toEqual(['e']);
    end(0);
    end(2);
    expect(await all).toEqual(['A', 'B', 'C', 'D', 'E']);
  });

  it('fails all whom a failed command carried, and nobody else', async () => {
    const { send, end } = commands();
    const gather = createGatherer<string, string>({ inFlight: 1, batch: 2, send });
    const outcomes = Promise.allSettled(['a', 'b', 'c'].map(gather));
    await turn();
    end(0, new Error('the connection broke'));
    for (let count = 0; count < 3; count += 1) await turn();
    end(1);
    expect((await outcomes).map(({ status }) => status)).toEqual(['rejected', 'rejected', 'fulfilled']);
  });

  it('fails who was left without a result rather than let them wait for ever', async () => {
    const gather = createGatherer<string, string>({ inFlight: 1, batch: 2, send: async () => ['only one'] });
    const outcomes = await Promise.allSettled([gather('a'), gather('b')]);
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
  });
});
