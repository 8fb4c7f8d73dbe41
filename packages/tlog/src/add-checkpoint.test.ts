/** What logs and witnesses say to each other, and how a witness decides. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { published } from "../test/published.ts";
import {
  addCheckpointBytes,
  conflictBytes,
  cosignaturesBytes,
  judgeAddCheckpoint,
  parseAddCheckpoint,
  parseConflict,
  parseCosignatures,
} from "./add-checkpoint.ts";
import { checkpointText } from "./checkpoint.ts";
import { parseUtf8, toUtf8 } from "./decimal.ts";
import { checkEd25519, ed25519Pair } from "./ed25519.ts";
import { tlogLimits } from "./limits.ts";
import { noteBytes } from "./note.ts";
import { type Proof, type TreeHead, consistencyProof } from "./proof.ts";
import { signNote, signatureCheck } from "./signing.ts";
import { MerkleTree, leafHash } from "./tree-hash.ts";
import { type VerifierKey, verifierKey } from "./verifier-key.ts";

const { c2sp, sigsum } = published;
const check = signatureCheck(checkEd25519);
const hash = new Uint8Array(32);

test("reads the example of tlog-witness and writes it again", () => {
  const request = parseAddCheckpoint(toUtf8(c2sp.request));
  assert.ok(request.kind === "request");
  assert.equal(request.oldSize, 20852014);
  assert.equal(request.proof.length, 4);
  assert.deepEqual(addCheckpointBytes(request), toUtf8(c2sp.request));
  const cosignatures = parseCosignatures(toUtf8(c2sp.answer))!;
  assert.equal(cosignatures.length, 3);
  assert.deepEqual(cosignaturesBytes(cosignatures), toUtf8(c2sp.answer));
});

test("reads nothing that is no request, proofHashesMax and requestBytesMax among it", () => {
  const note = c2sp.request.slice(c2sp.request.indexOf("\n\n") + 2);
  const line = `${hash.toBase64()}\n`;
  const most = tlogLimits.proofHashesMax.value;
  const table: readonly (readonly [string, string, "request" | "malformed"])[] = [
    ["from nothing on", `old 0\n\n${note}`, "request"],
    ["the longest proof", `old 1\n${line.repeat(most)}\n${note}`, "request"],
    ["a proof beyond it", `old 1\n${line.repeat(most + 1)}\n${note}`, "malformed"],
    ["nothing", "", "malformed"],
    ["no old size", `\n\n${note}`, "malformed"],
    ["another word", `new 1\n\n${note}`, "malformed"],
    ["two spaces", `old  1\n\n${note}`, "malformed"],
    ["a zero before", `old 01\n\n${note}`, "malformed"],
    ["a hash of 31 bytes", `old 1\n${hash.subarray(1).toBase64()}\n\n${note}`, "malformed"],
    ["a carriage return", `old 1\r\n\n${note}`, "malformed"],
    ["no empty line", "old 1\n", "malformed"],
  ];
  for (const [title, text, expected] of table) {
    assert.equal(parseAddCheckpoint(toUtf8(text)).kind, expected, title);
  }
  const max = tlogLimits.requestBytesMax.value;
  const long = new Uint8Array(max + 1);
  long.set(toUtf8("old 1\n\n"));
  assert.equal(parseAddCheckpoint(long.subarray(0, max)).kind, "request");
  assert.equal(parseAddCheckpoint(long).kind, "malformed");
});

test("any bytes are a request or none, and are what they are read as", () => {
  const start = fc.constantFrom("old 1\n", "old 0\n", "old ", "");
  fc.assert(
    fc.property(start, fc.uint8Array({ maxLength: 80 }), (first, rest) => {
      const bytes = Uint8Array.of(...toUtf8(first), ...rest);
      const found = parseAddCheckpoint(bytes);
      if (found.kind === "request") assert.deepEqual(addCheckpointBytes(found), bytes);
    }),
  );
});

test("reads the size of a conflict, and nothing else", () => {
  assert.equal(parseUtf8(conflictBytes(20852163)), "20852163\n");
  assert.equal(parseConflict(conflictBytes(0)), 0);
  assert.equal(parseConflict(conflictBytes(Number.MAX_SAFE_INTEGER)), Number.MAX_SAFE_INTEGER);
  for (const bad of ["", "\n", "1", "01\n", "1\n\n", `${"1".repeat(40)}\n`]) {
    assert.equal(parseConflict(toUtf8(bad)), undefined, bad);
  }
});

test("reads lines of cosignatures, and nothing else", () => {
  const first = c2sp.answer.slice(0, c2sp.answer.indexOf("\n") + 1);
  assert.equal(parseCosignatures(toUtf8(first))?.length, 1);
  assert.equal(parseCosignatures(toUtf8(first.repeat(100)))?.length, 100);
  const bad = ["", "\n", first.slice(0, -1), `${first}\n`, `x${first}`, first.repeat(101)];
  for (const text of bad) assert.equal(parseCosignatures(toUtf8(text)), undefined);
});

test("a witness takes the first checkpoint of a log that a public witness took", async () => {
  const key = verifierKey(sigsum.origin, "ed25519", Uint8Array.fromHex(sigsum.logKey))!;
  const answer = await judgeAddCheckpoint(
    toUtf8(sigsum.request),
    (origin) => (origin === key.name ? [key] : undefined),
    () => undefined,
    check,
  );
  assert.ok(answer.status === 200 && answer.checkpoint.size === 1);
});

const tree = new MerkleTree();
const forked = new MerkleTree();
for (let i = 0; i < 20; i++) {
  tree.append(leafHash(Uint8Array.of(i)));
  forked.append(leafHash(Uint8Array.of(i === 3 ? 99 : i)));
}
const pair = (await ed25519Pair(new Uint8Array(32).fill(3)))!;
const log: VerifierKey = verifierKey("example.org/log", "ed25519", pair.publicKey)!;

/** A log's request, as it signs it: from a size on to a size of some tree. */
async function requestOf(
  oldSize: number,
  size: number,
  { of = tree, proof, key = log }: { of?: MerkleTree; proof?: Proof; key?: VerifierKey } = {},
): Promise<Uint8Array> {
  const text = checkpointText({ origin: key.name, size, root: of.root(size)!, extensions: [] })!;
  const note = noteBytes({ text, signatures: [(await signNote(text, key, pair.sign))!] })!;
  const shown = proof ?? consistencyProof(oldSize, size, of.hashAt) ?? [];
  return addCheckpointBytes({ oldSize, proof: shown, note });
}

