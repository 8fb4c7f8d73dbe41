/** Waiting for what the event loop brings, without sleeping. */

/** Whoever waits for longer waits in vain. */
const PATIENCE_MS = 20_000;

/** Settles when a condition holds; turns of the event loop pass while it does not. */
export async function until(holds: () => boolean): Promise<void> {
  const startedMs = performance.now();
  while (!holds()) {
    if (performance.now() - startedMs > PATIENCE_MS) throw new Error("what was awaited never came");
    await new Promise((resolve) => setImmediate(resolve));
  }
}
