/**
 * The ledger of a server: its store, the key that signs its head, and the bodies beside it.
 *
 * Only what is committed is ever signed, and by Ed25519 one head has one signature: so a crash
 * between the commitment and its signature loses nothing, and there is never a second history.
 */
import type { Random } from "../../base/random.ts";
import { assert } from "../../base/assert.ts";
import { checkpointText } from "@lethe/tlog/checkpoint.ts";
import { toUtf8 } from "@lethe/tlog/decimal.ts";
import { noteBytes } from "@lethe/tlog/note.ts";
import type { TreeHead } from "@lethe/tlog/proof.ts";
import { type HashReader, isSameHash } from "@lethe/tlog/tree-hash.ts";
import { type VerifierKey, isKeyName } from "@lethe/tlog/verifier-key.ts";
import type { Json } from "../../base/canonical-json.ts";
import type { FileProblem } from "../../system/safe-file.ts";
import { bodyOf, dropBody, keepBody, readBody } from "./bodies.ts";
import { type Damage, damaged } from "./damage.ts";
import { type LedgerFiles, isProblem } from "./files.ts";
import { type LedgerKey, makeKey, namelessOf, readKey } from "./key.ts";
import { type Leaf, type LeafKind, type LeafOf, leafBytes, readLeaf } from "./leaf.ts";
import { type Appended, LedgerStore } from "./store.ts";

export interface LedgerParts {
  /** The files of the ledger, and those of the bodies beside it. */
  readonly files: LedgerFiles;
  readonly bodies: LedgerFiles;
  /** The name of the ledger; undefined: whatever it was made with, or a name of its own. */
  readonly name: string | undefined;
  readonly random: Random;
}

export type LedgerProblem = Damage | FileProblem;

const SEED_BYTES = 32;
const SALT_BYTES = 32;

export class Ledger {
  readonly #parts: LedgerParts;
  readonly #store: LedgerStore;
  readonly #key: LedgerKey;
  readonly #last = new Map<LeafKind, Leaf>();
  readonly #withdrawn = new Set<string>();
  /** Bodies that are for auditors only: who may ask. */
  readonly #discreet = new Set<string>();
  #noted = 0;
  #signed: { readonly head: TreeHead; readonly note: Uint8Array } | undefined;

  private constructor(parts: LedgerParts, store: LedgerStore, key: LedgerKey) {
    this.#parts = parts;
    this.#store = store;
    this.#key = key;
  }

  /** Opens the ledger of a directory, or makes it with its key. */
  static open(parts: LedgerParts): Ledger | LedgerProblem {
    const { files, random } = parts;
    if (parts.name !== undefined && !isKeyName(parts.name)) {
      return damaged(`${parts.name} can be no name of a ledger`);
    }
    let key = readKey(files);
    if (key === undefined) {
      const head = files.size("head");
      if (isProblem(head)) return head;
      if (head !== undefined) return damaged("there is a ledger, and its key is gone");
      const seed = random.bytes(SEED_BYTES);
      key = makeKey(files, parts.name ?? namelessOf(seed), seed);
      seed.fill(0);
    }
    if ("kind" in key) return key;
    const { name } = key.verifier;
    if (parts.name !== undefined && name !== parts.name) {
      return damaged(`it was made as ${name}, and keeps that name`);
    }
    const store = LedgerStore.open(files);
    if ("kind" in store) return store;
    const ledger = new Ledger(parts, store, key);
    return ledger.#noteNew() ?? ledger.#dropWithdrawn() ?? ledger;
  }

  /** Reads a ledger and changes nothing; undefined where there is none. */
  static inspect(parts: LedgerParts): Ledger | LedgerProblem | undefined {
    const store = LedgerStore.inspect(parts.files);
    if (store === undefined || "kind" in store) return store;
    const key = readKey(parts.files);
    if (key === undefined) return damaged("there is a ledger, and its key is gone");
    if ("kind" in key) return key;
    const ledger = new Ledger(parts, store, key);
    return ledger.#noteNew() ?? ledger;
  }

  get verifier(): VerifierKey {
    return this.#key.verifier;
  }

  /** The committed head. */
  get head(): TreeHead {
    const { size, root } = this.#store.head;
    return { size, root };
  }

  get hashAt(): HashReader {
    return this.#store.hashAt;
  }

  rootOf(size: number): Uint8Array | undefined {
    return this.#store.rootOf(size);
  }

  /** The newest leaf of a kind. */
  lastOf<K extends LeafKind>(kind: K): LeafOf<K> | undefined {
    return this.#last.get(kind) as LeafOf<K> | undefined;
  }

