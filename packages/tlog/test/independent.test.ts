/**
 * Our logs examined by a second implementation, in Python from the specifications, and its logs
 * by ours. Neither sees the other's code: what both say is what the specifications say.
 */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import {
  addCheckpointBytes,
  judgeAddCheckpoint,
  parseAddCheckpoint,
} from "../src/add-checkpoint.ts";
import { bundleBytes, parseBundle } from "../src/bundle.ts";
import { checkpointText } from "../src/checkpoint.ts";
import { checkEd25519, ed25519Pair } from "../src/ed25519.ts";
import { noteBytes } from "../src/note.ts";
import { openCheckpoint } from "../src/open-checkpoint.ts";
import {
  checkConsistency,
  checkInclusion,
  consistencyProof,
  inclusionProof,
} from "../src/proof.ts";
import { cosign, signNote, signatureCheck } from "../src/signing.ts";
import { parseTilePath, tileBytes, tilePath, tileReader, tilesOf } from "../src/tile.ts";
import { MerkleTree, leafHash, rootHash } from "../src/tree-hash.ts";
import { parseVerifierKey, verifierKey, verifierKeyToText } from "../src/verifier-key.ts";

/** A served log in the form that both programs read. */
interface ServedLog {
  readonly keys: readonly string[];
  readonly checkpoint: string;
  readonly files: Readonly<Record<string, string>>;
  readonly inclusion: readonly { readonly index: number; readonly proof: readonly string[] }[];
  readonly consistency: readonly {
    readonly old: number;
    readonly root?: string;
    readonly proof: readonly string[];
  }[];
  readonly request?: string;
  readonly oldRoot?: string;
  readonly timestampS?: number;
}

const PROGRAM = join(import.meta.dirname, "independent.py");
const python = spawnSync("python3", ["--version"]).status === 0;
const skip = python ? false : "there is no python3 here";

/** What the second implementation says; for `examine` of each log that it is given. */
function independent(args: readonly string[], input: readonly ServedLog[] = []): unknown[] {
  const run = spawnSync("python3", [PROGRAM, ...args], {
    input: JSON.stringify(input),
    maxBuffer: 1 << 28,
    encoding: "utf8",
  });
  assert.equal(run.status, 0, run.stderr);
  return JSON.parse(run.stdout) as unknown[];
}

const check = signatureCheck(checkEd25519);
const log = (await ed25519Pair(new Uint8Array(32).fill(1)))!;
const witness = (await ed25519Pair(new Uint8Array(32).fill(2)))!;
const logKey = verifierKey("ours.example/log", "ed25519", log.publicKey)!;
const witnessKey = verifierKey("ours.example/witness", "cosignature", witness.publicKey)!;
const base64 = (hashes: readonly Uint8Array[]): string[] => hashes.map((one) => one.toBase64());
const bytesOf = (text: string): Uint8Array => Uint8Array.fromBase64(text);

/** A log of some entries, as we serve it. */
async function ours(size: number): Promise<ServedLog> {
  const entries = Array.from({ length: size }, (_, i) =>
    Uint8Array.from({ length: (i * 7) % 50 }, (__, j) => (i + j) & 0xff),
  );
  const tree = new MerkleTree();
  for (const entry of entries) tree.append(leafHash(entry));
  const files: Record<string, string> = {};
  for (const tile of tilesOf(size)) {
    const from = tile.index * 256;
    const bytes =
      tile.level === "entries"
        ? bundleBytes(entries.slice(from, from + tile.width))
        : tileBytes(tile, tree.hashAt);
    files[tilePath(tile)] = bytes!.toBase64();
  }
  const checkpoint = { origin: logKey.name, size, root: tree.root()!, extensions: [] };
  const text = checkpointText(checkpoint)!;
  const own = (await signNote(text, logKey, log.sign))!;
  const word = (await cosign(text, 1_700_000_000, witnessKey, witness.sign))!;
  const some = [...new Set([0, size >> 1, size - 1, ...Array(Math.min(size, 40)).keys()])];
  const oldSize = Math.floor(size / 3);
  const proof = consistencyProof(oldSize, size, tree.hashAt)!;
  const note = noteBytes({ text, signatures: [own] })!;
  return {
    keys: [logKey, witnessKey].map(verifierKeyToText),
    checkpoint: noteBytes({ text, signatures: [own, word] })!.toBase64(),
    files,
    inclusion: some.map((index) => {
      return { index, proof: base64(inclusionProof(index, size, tree.hashAt)!) };
    }),
    consistency: some.map((old) => {
      return { old, proof: base64(consistencyProof(old, size, tree.hashAt)!) };
    }),
    request: addCheckpointBytes({ oldSize, proof, note }).toBase64(),
  };
}

