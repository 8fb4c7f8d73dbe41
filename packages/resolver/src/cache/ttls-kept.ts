/** How long what is learnt may be kept, whatever its TTL says. */

export interface TtlsKept {
  /** TTLs are kept within these seconds; denials below their own ceiling. */
  readonly ttlMinS: number;
  readonly ttlMaxS: number;
  readonly negativeTtlMaxS: number;
}

/** A TTL within floor and ceiling. */
export function ttlWithin(ttlS: number, { ttlMinS, ttlMaxS }: TtlsKept): number {
  return Math.min(Math.max(ttlS, ttlMinS), ttlMaxS);
}
