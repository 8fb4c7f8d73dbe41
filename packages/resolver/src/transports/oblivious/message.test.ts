/** Tests of oblivious DNS: the vectors of RFC 9230, and messages that are none. */
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import fc from "fast-check";
import { derivePrivateKey, privateKeyOf, publicOctetsOf } from "./hpke.ts";
import {
  NONCE_BYTES,
  OBLIVIOUS_MESSAGE_BYTES_MAX,
  configContents,
  configsOf,
  firstConfig,
  keyIdOf,
  openQuery,
  openResponse,
  readSealed,
  sealQuery,
  sealResponse,
} from "./message.ts";

const material =
  process.env["LETHE_MATERIAL"] ?? join(import.meta.dirname, "../../../../../../shared/material");
const file = join(material, "vectors/odoh/test-vectors.json");

interface Vector {
  readonly odohconfigs: string;
  readonly public_key_seed: string;
  readonly key_id: string;
  readonly transactions: readonly {
    readonly query: string;
    readonly queryPaddingLength: number;
    readonly response: string;
    readonly responsePaddingLength: number;
    readonly obliviousQuery: string;
    readonly obliviousResponse: string;
  }[];
}

const bytes = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, "hex"));
const privateKey = privateKeyOf(derivePrivateKey(new Uint8Array(32).fill(3)));
const contents = configContents(publicOctetsOf(privateKey));
const nonce = new Uint8Array(NONCE_BYTES).fill(9);

describe("oblivious DNS", () => {
  const why = existsSync(file) ? false : "the vectors are not there";
  it("gives what the vectors of RFC 9230 give", { skip: why }, () => {
    for (const vector of JSON.parse(readFileSync(file, "utf8")) as Vector[]) {
      const key = privateKeyOf(derivePrivateKey(bytes(vector.public_key_seed)));
      const published = configContents(publicOctetsOf(key));
      assert.equal(configsOf([published]).toHex(), vector.odohconfigs);
      assert.deepEqual(firstConfig(bytes(vector.odohconfigs)), published);
      assert.equal(keyIdOf(published).toHex(), vector.key_id);
      assert.ok(vector.transactions.length > 0);
      for (const one of vector.transactions) {
        const octets = bytes(one.obliviousQuery);
        const sealed = readSealed(octets, 0, octets.length)!;
        assert.equal(sealed.keyId.toHex(), vector.key_id);
        const query = openQuery(key, sealed)!;
        assert.equal(query.message.toHex(), one.query);
        assert.equal(query.plain.length, 4 + query.message.length + one.queryPaddingLength);
        const response = bytes(one.obliviousResponse);
        assert.equal(openResponse(query, response)?.toHex(), one.response);
        const used = readSealed(response, 0, response.length)!.keyId;
        const message = bytes(one.response);
        const block = message.length + one.responsePaddingLength;
        assert.equal(sealResponse(query, used, message, block).toHex(), one.obliviousResponse);
      }
    }
  });

  it("brings a question to the target and its answer back, padded to whole blocks", () => {
    const lengths = fc.uint8Array({ minLength: 1, maxLength: 700 });
    fc.assert(
      fc.property(lengths, lengths, (question, answer) => {
        const { octets, sent } = sealQuery(contents, question, 128)!;
        const query = openQuery(privateKey, readSealed(octets, 0, octets.length)!)!;
        assert.deepEqual(Uint8Array.from(query.message), question);
        assert.equal((query.plain.length - 4) % 128, 0);
        const response = sealResponse(query, nonce, answer, 468);
        assert.deepEqual(Uint8Array.from(openResponse(sent, response)!), answer);
        assert.equal((response.length - 5 - NONCE_BYTES - 16 - 4) % 468, 0);
      }),
      { numRuns: 30 },
    );
  });

  it("holds the longest message, with what padding fits", () => {
    for (const size of [OBLIVIOUS_MESSAGE_BYTES_MAX, OBLIVIOUS_MESSAGE_BYTES_MAX - 1]) {
      const { octets, sent } = sealQuery(contents, new Uint8Array(size).fill(1), 128)!;
      const query = openQuery(privateKey, readSealed(octets, 0, octets.length)!)!;
      assert.equal(query.message.length, size);
      const response = sealResponse(query, nonce, query.message, 468);
      assert.equal(openResponse(sent, response)?.length, size);
    }
  });

  it("opens nothing that was changed in any octet", () => {
    const { octets, sent } = sealQuery(contents, new Uint8Array(20).fill(1), 32)!;
    const query = openQuery(privateKey, readSealed(octets, 0, octets.length)!)!;
    const response = sealResponse(query, nonce, new Uint8Array(20), 32);
    for (let i = 0; i < octets.length; i++) {
      const changed = Uint8Array.from(octets);
      changed[i]! ^= 0x40;
      const sealed = readSealed(changed, 0, changed.length);
      if (sealed !== undefined) assert.equal(openQuery(privateKey, sealed), undefined);
    }
    for (let i = 0; i < response.length; i++) {
      const changed = Uint8Array.from(response);
      changed[i]! ^= 0x40;
      assert.equal(openResponse(sent, changed), undefined);
    }
    assert.equal(openResponse(sent, octets), undefined);
  });

  it("reads no message that is cut, or has something behind it", () => {
    const { octets } = sealQuery(contents, new Uint8Array(20).fill(1), 32)!;
    for (let end = 0; end < octets.length; end++) {
      assert.equal(readSealed(octets, 0, end), undefined);
    }
    const longer = Buffer.concat([octets, Uint8Array.of(0)]);
    assert.equal(readSealed(longer, 0, longer.length), undefined);
  });

  it("never throws, whatever it is given", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (octets) => {
        const sealed = readSealed(octets, 0, octets.length);
        if (sealed !== undefined) openQuery(privateKey, sealed);
        firstConfig(octets);
      }),
    );
  });

  it("passes over configurations of other versions and suites", () => {
    const other = Uint8Array.from(contents);
    other[5] = 3; // ChaCha20-Poly1305
    const future = Uint8Array.of(0xff, 6, 0, 3, 1, 2, 3);
    const known = configsOf([other, contents]);
    const all = Buffer.concat([Uint8Array.of(0, 0), future, known.subarray(2)]);
    all.writeUInt16BE(all.length - 2, 0);
    assert.deepEqual(firstConfig(all), contents);
    assert.equal(firstConfig(configsOf([other])), undefined);
    assert.equal(firstConfig(all.subarray(0, all.length - 1)), undefined);
  });
});
