/** Ties a raw descriptor to the event loop of its thread. */
import koffi from "koffi";

/** The polls of this thread. */
const polls = new Set<ReadPoll>();

/**
 * Stops every poll of the thread, which is about to end.
 *
 * A thread runs its loop once more while it is taken down, when no JavaScript can be called any
 * more: a poll that is still open and finds its descriptor readable then ends the whole process.
 */
export function stopPolls(): void {
  for (const poll of polls) poll.stop();
}

type Handle = ReturnType<typeof koffi.node.poll>;

/**
 * Calls back whenever a descriptor can be read, until it is stopped.
 *
 * The descriptor must be non-blocking and stays its owner's: stopping does not close it.
 * What is thrown into the FFI's poll is lost, so a mistake is thrown again where it ends the
 * process as any other does. Promises that a callback settles go on with the loop's next callback.
 */
export class ReadPoll {
  /** A handle that nothing refers to is collected and goes silent. */
  #handle: Handle | undefined;

  constructor(fd: number, readable: () => void) {
    this.#handle = koffi.node.poll(fd, { readable: true }, () => {
      try {
        readable();
      } catch (mistake) {
        setImmediate(() => {
          throw mistake;
        });
      }
    });
    polls.add(this);
  }

  stop(): void {
    polls.delete(this);
    this.#handle?.close();
    this.#handle = undefined;
  }
}
