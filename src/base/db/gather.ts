/**
 * Gathering: while a command is on its way to the database, what other requests want joins the next one. It
 * changes how often the database is asked, never what is asked or answered: each item is sent after it was handed
 * in, and each gets its own result or the failure of the command that carried it.
 */

/** How to gather. */
export interface Gathering<Item, Result> {
  /** Commands that may be under way at once. */
  inFlight: number;
  /** Items one command carries at most. */
  batch: number;
  /** Sends one command; results stand in the order of the items. */
  send(items: readonly Item[]): Promise<readonly Result[]>;
}

interface Waiting<Item, Result> {
  item: Item;
  resolve: (result: Result) => void;
  reject: (error: unknown) => void;
}

/**
 * Builds a function that hands an item to the next command.
 * @param gathering limits and the sending function
 * @returns resolves with the item's own result; rejects when its command failed
 */
export function createGatherer<Item, Result>(
  gathering: Gathering<Item, Result>,
): (item: Item) => Promise<Result> {
  const queue: Waiting<Item, Result>[] = [];
  let underWay = 0;
  let scheduled = false;

  function schedule(): void {
    if (scheduled || underWay >= gathering.inFlight || queue.length === 0) return;
    scheduled = true;
    // One turn of the event loop lets the requests that are ready now travel together; an idle house waits for nobody.
    setImmediate(() => {
      scheduled = false;
      void dispatch();
    });
  }

  async function dispatch(): Promise<void> {
    const waiting = queue.splice(0, gathering.batch);
    if (waiting.length === 0) return;
    underWay += 1;
    schedule();
    try {
      const results = await gathering.send(waiting.map(({ item }) => item));
      waiting.forEach(({ resolve, reject }, index) => {
        const result = results[index];
        if (result === undefined) reject(new Error('a gathered command left an item without a result'));
        else resolve(result);
      });
    } catch (error) {
      for (const { reject } of waiting) reject(error);
    } finally {
      underWay -= 1;
      schedule();
    }
  }

  return (item) =>
    new Promise<Result>((resolve, reject) => {
      queue.push({ item, resolve, reject });
      schedule();
    });
}
