/** Times to live in text: seconds, or numbers with units as in `1h30m`. */
import { wireLimits } from "./limits.ts";

const TTL_MAX_S = wireLimits.ttlMaxS.value;
const UNIT_S: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86400, w: 604800 };

/**
 * The seconds that a text stands for, or undefined where it is no time or above the longest TTL.
 *
 * Units are weeks, days, hours, minutes and seconds in either case, as BIND has them; a number
 * without a unit counts seconds.
 */
export function ttlFromText(text: string): number | undefined {
  if (!/^(\d{1,10}[smhdw])*(\d{1,10}[smhdw]?)$/i.test(text)) return undefined;
  let seconds = 0;
  for (const part of text.toLowerCase().matchAll(/(\d+)([smhdw]?)/g)) {
    seconds += Number(part[1]) * (UNIT_S[part[2]!] ?? 1);
  }
  return seconds > TTL_MAX_S ? undefined : seconds;
}
