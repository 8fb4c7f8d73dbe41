/** Checkpoints that running logs served, and what a client must not believe. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { published } from "../test/published.ts";
import { checkpointText } from "./checkpoint.ts";
import { toUtf8 } from "./decimal.ts";
import { checkEd25519, ed25519Pair } from "./ed25519.ts";
import { type NoteSignature, noteBytes } from "./note.ts";
import { openCheckpoint } from "./open-checkpoint.ts";
import { cosign, signNote, signatureCheck } from "./signing.ts";
import { type VerifierKey, parseVerifierKey, verifierKey } from "./verifier-key.ts";

const check = signatureCheck(checkEd25519);
const keyOf = (text: string): VerifierKey => parseVerifierKey(text)!;

for (const one of published.checkpoints.opened) {
  test(`opens the checkpoint of ${one.name}`, async () => {
    const witnessKeys = one.witnessKeys.map(keyOf);
    const logKeys = one.logKey === null ? [] : [keyOf(one.logKey)];
    const trust = { origin: one.origin, logKeys, witnessKeys };
    const opened = await openCheckpoint(toUtf8(one.note), trust, check);
    if (one.logKey === null) {
      // The witness's word is true, but without the log's it is not the log's checkpoint.
      assert.deepEqual(opened, { kind: "refused", why: "the log did not sign it" });
      const asLog = { ...trust, logKeys: witnessKeys };
      const seen = await openCheckpoint(toUtf8(one.note), asLog, check);
      assert.ok(seen.kind === "opened" && seen.checkpoint.size === one.size);
      assert.deepEqual(
        seen.witnessed.map(({ timestampS }) => timestampS),
        one.witnessedS,
      );
      return;
    }
    assert.ok(opened.kind === "opened");
    assert.equal(opened.checkpoint.size, one.size);
    assert.deepEqual(
      opened.witnessed.map(({ timestampS }) => timestampS),
      one.witnessedS,
    );
    const other = await openCheckpoint(toUtf8(one.note), { ...trust, origin: "other" }, check);
    assert.equal(other.kind, "refused");
    const lie = one.note.replace(String(one.size), String(one.size + 1));
    assert.equal((await openCheckpoint(toUtf8(lie), trust, check)).kind, "refused");
  });
}

async function keyPair(
  name: string,
  type: VerifierKey["type"],
  seed: number,
): Promise<{ key: VerifierKey; sign: (message: Uint8Array) => Promise<Uint8Array> }> {
  const pair = (await ed25519Pair(new Uint8Array(32).fill(seed)))!;
  const sign = async (message: Uint8Array): Promise<Uint8Array> => pair.sign(message);
  return { key: verifierKey(name, type, pair.publicKey)!, sign };
}

test("tells each witness's newest word, and refuses what no checkpoint is", async () => {
  const log = await keyPair("example.org/log", "ed25519", 1);
  const witness = await keyPair("example.org/w", "cosignature", 2);
  const root = new Uint8Array(32).fill(7);
  const text = checkpointText({ origin: log.key.name, size: 5, root, extensions: [] })!;
  const own = (await signNote(text, log.key, log.sign))!;
  const early = (await cosign(text, 100, witness.key, witness.sign))!;
  const late = (await cosign(text, 200, witness.key, witness.sign))!;
  const trust = { origin: log.key.name, logKeys: [log.key], witnessKeys: [witness.key] };
  const open = (
    of: string,
    signatures: readonly NoteSignature[],
  ): ReturnType<typeof openCheckpoint> =>
    openCheckpoint(noteBytes({ text: of, signatures })!, trust, check);

  const opened = await open(text, [own, late, early]);
  assert.ok(opened.kind === "opened");
  assert.deepEqual(opened.witnessed, [{ key: witness.key, timestampS: 200 }]);
  assert.equal(opened.text, text);
  const witnessOnly = await open(text, [late]);
  assert.deepEqual(witnessOnly, { kind: "refused", why: "the log did not sign it" });
  const moved = late.bytes.slice();
  moved[7]! ^= 1;
  assert.equal((await open(text, [own, { ...late, bytes: moved }])).kind, "refused");
  const plain = "no checkpoint\n";
  const ofPlain = (await signNote(plain, log.key, log.sign))!;
  assert.equal((await open(plain, [ofPlain])).kind, "refused");
  assert.equal(await cosign(plain, 1, witness.key, witness.sign), undefined);
  assert.equal(await cosign(text, 1, log.key, log.sign), undefined);
  assert.equal(await cosign(text, -1, witness.key, witness.sign), undefined);
  assert.equal(await signNote(text, witness.key, witness.sign), undefined);
  assert.equal(await ed25519Pair(new Uint8Array(31)), undefined);
});
