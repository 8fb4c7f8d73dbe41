/** The real clocks. TTLs and timers run on the monotonic one, dates of signatures on the other. */

/** Monotonic milliseconds; the origin means nothing. */
export function monotonicMs(): number {
  return performance.now();
}

/** Seconds since 1970. */
export function wallS(): number {
  return Math.floor(Date.now() / 1000);
}
