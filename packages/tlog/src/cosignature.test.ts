/** Cosignatures: what a witness signs, and the bytes of it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { published } from "../test/published.ts";
import { cosignatureBytes, cosignedMessage, parseCosignature } from "./cosignature.ts";
import { parseUtf8, toUtf8 } from "./decimal.ts";
import { tlogLimits } from "./limits.ts";
import { parseNote } from "./note.ts";

const signature = Uint8Array.from({ length: 64 }, (_, i) => i);

test("is about the bytes of tlog-cosignature's example", () => {
  const note = parseNote(toUtf8(published.c2sp.checkpoint));
  assert.ok(note.kind === "note");
  const cosignature = parseCosignature(note.signatures[1]!.bytes)!;
  assert.equal(cosignature.timestampS, 1679315147);
  const message = cosignedMessage(note.text, cosignature.timestampS);
  assert.equal(parseUtf8(message), published.c2sp.cosignedMessage);
  assert.deepEqual(cosignatureBytes(cosignature), note.signatures[1]!.bytes);
});

test("takes times up to timestampMaxS, and 64 bytes of signature", () => {
  const max = tlogLimits.timestampMaxS.value;
  const latest = cosignatureBytes({ timestampS: max, signature })!;
  assert.equal(parseCosignature(latest)?.timestampS, max);
  for (const timestampS of [max + 1, -1, 0.5, Number.NaN]) {
    assert.equal(cosignatureBytes({ timestampS, signature }), undefined);
  }
  latest[0] = 0x80;
  assert.equal(parseCosignature(latest), undefined);
  assert.equal(cosignatureBytes({ timestampS: 1, signature: signature.subarray(1) }), undefined);
  for (const length of [0, 8, 64, 71, 73, 2428]) {
    assert.equal(parseCosignature(new Uint8Array(length)), undefined);
  }
});
