/** Request targets: a path and a query of `name=value` pairs, where they lie (RFC 9112 §3.2.1). */

const QUESTION_MARK = 0x3f;
const AMPERSAND = 0x26;
const EQUALS = 0x3d;

/** Where the path of a target ends. */
export function pathEnd(target: Uint8Array, end: number): number {
  let cursor = 0;
  while (cursor < end && target[cursor] !== QUESTION_MARK) cursor++;
  return cursor;
}

/** Says whether `target[0, end)` is this text, octet by octet. */
export function isPath(target: Uint8Array, end: number, path: Uint8Array): boolean {
  if (end !== path.length) return false;
  for (let i = 0; i < end; i++) if (target[i] !== path[i]) return false;
  return true;
}

/** Says whether `target[0, end)` begins with this text. */
export function isUnderPath(target: Uint8Array, end: number, path: Uint8Array): boolean {
  return end >= path.length && isPath(target, path.length, path);
}

/** Where the value of a parameter lies. The object is reused. */
export interface ValuePlace {
  at: number;
  end: number;
}

/**
 * Finds the first parameter of a name in the query behind `at`; says whether it is there.
 *
 * PERF: one loop, which allocates nothing.
 */
export function findParameter(
  target: Uint8Array,
  at: number,
  end: number,
  name: Uint8Array,
  place: ValuePlace,
): boolean {
  for (let from = at + 1; from < end;) {
    let to = from;
    while (to < end && target[to] !== AMPERSAND) to++;
    if (from + name.length < to && target[from + name.length] === EQUALS) {
      let i = 0;
      while (i < name.length && target[from + i] === name[i]) i++;
      if (i === name.length) {
        place.at = from + name.length + 1;
        place.end = to;
        return true;
      }
    }
    from = to + 1;
  }
  return false;
}
