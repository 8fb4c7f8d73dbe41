/** A leaf in words, for feeds and for `lethe ledger show`. */
import type { Leaf } from "./leaf.ts";

const plural = (count: number, one: string): string =>
  `${count.toLocaleString("en")} ${count === 1 ? one : `${one}s`}`;

/** One sentence without its full stop; nothing that the leaf does not say. */
export function leafInWords(leaf: Leaf): string {
  switch (leaf.kind) {
    case "start": {
      const tree = `source ${leaf.source.digest.slice(0, 12)}, version ${leaf.version}`;
      return `the server started with ${tree}${leaf.afterStop ? "" : "; no stop was told before"}`;
    }
    case "stop":
      return `the server stopped: ${leaf.reason}`;
    case "heartbeat":
      return `the server runs, for ${plural(Math.round(leaf.runningS / 3600), "hour")} by now`;
    case "configuration":
      return `the configuration changed: ${leaf.changed.join(", ")}`;
    case "policy": {
      const how = leaf.weakens ? "a policy that weakens a promise" : "a policy";
      return `${how} (${leaf.digest.slice(0, 12)}) takes effect at ${leaf.effective}`;
    }
    case "disclosure-table":
      return `what may leave the server is listed anew: ${plural(leaf.rows.length, "row")}`;
    case "block-list":
      return `block list ${leaf.name}, ${leaf.source}: ${plural(leaf.entries, "rule")}`;
    case "trust-anchors":
      return `trusted for DNSSEC: ${leaf.anchors.map(({ zone }) => zone).join(", ") || "none"}`;
    case "segment-drop":
      return `${plural(leaf.records, "record")} dropped, from ${leaf.oldest} to ${leaf.newest}`;
    case "examination":
      return `${leaf.auditor} examined ${leaf.from} to ${leaf.until}; opinion: ${leaf.opinion}`;
    case "key-change":
      return `the ledger is signed by ${leaf.key} from here on: ${leaf.purpose}`;
    default:
      return inWordsOfAccess(leaf);
  }
}

/** Leaves about who sees what. */
function inWordsOfAccess(
  leaf: Extract<
    Leaf,
    { kind: "sampling" | "research-access" | "legal-order" | "evidence" | "withdrawal" }
  >,
): string {
  switch (leaf.kind) {
    case "sampling":
      if (leaf.oneIn === 0) return "no packet is sampled";
      return `one of ${plural(leaf.oneIn, "packet")} is sampled to ${leaf.until}: ${leaf.purpose}`;
    case "research-access":
      return `${leaf.who} may see ${leaf.fields.join(", ")} until ${leaf.until}: ${leaf.purpose}`;
    case "legal-order":
      return "an order of law was entered into the register";
    case "evidence": {
      const { held, deviated, asserted, notExamined } = leaf;
      return (
        `an audit: ${held} held, ${deviated} deviated, ` +
        `${asserted} asserted, ${notExamined} not examined`
      );
    }
    default:
      return `a body was withdrawn: ${leaf.reason}`;
  }
}
