/**
 * How far data is believed, by the section and the server it came from.
 *
 * RFC 2181 §5.4.1. Referral data (glue, delegation NS sets) does not stand in this order: the
 * cache keeps it as cuts, from which no client is ever answered.
 */
export const trust = {
  /** The additional section of an authoritative answer. */
  additional: 1,
  /** An answer without the AA bit. */
  answer: 2,
  /** The authority section of an authoritative answer. */
  authority: 3,
  /** An authoritative answer. */
  authoritativeAnswer: 4,
  /** Signed by its zone, and the signature was checked. */
  proven: 5,
} as const;
