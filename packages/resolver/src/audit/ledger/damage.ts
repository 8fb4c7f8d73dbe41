/** What is wrong with a damaged ledger, and where: by the hashes that its entries should have. */
import { HASH_BYTES, MerkleTree, isSameHash, leafHash } from "@lethe/tlog/tree-hash.ts";
import type { Head } from "./head.ts";

/** The files of a ledger do not hold what they held once. */
export interface Damage {
  readonly kind: "damage";
  readonly why: string;
}

export function damaged(why: string): Damage {
  return { kind: "damage", why };
}

/** The entries that count, out of the bytes of their file. */
export function entriesOf(bytes: Uint8Array, head: Head): readonly Uint8Array[] | Damage {
  const entries: Uint8Array[] = [];
  let at = 0;
  while (entries.length < head.size && at + 2 <= bytes.length) {
    const end = at + 2 + ((bytes[at]! << 8) | bytes[at + 1]!);
    if (end > bytes.length) break;
    entries.push(bytes.subarray(at + 2, end));
    at = end;
  }
  if (entries.length < head.size) {
    return damaged(`entry ${entries.length} is cut short or missing`);
  }
  return at === head.bytes ? entries : damaged("the entries have another length");
}

/**
 * Where the entries left what the head tells: the first one that is missing, changed, doubled or
 * out of its place. Undefined where the hashes are damaged too and nothing can be said.
 */
export function explainDamage(
  head: Head,
  entries: Uint8Array | undefined,
  hashes: Uint8Array | undefined,
): Damage | undefined {
  const expected = hashList(head, hashes);
  if (expected === undefined) return undefined;
  const found = looseEntries(entries ?? new Uint8Array()).map(leafHash);
  const isAt = (i: number, j: number): boolean =>
    found[i] !== undefined && expected[j] !== undefined && isSameHash(found[i], expected[j]);
  for (let i = 0; i < head.size; i++) {
    if (isAt(i, i)) continue;
    if (found[i] === undefined) return damaged(`entry ${i} is missing, and all behind it`);
    if (isAt(i, i + 1) && isAt(i + 1, i)) return damaged(`entries ${i} and ${i + 1} are exchanged`);
    if (isAt(i, i - 1)) return damaged(`entry ${i - 1} stands twice`);
    if (isAt(i, i + 1)) return damaged(`entry ${i} is missing`);
    if (isAt(i + 1, i)) return damaged(`something was put in before entry ${i}`);
    return damaged(`entry ${i} is changed`);
  }
  return undefined;
}

/** The leaf hashes, where they are the ones that the head was made of. */
function hashList(head: Head, bytes: Uint8Array | undefined): Uint8Array[] | undefined {
  if (bytes?.length !== head.size * HASH_BYTES) return undefined;
  const tree = new MerkleTree();
  const hashes: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += HASH_BYTES) {
    hashes.push(bytes.slice(at, at + HASH_BYTES));
    tree.append(hashes.at(-1)!);
  }
  return isSameHash(tree.root()!, head.root) ? hashes : undefined;
}

/** As many entries as can be told apart. */
function looseEntries(bytes: Uint8Array): Uint8Array[] {
  const entries: Uint8Array[] = [];
  for (let at = 0; at + 2 <= bytes.length;) {
    const end = at + 2 + ((bytes[at]! << 8) | bytes[at + 1]!);
    if (end > bytes.length) break;
    entries.push(bytes.subarray(at + 2, end));
    at = end;
  }
  return entries;
}
