/**
 * The changes of a ledger in words, as an Atom feed (RFC 4287): all leaves but heartbeats, the
 * newest first. Each entry is named by its leaf hash (RFC 6920).
 */
import { toUtf8 } from "@lethe/tlog/decimal.ts";
import { sha256 } from "@lethe/tlog/sha256.ts";
import { leafHash } from "@lethe/tlog/tree-hash.ts";
import { limits } from "../../base/limits.ts";
import type { FileProblem } from "../../system/safe-file.ts";
import { isProblem } from "./files.ts";
import { type Leaf, readLeaf } from "./leaf.ts";
import type { Ledger } from "./ledger.ts";
import { timeOf } from "./leaf-fields.ts";
import { leafInWords } from "./words.ts";

const ENTRIES_MAX = limits.ledgerFeedEntriesMax.value;
/** How many entries are read at a time, backwards. */
const STRIDE = 256;

interface Change {
  readonly index: number;
  readonly hash: Uint8Array;
  readonly leaf: Leaf;
}

/** The feed; a problem where entries cannot be read. */
export function feedBytes(ledger: Ledger): Uint8Array | FileProblem {
  const changes = newestChanges(ledger);
  if (isProblem(changes)) return changes;
  const { name, publicKey } = ledger.verifier;
  const updated = changes[0]?.leaf.time ?? timeOf(0);
  const lines = [
    '<?xml version="1.0" encoding="utf-8"?>',
    '<feed xmlns="http://www.w3.org/2005/Atom">',
    `<id>${nameOf(sha256(publicKey))}</id>`,
    `<title>What changed at ${escaped(name)}</title>`,
    `<author><name>${escaped(name)}</name></author>`,
    `<updated>${updated}</updated>`,
    ...changes.flatMap(entryLines),
    "</feed>",
  ];
  return toUtf8(`${lines.join("\n")}\n`);
}

function entryLines({ index, hash, leaf }: Change): string[] {
  const words = escaped(leafInWords(leaf));
  return [
    "<entry>",
    `<id>${nameOf(hash)}</id>`,
    `<title>${words}</title>`,
    `<updated>${leaf.time}</updated>`,
    `<category term="${leaf.kind}"/>`,
    `<content type="text">Entry ${index}: ${words}.</content>`,
    "</entry>",
  ];
}

function newestChanges(ledger: Ledger): readonly Change[] | FileProblem {
  const changes: Change[] = [];
  for (let to = ledger.head.size; to > 0 && changes.length < ENTRIES_MAX; to -= STRIDE) {
    const from = Math.max(0, to - STRIDE);
    const entries = ledger.entries(from, to);
    if (isProblem(entries)) return entries;
    for (const [i, entry] of [...entries.entries()].toReversed()) {
      const read = readLeaf(entry);
      if (read.kind !== "leaf" || read.leaf.kind === "heartbeat") continue;
      changes.push({ index: from + i, hash: leafHash(entry), leaf: read.leaf });
    }
  }
  return changes.slice(0, ENTRIES_MAX);
}

function nameOf(hash: Uint8Array): string {
  return `ni:///sha-256;${hash.toBase64({ alphabet: "base64url", omitPadding: true })}`;
}

/** A text between tags; what XML cannot hold at all becomes a mark of replacement. */
function escaped(text: string): string {
  let out = "";
  for (const char of text) {
    const code = char.codePointAt(0)!;
    const isForbidden = (code < 0x20 && !"\t\n\r".includes(char)) || (code & 0xfffe) === 0xfffe;
    out += isForbidden ? "\ufffd" : (NAMED[char] ?? char);
  }
  return out;
}

const NAMED: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
};
