/**
 * The entries of a ledger on disk. An entry is committed when the file `head` tells of it, and not
 * before; what is committed is never lost, and never another.
 *
 * Three files: `entries`, each behind its length, which is all bundles of tlog-tiles end to end;
 * `hashes`, their leaf hashes, which is all tiles of level 0 end to end; and `head`, which says how
 * much of both counts. An entry is written behind what counts and brought to the disk, its
 * hash likewise, and then `head` is exchanged in one step. A crash leaves the old head or the new.
 *
 * Where a step of that exchange fails, nobody can say which of the two is on the disk: the store is
 * *in doubt*. It then takes nothing until it has read the head again and has written that once
 * more from the beginning, without a failure. Nothing is signed of what is in doubt, so whichever
 * of the two it was, there is one history.
 */
import { tlogLimits } from "@lethe/tlog/limits.ts";
import {
  HASH_BYTES,
  type HashReader,
  MerkleTree,
  isSameHash,
  leafHash,
  nodeHash,
  rootHash,
} from "@lethe/tlog/tree-hash.ts";
import { limits } from "../../base/limits.ts";
import type { FileProblem } from "../../system/safe-file.ts";
import { type Damage, damaged, entriesOf, explainDamage } from "./damage.ts";
import { type LedgerFiles, isProblem, replaceFile } from "./files.ts";
import { type Head, emptyHead, headBytes, parseHead } from "./head.ts";

const HEAD = "head";
const ENTRIES = "entries";
const HASHES = "hashes";
const HEAD_BYTES_MAX = 256;
const LENGTH_BYTES = 2;

/** What became of an entry. */
export type Appended =
  | { readonly kind: "appended"; readonly index: number }
  /** It is not in the ledger; where `isInDoubt`, it may yet turn out to be. */
  | { readonly kind: "failed"; readonly why: string; readonly isInDoubt: boolean };

/** An entry whose commitment was neither seen to hold nor to fail. */
interface Doubt {
  readonly head: Head;
  readonly hash: Uint8Array;
}

export class LedgerStore {
  readonly #files: LedgerFiles;
  readonly #tree = new MerkleTree();
  /** Where each entry begins in the file of entries. */
  readonly #starts: number[] = [];
  #head: Head;
  #doubt: Doubt | undefined;

  private constructor(files: LedgerFiles, head: Head, entries: readonly Uint8Array[]) {
    this.#files = files;
    this.#head = emptyHead;
    for (const entry of entries) this.#take(leafHash(entry), entry.length);
    this.#head = head;
  }

  /** Opens a ledger, or makes one where there is none; damage is not mended but told. */
  static open(files: LedgerFiles): LedgerStore | Damage | FileProblem {
    const store = LedgerStore.inspect(files);
    if (store === undefined) return LedgerStore.#make(files);
    if ("kind" in store) return store;
    return store.#mendHashes() ?? store.#settleAtStart() ?? store;
  }

