/** The head of a ledger as its store keeps it: the one file whose change commits an entry. */
import { parseBase64, parseDecimal, parseUtf8, toUtf8 } from "@lethe/tlog/decimal.ts";
import { HASH_BYTES, emptyTreeHash } from "@lethe/tlog/tree-hash.ts";

export interface Head {
  /** Entries that are committed. */
  readonly size: number;
  /** Octets of them in the file of entries. */
  readonly bytes: number;
  readonly root: Uint8Array;
}

const FIRST_LINE = "lethe-ledger-head/1";

/** The head of a ledger without entries. */
export const emptyHead: Head = { size: 0, bytes: 0, root: emptyTreeHash() };

export function headBytes({ size, bytes, root }: Head): Uint8Array {
  return toUtf8(`${FIRST_LINE}\n${size}\n${bytes}\n${root.toBase64()}\n`);
}

/** The head in a file's bytes; undefined where there is none. */
export function parseHead(bytes: Uint8Array): Head | undefined {
  const [first, sizeText = "", bytesText = "", rootText = "", end, ...more] =
    parseUtf8(bytes)?.split("\n") ?? [];
  const size = parseDecimal(sizeText);
  const length = parseDecimal(bytesText);
  const root = parseBase64(rootText);
  if (first !== FIRST_LINE || end !== "" || more.length > 0) return undefined;
  if (size === undefined || length === undefined || root?.length !== HASH_BYTES) return undefined;
  return { size, bytes: length, root };
}