const SIZES = [1, 2, 3, 255, 256, 257, 1000, 65_537];

test("the second implementation accepts our logs", { skip }, async () => {
  const logs: ServedLog[] = [];
  for (const size of SIZES) logs.push(await ours(size));
  const origin = "ours.example/log";
  const signers = [origin, "ours.example/witness"];
  const expected = SIZES.map((size) => ({ kind: "accepted", origin, size, signers }));
  assert.deepEqual(independent(["examine"], logs), expected);
});

test("we accept the second implementation's logs", { skip }, async () => {
  const logs = independent(["make", ...SIZES.map(String)]) as ServedLog[];
  for (const [i, size] of SIZES.entries()) await accept(logs[i]!, size);
});

test("the second implementation refuses our log with anything changed", { skip }, async () => {
  const honest = await ours(300);
  const flipped = (text: string): string => {
    const bytes = bytesOf(text);
    bytes[bytes.length >> 1]! ^= 1;
    return bytes.toBase64();
  };
  const bent: [string, ServedLog][] = Object.entries(honest.files).map(([path, text]) => [
    path,
    { ...honest, files: { ...honest.files, [path]: flipped(text) } },
  ]);
  bent.push(["checkpoint", { ...honest, checkpoint: flipped(honest.checkpoint) }]);
  bent.push(["request", { ...honest, request: flipped(honest.request!) }]);
  const proof = honest.inclusion[0]!.proof.with(0, honest.inclusion[0]!.proof[1]!);
  bent.push(["inclusion", { ...honest, inclusion: [{ index: 0, proof }] }]);
  bent.push(["consistency", { ...honest, consistency: [{ old: 3, proof: [] }] }]);
  const said = independent(["examine"], [...bent.map(([, one]) => one), honest]);
  const kinds = (said as { readonly kind: string }[]).map(({ kind }) => kind);
  assert.deepEqual(kinds, [...bent.map(() => "refused"), "accepted"]);
});

/** Everything that a client of ours would check of a log that others made. */
async function accept(theirs: ServedLog, size: number): Promise<void> {
  const keys = theirs.keys.map((text) => parseVerifierKey(text)!);
  const origin = keys[0]!.name;
  const trust = { origin, logKeys: [keys[0]!], witnessKeys: [keys[1]!] };
  const opened = await openCheckpoint(bytesOf(theirs.checkpoint), trust, check);
  assert.ok(opened.kind === "opened");
  const head = opened.checkpoint;
  assert.equal(head.size, size);
  assert.deepEqual(
    opened.witnessed.map((one) => one.timestampS),
    [theirs.timestampS],
  );

  const paths = [...tilesOf(size)].map(tilePath);
  assert.deepEqual(paths.toSorted(), Object.keys(theirs.files).toSorted());
  const leaves: Uint8Array[] = [];
  for (const path of paths.filter((one) => one.startsWith("tile/entries/"))) {
    const bundle = parseBundle(bytesOf(theirs.files[path]!), parseTilePath(path)!.width);
    leaves.push(...bundle!.map(leafHash));
  }
  const tree = new MerkleTree();
  for (const leaf of leaves) tree.append(leaf);
  assert.deepEqual(tree.root(), head.root);
  const files = new Map(Object.entries(theirs.files).map(([path, text]) => [path, bytesOf(text)]));
  const read = tileReader(size, (tile) => files.get(tilePath(tile)));
  assert.deepEqual(rootHash(size, read), head.root);

  for (const { index, proof } of theirs.inclusion) {
    assert.deepEqual(base64(inclusionProof(index, size, read)!), proof);
    const hashes = proof.map(bytesOf);
    const verdict = checkInclusion(index, size, leaves[index]!, hashes, head.root);
    assert.equal(verdict.kind, "proven");
  }
  for (const { old, root, proof } of theirs.consistency) {
    assert.deepEqual(base64(consistencyProof(old, size, read)!), proof);
    const before = { size: old, root: bytesOf(root!) };
    assert.equal(checkConsistency(before, head, proof.map(bytesOf)).kind, "proven");
  }
  const request = bytesOf(theirs.request!);
  const parsed = parseAddCheckpoint(request);
  assert.ok(parsed.kind === "request");
  const latest = { size: parsed.oldSize, root: bytesOf(theirs.oldRoot!) };
  const answer = await judgeAddCheckpoint(
    request,
    () => [keys[0]!],
    () => latest,
    check,
  );
  assert.equal(answer.status, 200);
}
