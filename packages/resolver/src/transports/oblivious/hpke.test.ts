/** Tests of HPKE against the vectors of RFC 9180, and against itself where these cannot be. */
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { gunzipSync } from "node:zlib";
import fc from "fast-check";
import {
  derivePrivateKey,
  exportSecret,
  open,
  privateKeyOf,
  publicKeyOf,
  publicOctetsOf,
  scheduleFor,
  seal,
  setupRecipient,
  setupSender,
  suite,
} from "./hpke.ts";

interface Vector {
  readonly mode: number;
  readonly kem_id: number;
  readonly kdf_id: number;
  readonly aead_id: number;
  readonly info: string;
  readonly ikmR: string;
  readonly skRm: string;
  readonly pkRm: string;
  readonly enc: string;
  readonly key: string;
  readonly base_nonce: string;
  readonly exporter_secret: string;
  readonly encryptions: readonly { aad: string; ct: string; pt: string; nonce: string }[];
  readonly exports: readonly { exporter_context: string; L: number; exported_value: string }[];
}

const material =
  process.env["LETHE_MATERIAL"] ?? join(import.meta.dirname, "../../../../../../shared/material");
const file = join(material, "vectors/hpke/vectors_rfc9180_5f503c5.json.gz");
const bytes = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, "hex"));
const hex = (octets: Uint8Array | undefined): string | undefined => octets?.toHex();

describe("HPKE", () => {
  const why = existsSync(file) ? false : "the vectors are not there";
  it("gives what the vectors of RFC 9180 give, all messages and exports", { skip: why }, () => {
    const all = JSON.parse(gunzipSync(readFileSync(file)).toString()) as Vector[];
    const ours = all.filter(
      ({ mode, kem_id: kem, kdf_id: kdf, aead_id: aead }) =>
        mode === 0 && kem === suite.kem && kdf === suite.kdf && aead === suite.aead,
    );
    assert.equal(ours.length, 1);
    for (const vector of ours) {
      assert.equal(hex(derivePrivateKey(bytes(vector.ikmR))), vector.skRm);
      const key = privateKeyOf(bytes(vector.skRm));
      assert.equal(hex(publicOctetsOf(key)), vector.pkRm);
      const context = setupRecipient(key, bytes(vector.enc), scheduleFor(bytes(vector.info)));
      assert.ok(context !== undefined);
      assert.equal(hex(context.key), vector.key);
      assert.equal(hex(context.baseNonce), vector.base_nonce);
      assert.equal(hex(context.exporterSecret), vector.exporter_secret);
      assert.ok(vector.encryptions.length > 256);
      for (const [i, { aad, ct, pt }] of vector.encryptions.entries()) {
        assert.equal(hex(open(context, i, bytes(aad), bytes(ct))), pt);
        assert.equal(hex(seal(context, i, bytes(aad), bytes(pt))), ct);
      }
      for (const { exporter_context: label, L, exported_value: value } of vector.exports) {
        assert.equal(hex(exportSecret(context, bytes(label), L)), value);
      }
    }
  });

  const privateKey = privateKeyOf(derivePrivateKey(new Uint8Array(32).fill(7)));
  const publicKey = publicKeyOf(publicOctetsOf(privateKey));
  const schedule = scheduleFor(Buffer.from("a purpose"));

  it("opens what was sealed, and nothing that was changed", () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.uint8Array(), fc.nat(), (plain, aad, at) => {
        const sender = setupSender(publicKey, schedule)!;
        const recipient = setupRecipient(privateKey, sender.enc, schedule)!;
        const sealed = seal(sender.context, 0, aad, plain);
        assert.deepEqual(open(recipient, 0, aad, sealed), Buffer.from(plain));
        assert.deepEqual(
          exportSecret(recipient, Buffer.from("x"), 40),
          exportSecret(sender.context, Buffer.from("x"), 40),
        );
        const changed = Uint8Array.from(sealed);
        changed[at % changed.length]! ^= 1;
        assert.equal(open(recipient, 0, aad, changed), undefined);
        assert.equal(open(recipient, 1, aad, sealed), undefined);
        assert.equal(open(recipient, 0, aad, sealed.subarray(0, sealed.length - 1)), undefined);
        const other = setupRecipient(privateKey, sender.enc, scheduleFor(Buffer.from("another")))!;
        assert.equal(open(other, 0, aad, sealed), undefined);
      }),
      { numRuns: 50 },
    );
  });

  it("takes no encapsulated key that is none, and none of small order (RFC 9180 §7.1.4)", () => {
    for (const enc of [new Uint8Array(0), new Uint8Array(31), new Uint8Array(33)]) {
      assert.equal(setupRecipient(privateKey, enc, schedule), undefined);
    }
    assert.equal(setupRecipient(privateKey, new Uint8Array(32), schedule), undefined);
  });
});
