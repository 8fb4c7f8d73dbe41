/** How a server is asked over TLS, and what it has to prove. */

/** Whose word counts for who a server is. */
export type Trust =
  /** Authorities whose certificates are in a PEM text; Node's own list where there is none. */
  | { readonly kind: "authorities"; readonly roots: string | undefined }
  /**
   * The server's own key is one of these: SHA-256 of its SubjectPublicKeyInfo, in base64
   * (RFC 7858 §4.2). No authority and no date is asked for then.
   */
  | { readonly kind: "keys"; readonly pins: readonly string[] }
  /** Nobody's: whoever answers is taken for the server (RFC 7435). */
  | { readonly kind: "anyone" };

/**
 * What goes with the address of a server that is asked over TLS.
 *
 * One `trust` object may stand in many: what is made of it is made once.
 */
export interface SecureTerms {
  readonly over: "tls" | "https";
  /** What its certificate has to name; undefined: its address. */
  readonly name: string | undefined;
  /** Where DNS is at a server of HTTPS, as `/dns-query`; empty for TLS. */
  readonly path: string;
  readonly trust: Trust;
}

/** Terms as a map key; whose word counts is not in it. */
export function termsKey({ over, name = "", path }: SecureTerms): string {
  return `${over} ${name} ${path}`;
}
