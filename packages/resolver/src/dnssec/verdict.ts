/** What validation says of data. */

/** What DNSSEC says of data (RFC 4035 §4.3). Nothing is validated yet: all is indeterminate. */
export type Verdict = "secure" | "insecure" | "bogus" | "indeterminate";
