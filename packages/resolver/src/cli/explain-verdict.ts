/** What the chain comes to in a sentence: the verdict, and the link that ends or breaks it. */
import type { Outcome } from "../recursor/outcome.ts";
import { explain } from "../recursor/explain.ts";
import { type ShownChain, type ShownZone, reasonText } from "./explain-chain.ts";

export interface ShownVerdict {
  /** `secure`, `insecure`, `bogus`, `indeterminate`; `failed` where nobody had an answer. */
  readonly verdict: string;
  /** The zone, or the name and type, where trust ends or breaks. */
  readonly at?: string;
  readonly sentence: string;
}

/** The verdict of an outcome with its chain. */
export function shownVerdict(chain: ShownChain, outcome: Outcome): ShownVerdict {
  if (outcome.kind === "failed") {
    const { errors } = explain(outcome);
    if (outcome.why === "bogus") return brokenChain(chain, reasonText(errors) ?? "");
    return { verdict: "failed", sentence: reasonText(errors) ?? "no answer" };
  }
  switch (outcome.verdict) {
    case "secure":
      return {
        verdict: "secure",
        sentence: "every link from the trust anchor to the answer holds",
      };
    case "insecure":
      return endOfChain(chain);
    default:
      return { verdict: outcome.verdict, sentence: "no trust anchor stands above the name" };
  }
}

/** The first link that broke, in the order in which they were judged. */
function brokenChain({ zones, parts }: ShownChain, said: string): ShownVerdict {
  const part = parts.find(({ verdict }) => verdict === "bogus");
  const zone = zones.find(
    (one) => one.verdict === "bogus" && (part?.path.includes(one.zone) ?? true),
  );
  const at = zone?.zone ?? (part && `${part.name} ${part.type}`.trim());
  const why = zone?.why ?? part?.why ?? said;
  return at === undefined
    ? { verdict: "bogus", sentence: why }
    : { verdict: "bogus", at, sentence: `the chain breaks at ${at} ${bracketed(why)}` };
}

/** `Signature Expired: …` as `(Signature Expired): …`. */
function bracketed(why: string): string {
  const [title, ...rest] = why.split(": ");
  return [`(${title})`, ...rest].join(": ");
}

/** Where the chain ends by proof. */
function endOfChain({ zones, parts }: ShownChain): ShownVerdict {
  const part = parts.find(({ verdict }) => verdict === "insecure");
  const zone = zones.find((one) => one.verdict === "insecure" && part?.path.includes(one.zone));
  const verdict = "insecure";
  if (zone !== undefined) return { verdict, at: zone.zone, sentence: endSentence(zone) };
  if (part === undefined) return { verdict, sentence: "the answer is not signed" };
  const at = `${part.name} ${part.type}`.trim();
  const sentence =
    part.why === undefined
      ? `unsigned names may lie where ${part.name} would be (opt-out)`
      : `${at} counts as unsigned ${bracketed(part.why)}`;
  return { verdict, at, sentence };
}

function endSentence({ zone, from, why, noDs }: ShownZone): string {
  if (from === "negative trust anchor") {
    return `a negative trust anchor takes all at and below ${zone} as unsigned`;
  }
  if (why !== undefined) return `${zone} counts as unsigned ${bracketed(why)}`;
  return noDs?.links.some(({ isOptOut, relation }) => isOptOut === true && relation === "covered")
    ? `the chain ends at ${zone}, which lies in an opt-out gap: no DS says that it is signed`
    : `the chain ends at ${zone}, which is proven to have no DS`;
}
