/** The real clocks. TTLs and timers run on the monotonic one, dates of signatures on the other. */

/** Monotonic milliseconds; the origin means nothing. */
export function monotonicMs(): number {
  return performance.now();
}

/** Seconds since 1970, as the machine believes. */
export function wallClockS(): number {
  return Math.floor(Date.now() / 1000);
}