  /** Reads a ledger and changes nothing; undefined where there is none. */
  static inspect(files: LedgerFiles): LedgerStore | undefined | Damage | FileProblem {
    const head = readHead(files);
    if (head === undefined) return withoutHead(files);
    if ("kind" in head) return head;
    const bytes = files.read(ENTRIES, 0, head.bytes);
    if (isProblem(bytes)) return bytes;
    const hashes = files.read(HASHES, 0, head.size * HASH_BYTES);
    if (isProblem(hashes)) return hashes;
    const entries = entriesOf(bytes ?? new Uint8Array(), head);
    if ("kind" in entries) return explainDamage(head, bytes, hashes) ?? entries;
    const store = new LedgerStore(files, head, entries);
    if (isSameHash(store.#tree.root()!, head.root)) return store;
    return explainDamage(head, bytes, hashes) ?? damaged("the entries have another root");
  }

  /** Says whether an entry of a length may stand behind so many bytes. */
  static fits(bytes: number, length: number): boolean {
    return bytes + LENGTH_BYTES + length <= limits.ledgerBytesMax.value;
  }

  static #make(files: LedgerFiles): LedgerStore | FileProblem {
    const problem =
      files.cut(ENTRIES, 0) ??
      files.cut(HASHES, 0) ??
      files.sync(ENTRIES) ??
      files.sync(HASHES) ??
      files.syncNames() ??
      replaceFile(files, HEAD, headBytes(emptyHead))?.problem;
    return problem ?? new LedgerStore(files, emptyHead, []);
  }

  /** What is committed for certain. */
  get head(): Head {
    return this.#head;
  }

  get isInDoubt(): boolean {
    return this.#doubt !== undefined;
  }

  /** Hashes of what is committed. */
  get hashAt(): HashReader {
    return this.#tree.hashAt;
  }

  /** The root over the first entries; undefined where there are fewer. */
  rootOf(size: number): Uint8Array | undefined {
    return this.#tree.root(size);
  }

  /** The bytes of entries as bundles have them, or why they cannot be read. */
  bundle(from: number, to: number): Uint8Array | undefined | FileProblem {
    if (from < 0 || from > to || to > this.#head.size) return undefined;
    const start = this.#starts[from] ?? this.#head.bytes;
    const end = this.#starts[to] ?? this.#head.bytes;
    return this.#files.read(ENTRIES, start, end);
  }

  /** Adds an entry; when it says so, the entry is on the disk and counts. */
  append(entry: Uint8Array): Appended {
    const unsettled = this.settle();
    if (unsettled !== undefined) return failed(unsettled, true);
    const { size, bytes } = this.#head;
    if (entry.length > tlogLimits.entryBytesMax.value)
      return failed("the entry is too long", false);
    const end = bytes + LENGTH_BYTES + entry.length;
    if (!LedgerStore.fits(bytes, entry.length)) return failed("the ledger is full", false);
    const framed = new Uint8Array(LENGTH_BYTES + entry.length);
    new DataView(framed.buffer).setUint16(0, entry.length);
    framed.set(entry, LENGTH_BYTES);
    const hash = leafHash(entry);
    const problem = this.#put(ENTRIES, bytes, framed) ?? this.#put(HASHES, size * HASH_BYTES, hash);
    if (problem !== undefined) return failed(problem.why, false);
    const head = { size: size + 1, bytes: end, root: rootWith(this.#tree, size, hash) };
    const unchanged = replaceFile(this.#files, HEAD, headBytes(head));
    if (unchanged === undefined) {
      this.#commit({ head, hash });
      return { kind: "appended", index: size };
    }
    if (!unchanged.isInDoubt) return failed(unchanged.problem.why, false);
    this.#doubt = { head, hash };
    const still = this.settle();
    if (still !== undefined) return failed(still, true);
    return this.#head.size > size
      ? { kind: "appended", index: size }
      : failed(unchanged.problem.why, false);
  }

  /** Ends a doubt where the disk allows it; gives why it goes on. */
  settle(): string | undefined {
    const doubt = this.#doubt;
    if (doubt === undefined) return undefined;
    const found = readHead(this.#files);
    if (found === undefined) return "the head is gone";
    if ("kind" in found) return found.why;
    const isNew = isSameHead(found, doubt.head);
    if (!isNew && !isSameHead(found, this.#head)) return "the head is another";
    // What stands there may be in memory only: it is written anew, and seen to reach the disk.
    const problem = replaceFile(this.#files, HEAD, headBytes(found))?.problem;
    if (problem !== undefined) return problem.why;
    this.#doubt = undefined;
    if (isNew) this.#commit(doubt);
    return undefined;
  }

  /** Writes bytes behind what counts of a file, whatever a failure left there. */
  #put(name: string, at: number, bytes: Uint8Array): FileProblem | undefined {
    return (
      this.#files.cut(name, at) ?? this.#files.write(name, at, bytes) ?? this.#files.sync(name)
    );
  }

  #commit({ head, hash }: Doubt): void {
    this.#take(hash, head.bytes - this.#head.bytes - LENGTH_BYTES);
    this.#head = head;
  }

  /** Takes an entry into memory. */
  #take(hash: Uint8Array, length: number): void {
    this.#starts.push(this.#head.bytes);
    this.#tree.append(hash);
    this.#head = { ...this.#head, bytes: this.#head.bytes + LENGTH_BYTES + length };
  }

  /** Hashes follow from the entries: where they were lost they are written again. */
  #mendHashes(): FileProblem | undefined {
    const { size } = this.#head;
    const found = this.#files.read(HASHES, 0, size * HASH_BYTES);
    if (isProblem(found)) return found;
    const hashes = new Uint8Array(size * HASH_BYTES);
    for (let i = 0; i < size; i++) hashes.set(this.#tree.hashAt(0, i)!, i * HASH_BYTES);
    if (found !== undefined && isSameHash(found, hashes)) return undefined;
    return this.#put(HASHES, 0, hashes) ?? this.#files.syncNames();
  }

  /**
   * A process before this one may have ended in doubt: what it left may be in memory only, and
   * must be on the disk before anything is signed of it.
   */
  #settleAtStart(): FileProblem | undefined {
    return replaceFile(this.#files, HEAD, headBytes(this.#head))?.problem;
  }
}

/** Without a head there is no ledger, unless somebody took the head away. */
function withoutHead(files: LedgerFiles): undefined | Damage | FileProblem {
  const size = files.size(ENTRIES);
  if (isProblem(size)) return size;
  return size === undefined || size === 0 ? undefined : damaged("there are entries and no head");
}

/** The root that a tree would have with one leaf more. */
function rootWith(tree: MerkleTree, size: number, hash: Uint8Array): Uint8Array {
  const read: HashReader = (level, index) =>
    level === 0 && index === size ? hash : (tree.hashAt(level, index) ?? joined(level, index));
  const joined = (level: number, index: number): Uint8Array | undefined => {
    const left = level === 0 ? undefined : read(level - 1, 2 * index);
    const right = left === undefined ? undefined : read(level - 1, 2 * index + 1);
    return left === undefined || right === undefined ? undefined : nodeHash(left, right);
  };
  return rootHash(size + 1, read)!;
}

function readHead(files: LedgerFiles): Head | undefined | Damage | FileProblem {
  const bytes = files.read(HEAD, 0, HEAD_BYTES_MAX);
  if (bytes === undefined || isProblem(bytes)) return bytes;
  return parseHead(bytes) ?? damaged("the head cannot be read");
}

function isSameHead(a: Head, b: Head): boolean {
  return isSameHash(headBytes(a), headBytes(b));
}

function failed(why: string, isInDoubt: boolean): Appended {
  return { kind: "failed", why, isInDoubt };
}