const head = (size: number, of = tree): TreeHead => ({ size, root: of.root(size)! });
const stranger: VerifierKey = verifierKey("example.org/other", "ed25519", pair.publicKey)!;
const impostor = { ...log, id: log.id ^ 1 };

test("a witness answers as tlog-witness has it", async () => {
  const body = await requestOf(5, 20);
  const broken = body.slice();
  broken[body.length - 20]! ^= 1;
  const table: readonly (readonly [string, Uint8Array, TreeHead | undefined, number])[] = [
    ["a first checkpoint", await requestOf(0, 5), undefined, 200],
    ["a first checkpoint of an empty log", await requestOf(0, 0), undefined, 200],
    ["a later one", body, head(5), 200],
    ["the same one again", await requestOf(5, 5), head(5), 200],
    ["a body that is none", toUtf8("hello"), undefined, 400],
    ["a note that is none", toUtf8("old 0\n\nhello\n"), undefined, 400],
    ["an old size beyond the new", await requestOf(20, 5), head(20), 400],
    ["a log that nobody named", await requestOf(0, 5, { key: stranger }), undefined, 404],
    ["a key that nobody named", await requestOf(0, 5, { key: impostor }), undefined, 403],
    ["a signature that is not the log's", broken, head(5), 403],
    ["another old size", body, head(7), 409],
    ["an old size where there is none", body, undefined, 409],
    ["another root of the same size", await requestOf(5, 5, { of: forked }), head(5), 409],
    ["a history that forked", await requestOf(5, 20, { of: forked }), head(5), 422],
    ["no proof", await requestOf(5, 20, { proof: [] }), head(5), 422],
    ["a proof where none belongs", await requestOf(0, 5, { proof: [hash] }), undefined, 422],
    ["a proof from a tree to itself", await requestOf(5, 5, { proof: [hash] }), head(5), 422],
  ];
  for (const [title, bytes, latest, status] of table) {
    const keysOf = (origin: string): VerifierKey[] | undefined =>
      origin === log.name ? [log] : undefined;
    const answer = await judgeAddCheckpoint(bytes, keysOf, () => latest, check);
    assert.equal(answer.status, status, title);
    if (title === "another old size") assert.ok(answer.status === 409 && answer.size === 7);
  }
});
