/** When a certificate is renewed: as the authority suggests, else well before its end. */
import type { RenewalInfo } from "./client.ts";
import type { CertificateFacts } from "./requests.ts";

/** Long-lived ones are renewed with a third of their life left, short-lived ones with half. */
const SHORT_LIVED_MS = 10 * 86_400_000;

/**
 * The wall-clock time at which to renew; `chance` is in [0, 1) and spreads the clients of an
 * authority over its window (RFC 9773 §4.2).
 */
export function renewalMs(
  facts: Pick<CertificateFacts, "notBeforeMs" | "notAfterMs">,
  suggested: Pick<RenewalInfo, "startMs" | "endMs"> | undefined,
  chance: number,
): number {
  const { notBeforeMs, notAfterMs } = facts;
  const lifeMs = notAfterMs - notBeforeMs;
  const ours = notBeforeMs + (lifeMs <= SHORT_LIVED_MS ? lifeMs / 2 : (lifeMs * 2) / 3);
  if (suggested === undefined) return ours;
  const { startMs, endMs } = suggested;
  // Whatever it suggests, a certificate is not left to end.
  return Math.min(startMs + (endMs - startMs) * chance, notAfterMs - lifeMs / 10);
}
