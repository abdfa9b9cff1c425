/**
 * Change watching: tells a cache which documents of a collection changed, and whether it may trust itself. A cache
 * is right only while its change stream lives; while it does not, the owner reads through.
 */
import type { Connection, mongo } from 'mongoose';

type ChangeStream = mongo.ChangeStream;
type ChangeStreamDocument = mongo.ChangeStreamDocument;

/** A living (or recovering) watch on one collection. */
export interface Watch {
  /** True while the stream is open, so that nothing changed unseen. */
  trusted(): boolean;
  close(): Promise<void>;
}

/** Who listens. */
export interface WatchListener {
  /** One document changed or went; the id as stored. */
  onChange(id: string): void;
  /** The stream was interrupted: whatever was cached may be stale. */
  onGap(): void;
}

const reopenMs = 500;

/**
 * Watches a collection and reopens the stream whenever it breaks.
 * @param connection the connection to watch on
 * @param collection name of the collection
 * @param listener told of each change and each gap
 * @returns once the stream is open for the first time
 */
export async function watchCollection(
  connection: Connection,
  collection: string,
  listener: WatchListener,
): Promise<Watch> {
  let closed = false;
  let trusted = false;
  let timer: NodeJS.Timeout | undefined;
  let stream = await open();

  async function open() {
    const opened = connection
      .collection(collection)
      .watch([{ $project: { documentKey: 1, operationType: 1 } }]);
    // The server's first answer brings a resume token: from then on no change goes unseen. Waiting for the first
    // change or for an empty round of the stream would hold up the start for a second.
    const answered = new Promise((resolve) => opened.once('resumeTokenChanged', resolve));
    const first = opened.next();
    await Promise.race([answered, first]);
    trusted = true;
    void follow(opened, first);
    return opened;
  }

  /** Reads until the stream ends, which only an error or `close` makes it do. */
  async function follow(from: ChangeStream, first: Promise<ChangeStreamDocument>) {
    try {
      for (let change = await first; ; change = await from.next()) {
        if ('documentKey' in change) listener.onChange(String(change.documentKey._id));
        else listener.onGap();
      }
    } catch {
      interrupted();
    }
  }

  function interrupted() {
    trusted = false;
    if (closed || timer) return;
    listener.onGap();
    timer = setTimeout(() => {
      timer = undefined;
      open().then(
        (reopened) => {
          listener.onGap();
          if (closed) void reopened.close();
          stream = reopened;
        },
        () => interrupted(),
      );
    }, reopenMs);
  }

  return {
    trusted: () => trusted,
    async close() {
      closed = true;
      clearTimeout(timer);
      trusted = false;
      await stream.close();
    },
  };
}
