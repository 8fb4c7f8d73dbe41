/** Overwrites expired names also while nobody asks: questions alone do it as they come. */
import { limits } from "../base/limits.ts";

/** Sweeps a part of the caches again and again; the timer keeps no thread alive. */
export function sweepWhileIdle(caches: { sweep(entriesMax: number): void }): NodeJS.Timeout {
  const sweep = (): void => caches.sweep(limits.sweptPerIdleTurn.value);
  return setInterval(sweep, limits.idleSweepMs.value).unref();
}
