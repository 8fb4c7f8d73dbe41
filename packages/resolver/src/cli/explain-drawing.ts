/**
 * The chain of trust as lines that a person reads from top to bottom, within 80 columns.
 *
 *   good.lethe.
 *   │ DS      11037 ED25519 SHA-256
 *   │         ✓ by 22310, 2027-01-15 to 2027-02-14, 29 days left
 *   │ keys    11037 ED25519 SEP ← DS
 *   │         40183 ED25519
 *   │         ✓ by 11037, 2027-01-15 to 2027-02-14, 29 days left
 *   │
 *   www.good.lethe. A
 *     198.18.2.1
 *     ✓ by 40183, 2027-01-15 to 2027-02-14, 29 days left
 */
import type { ShownChain, ShownPart, ShownZone } from "./explain-chain.ts";
import type { ShownProof, ShownProofLink } from "./explain-denial.ts";
import type { ShownVerdict } from "./explain-verdict.ts";
import type { ShownDs, ShownKey, ShownSignature } from "./explain-signatures.ts";

/** What a line says of itself: how it may be coloured. */
export type Tone = "plain" | "good" | "bad" | "open" | "dim" | "title";

export interface Line {
  readonly tone: Tone;
  readonly text: string;
}

const COLUMNS = 80;
const LABEL = 8;
const RDATAS_MAX = 8;
const RAIL = "│ ";
const GOOD = "✓";
const BAD = "✗";
const HASH_SHOWN = 8;
const HASH_CHARACTERS = 32;

/** The lines of a chain, without its summary. */
export function drawChain({ zones, parts }: ShownChain): Line[] {
  const lines: Line[] = [];
  const drawn = new Set<string>();
  let above = "";
  for (const part of parts) {
    const fresh = part.path.filter((zone) => !drawn.has(zone));
    const known = part.path.findLast((zone) => drawn.has(zone));
    if (lines.length > 0) lines.push(plain());
    if (known !== undefined && known !== above) lines.push(dim(`${known} as above`), dim("│"));
    for (const name of fresh) {
      drawn.add(name);
      lines.push(...drawZone(zones.find(({ zone }) => zone === name)!), dim("│"));
    }
    above = part.path.at(-1) ?? above;
    lines.push(...drawPart(part));
  }
  return lines;
}

/** The verdict and its sentence. */
export function drawVerdict({ verdict, sentence }: ShownVerdict): Line[] {
  const tone = verdict === "failed" ? "bad" : toneOf(verdict);
  return wrapped(`${verdict}: ${sentence}`, COLUMNS - 2).map((text) => ({ tone, text }));
}

function plain(text = ""): Line {
  return { tone: "plain", text };
}

function dim(text: string): Line {
  return { tone: "dim", text };
}

function toneOf(verdict: string): Tone {
  if (verdict === "secure") return "good";
  return verdict === "bogus" ? "bad" : "open";
}

/** A name with its verdict, where that is not what everybody hopes for. */
function title(name: string, verdict: string): Line {
  const isSecure = verdict === "secure";
  const text = isSecure ? name : `${name}  ${verdict}`;
  return { tone: isSecure ? "title" : toneOf(verdict), text };
}

function drawZone(zone: ShownZone): Line[] {
  const lines = [title(zone.zone, zone.verdict)];
  if (zone.from === "negative trust anchor") lines.push(plain("a negative trust anchor"));
  const anchored = zone.from === "trust anchor" ? "anchor" : "DS";
  lines.push(...labelled(anchored, zone.ds.map(dsText)));
  lines.push(...zone.dsSignatures.map(signatureLine));
  if (zone.noDs !== undefined) lines.push(...drawProof("no DS", zone.noDs));
  lines.push(
    ...labelled(
      "keys",
      zone.keys.map((key) => keyText(key, anchored)),
    ),
  );
  if (zone.keys.length > 0) lines.push(...signed(zone.keySignatures));
  return lines.map((line, i) => (i === 0 ? line : { ...line, text: RAIL + line.text }));
}

function drawPart(part: ShownPart): Line[] {
  const { kind, name, type, verdict, rdatas } = part;
  const what = kind === "data" ? type : kind === "no name" ? "does not exist" : `has no ${type}`;
  const lines: Line[] = [];
  for (const rdata of rdatas.slice(0, RDATAS_MAX)) lines.push(plain(cut(rdata, COLUMNS - 2)));
  const more = rdatas.length - RDATAS_MAX;
  if (more > 0) lines.push(plain(`and ${more} more`));
  if (part.signatures.length > 0 || verdict !== "insecure") {
    if (kind === "data") lines.push(...signed(part.signatures).map(unindented));
  }
  if (part.wildcard !== undefined) lines.push(plain(`made from ${part.wildcard}`));
  if (part.proof !== undefined) lines.push(...drawProof("proof", part.proof));
  return [
    title(`${name} ${what}`, verdict),
    ...lines.map((line) => ({ ...line, text: `  ${line.text}` })),
  ];
}

