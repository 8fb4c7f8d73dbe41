/** The real clocks. TTLs and timers run on the monotonic one, dates of signatures on the other. */

/** Monotonic milliseconds; the origin means nothing. */
export function monotonicMs(): number {
  return performance.now();
}

/** How far the monotonic clock that all threads of this machine share is ahead of this thread's. */
export function sharedAheadMs(): number {
  return Number(process.hrtime.bigint() / 1000n) / 1000 - monotonicMs();
}

/** Seconds since 1970. */
export function wallS(): number {
  return Math.floor(Date.now() / 1000);
}
