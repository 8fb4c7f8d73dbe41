/** Our own mistakes: the only thing that throws. Asserts stay on in production. */

/** Throws where a condition that this program promises itself does not hold. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(`assertion failed: ${message}`);
}