/** Texts below each other behind a label. */
function labelled(label: string, texts: readonly string[]): Line[] {
  return texts.map((text, i) => plain((i === 0 ? label : "").padEnd(LABEL) + text));
}

function dsText({ keyTag, algorithm, digestType, isSupported, key }: ShownDs): string {
  const text = `${keyTag} ${algorithm} ${digestType}`;
  if (!isSupported) return `${text}, not supported`;
  if (key === "no key") return `${text}, of no key`;
  return key === "another digest" ? `${text}, not the digest of that key` : text;
}

function keyText(key: ShownKey, anchored: string): string {
  const { tag, algorithm, isZoneKey, isSep, isRevoked, isTrusted } = key;
  const marks = [
    ...(isSep ? ["SEP"] : []),
    ...(isRevoked ? ["revoked"] : []),
    ...(isZoneKey ? [] : ["not marked as a zone's"]),
    ...(isTrusted ? [`← ${anchored}`] : []),
  ];
  return [String(tag), algorithm, ...marks].join(" ");
}

/** The signatures of a set, or that it has none. */
function signed(signatures: readonly ShownSignature[]): Line[] {
  if (signatures.length > 0) return signatures.map(signatureLine);
  return [{ tone: "bad", text: `${" ".repeat(LABEL)}${BAD} no signature` }];
}

function signatureLine(signature: ShownSignature): Line {
  const { keyTag, inception, expiration, state } = signature;
  const dates = `${inception.slice(0, 10)} to ${expiration.slice(0, 10)}`;
  const mark = state === "good" ? GOOD : state === "not checked" ? "·" : BAD;
  const tone = state === "good" ? "good" : state === "not checked" ? "open" : "bad";
  const text = `${mark} by ${keyTag}, ${dates}, ${howItStands(signature)}`;
  return { tone, text: " ".repeat(LABEL) + text };
}

function howItStands({ state, daysLeft }: ShownSignature): string {
  const days = Math.abs(daysLeft) === 1 ? "day" : "days";
  if (state === "good") return `${daysLeft} ${days} left`;
  return state === "has expired" ? `expired ${-daysLeft} ${days} ago` : state;
}

function unindented(line: Line): Line {
  return { ...line, text: line.text.trimStart() };
}

function drawProof(label: string, proof: ShownProof): Line[] {
  const { kind, iterations = 0, links, signatures } = proof;
  if (kind === "none")
    return [{ tone: "bad", text: `${label.padEnd(LABEL)}${BAD} no NSEC, no NSEC3` }];
  const isOptOut = links.some((link) => link.isOptOut === true && link.relation === "covered");
  const head = [
    kind,
    ...(iterations === 0 ? [] : [`${iterations} iterations`]),
    ...(isOptOut ? ["opt-out"] : []),
  ];
  const lines = drawLinks(links).map((line) => ({ ...line, text: " ".repeat(LABEL) + line.text }));
  return [...labelled(label, [head.join(", ")]), ...lines, ...combined(signatures)];
}

/** A table of names and records, or lines in turn where that is too wide. */
function drawLinks(links: readonly ShownProofLink[]): Line[] {
  const rows = links.map(linkCells);
  const widths = [0, 1].map((column) => Math.max(0, ...rows.map((cells) => cells[column]!.length)));
  const columns = COLUMNS - 2 - LABEL;
  const table = rows.map(([role, name, by]) =>
    [role!.padEnd(widths[0]!), name!.padEnd(widths[1]!), by].join("  ").trimStart(),
  );
  const isWide = table.some((row) => row.length > columns);
  return rows.flatMap(([role, name, by], i): Line[] => {
    const tone = links[i]!.relation === "not proven" ? "bad" : "plain";
    if (!isWide) return [{ tone, text: table[i]! }];
    const told = wrapped(by!, columns - 2).map((part): Line => ({ tone, text: `  ${part}` }));
    return [{ tone, text: `${role} ${name}`.trimStart() }, ...told];
  });
}

/** A name, and the record that speaks of it. */
function linkCells({ role, name, relation, owner = "", next = "", types = [] }: ShownProofLink) {
  const [from, to] = [owner, next].map(shortHash);
  const listed = role === "closest encloser" ? "" : `: ${types.join(" ") || "no types"}`;
  const by = {
    matched: `at ${from}${listed}`,
    covered: `between ${from} and ${to}`,
    "not proven": `${BAD} not proven`,
  }[relation];
  return [role === "name" ? "" : role, name, by];
}

function shortHash(text: string): string {
  const isHash = text.length === HASH_CHARACTERS && !text.includes(".");
  return isHash ? `${text.slice(0, HASH_SHOWN)}…` : text;
}

/** Signatures of a proof: those that are alike make one line. */
function combined(signatures: readonly ShownSignature[]): Line[] {
  const lines = new Map<string, Line>();
  for (const line of signatures.map(signatureLine)) lines.set(line.text, line);
  return [...lines.values()];
}

function cut(text: string, columns: number): string {
  return text.length <= columns ? text : `${text.slice(0, columns - 1)}…`;
}

/** A text in lines of so many columns at most, broken at spaces. */
function wrapped(text: string, columns: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > columns) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line];
}
