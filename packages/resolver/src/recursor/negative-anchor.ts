/** What a negative trust anchor makes of the names at and below it (RFC 7646 §2). */
import { type NegativeAnchor, dateText } from "../dnssec/beliefs.ts";
import { type Insecure, insecure } from "../dnssec/verdict.ts";
import type { Inquiry } from "./inquiry.ts";
import { trace } from "./trail.ts";

/** A negative anchor ends the proof, and what it lets through lives no longer than it does. */
export function takenAsUnsigned(negative: NegativeAnchor, inquiry: Inquiry): Insecure {
  const { trail, terms } = inquiry;
  const { zone, untilS, reason } = negative;
  if (trail.options.trace !== undefined) {
    const end = untilS === undefined ? "always" : `until ${dateText(untilS)}`;
    const why = reason === "" ? "" : `, ${reason}`;
    const result = `insecure: taken as unsigned ${end} by the configuration${why}`;
    trace(trail, { kind: "judged", question: trail.question, name: zone, what: "zone", result });
  }
  if (untilS === undefined || terms.nowS === undefined) return insecure();
  return { ...insecure(), ttlS: untilS - terms.nowS };
}