  /** The kind of the newest leaf whose kind is known. */
  get lastKind(): LeafKind | undefined {
    return [...this.#last.keys()].at(-1);
  }

  /** Appends a leaf; when it says so, the leaf is committed. */
  append(leaf: Leaf): Appended {
    const bytes = leafBytes(leaf);
    if (bytes === undefined) {
      return { kind: "failed", why: "the entry is too long, or malformed", isInDoubt: false };
    }
    const appended = this.#store.append(bytes);
    this.#noteNew();
    return appended;
  }

  /** Ends a doubt where the disk allows it; gives why it goes on. */
  settle(): string | undefined {
    const why = this.#store.settle();
    this.#noteNew();
    return why;
  }

  /** The checkpoint of the committed head, signed. */
  checkpoint(): Uint8Array {
    const { head } = this;
    const before = this.#signed;
    if (before !== undefined && before.head.size === head.size) {
      assert(isSameHash(before.head.root, head.root), "a ledger has one history");
      return before.note;
    }
    const { name, id } = this.#key.verifier;
    const text = checkpointText({ origin: name, ...head, extensions: [] })!;
    const bytes = this.#key.sign(toUtf8(text));
    const note = noteBytes({ text, signatures: [{ name, id, bytes }] })!;
    if (before !== undefined) {
      const then = this.#store.rootOf(before.head.size);
      const isGrown = then !== undefined && isSameHash(then, before.head.root);
      assert(isGrown, "a ledger only grows");
    }
    this.#signed = { head, note };
    return note;
  }

  /** The bytes of entries as a bundle has them. */
  bundle(from: number, to: number): Uint8Array | undefined | FileProblem {
    return this.#store.bundle(from, to);
  }

  /** The entries of a range; a problem where they cannot be read. */
  entries(from: number, to: number): readonly Uint8Array[] | FileProblem {
    const bytes = this.#store.bundle(from, to) ?? new Uint8Array();
    if (isProblem(bytes)) return bytes;
    const entries: Uint8Array[] = [];
    for (let at = 0; at < bytes.length;) {
      const end = at + 2 + ((bytes[at]! << 8) | bytes[at + 1]!);
      entries.push(bytes.subarray(at + 2, end));
      at = end;
    }
    return entries;
  }

  /** Keeps a body and gives the commitment for a leaf; undefined where it is too long. */
  keep(body: Json): string | undefined | FileProblem {
    const salted = bodyOf(body, this.#parts.random.bytes(SALT_BYTES));
    if (salted === undefined) return undefined;
    return keepBody(this.#parts.bodies, salted) ?? salted.commitment;
  }

  /** The body of a commitment: its bytes, that it was withdrawn, or undefined for neither. */
  body(commitment: string): Uint8Array | "withdrawn" | undefined | FileProblem {
    if (this.#withdrawn.has(commitment)) return "withdrawn";
    return readBody(this.#parts.bodies, commitment);
  }

  /** The same for everybody: what is for auditors only is as if it were not there. */
  publicBody(commitment: string): ReturnType<Ledger["body"]> {
    return this.#discreet.has(commitment) ? undefined : this.body(commitment);
  }

  /** Withdraws a body: first the leaf that says so, then the body goes. */
  withdraw(commitment: string, reason: string, time: string): Appended {
    const appended = this.append({ kind: "withdrawal", time, body: commitment, reason });
    if (appended.kind === "appended") dropBody(this.#parts.bodies, commitment);
    return appended;
  }

  /** Takes note of what was committed since the last time. */
  #noteNew(): FileProblem | undefined {
    const { size } = this.#store.head;
    const entries = this.entries(this.#noted, size);
    if (isProblem(entries)) return entries;
    this.#noted = size;
    for (const entry of entries) {
      const read = readLeaf(entry);
      if (read.kind !== "leaf") continue;
      const { leaf } = read;
      this.#last.delete(leaf.kind);
      this.#last.set(leaf.kind, leaf);
      if (leaf.kind === "withdrawal") this.#withdrawn.add(leaf.body);
      if ("personal" in leaf && leaf.personal !== null) this.#discreet.add(leaf.personal);
    }
    return undefined;
  }

  /** A crash may have come between a withdrawal and the end of its body. */
  #dropWithdrawn(): FileProblem | undefined {
    for (const body of this.#withdrawn) {
      const problem = dropBody(this.#parts.bodies, body);
      if (problem !== undefined) return problem;
    }
    return undefined;
  }
}
