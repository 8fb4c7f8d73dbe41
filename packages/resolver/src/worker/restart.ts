/** How long a dead worker's successor waits: longer each time while they die young. */
import { limits } from "../base/limits.ts";

const FIRST_MS = limits.workerRestartMs.value;
const LAST_MS = limits.workerRestartMaxMs.value;
const STABLE_MS = limits.workerStableMs.value;

export class RestartDelay {
  #nextMs: number = FIRST_MS;

  /** The milliseconds to wait after the death of a worker that lived for so long. */
  afterDeath(livedMs: number): number {
    if (livedMs >= STABLE_MS) this.#nextMs = FIRST_MS;
    const delayMs = this.#nextMs;
    this.#nextMs = Math.min(2 * delayMs, LAST_MS);
    return delayMs;
  }
}
