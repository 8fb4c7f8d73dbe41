/** Hostile keys are refused as values; honest ones check what their private halves signed. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { assert as assertProperty, constantFrom, property, uint8Array } from "fast-check";
import { makeSigningKey, signBytes } from "../../sim/signer-keys.ts";
import { dnssecLimits } from "../base/limits/dnssec.ts";
import { algorithm } from "./algorithm.ts";
import { importKey, isDear, verifySignature, verifySignatureAside } from "./crypto.ts";

const TEXT = new TextEncoder().encode("signed");

for (const [mnemonic, number] of Object.entries(algorithm)) {
  test(`${mnemonic} checks signatures, and refuses them altered, cut or grown`, () => {
    const signing = makeSigningKey({ algorithm: number, role: "all", seed: 3 });
    const key = importKey(number, signing.key.publicKey)!;
    const signature = signBytes(signing, TEXT);
    assert.equal(verifySignature(key, TEXT, signature), true);
    assert.equal(verifySignature(key, TEXT.slice(1), signature), false);
    assert.equal(verifySignature(key, TEXT, signature.slice(1)), false);
    assert.equal(verifySignature(key, TEXT, Uint8Array.of(...signature, 0)), false);
    const altered = signature.slice();
    altered[4]! ^= 1;
    assert.equal(verifySignature(key, TEXT, altered), false);
    assert.equal(verifySignature(key, TEXT, new Uint8Array(signature.length)), false);
  });
}

for (const [mnemonic, number] of Object.entries(algorithm)) {
  test(`${mnemonic} aside says the same`, async () => {
    const signing = makeSigningKey({ algorithm: number, role: "all", seed: 3 });
    const key = importKey(number, signing.key.publicKey)!;
    const good = signBytes(signing, TEXT);
    const aside = (signed: Uint8Array, signature: Uint8Array): Promise<boolean | "refused"> =>
      new Promise((resolve) => {
        if (!verifySignatureAside(key, signed, signature, resolve)) resolve("refused");
      });
    assert.equal(await aside(TEXT, good), true);
    assert.equal(await aside(TEXT.slice(1), good), false);
    assert.equal(await aside(TEXT, new Uint8Array(good.length)), false);
    assert.equal(await aside(TEXT, new Uint8Array(good.length).fill(0xff)), false);
    assert.equal(await aside(TEXT, good.slice(1)), "refused");
    assert.equal(await aside(TEXT, new Uint8Array(0)), "refused");
  });
}

test("what is dear is what takes several times as long as ECDSA P-256", () => {
  const rows: readonly (readonly [number, number, boolean])[] = [
    [algorithm.ECDSAP256SHA256, 64, false],
    [algorithm.ED25519, 32, false],
    [algorithm.RSASHA256, 260, false],
    [algorithm.RSASHA256, 516, true],
    [algorithm.ECDSAP384SHA384, 96, true],
    [algorithm.ED448, 57, true],
  ];
  for (const [number, size, expected] of rows) {
    assert.equal(isDear(number, new Uint8Array(size)), expected);
  }
});

/** An RSA public key field with an exponent and a modulus of these sizes in bits. */
function rsaField(exponentBits: number, modulusBits: number): Uint8Array {
  const exponent = odd(exponentBits);
  return Uint8Array.of(exponent.length, ...exponent, ...odd(modulusBits));
}

/** An odd number of exactly so many bits. */
function odd(bits: number): Uint8Array {
  const bytes = new Uint8Array(Math.ceil(bits / 8));
  bytes[0]! |= 1 << ((bits - 1) % 8);
  bytes[bytes.length - 1]! |= 1;
  return bytes;
}

describe("RSA keys have bounds", () => {
  const { rsaModulusBitsMin, rsaModulusBitsMax, rsaExponentBitsMax } = dnssecLimits;
  const rows: readonly (readonly [title: string, field: Uint8Array, isTaken: boolean])[] = [
    ["the shortest modulus", rsaField(17, rsaModulusBitsMin.value), true],
    ["a shorter modulus", rsaField(17, rsaModulusBitsMin.value - 1), false],
    ["the longest modulus", rsaField(17, rsaModulusBitsMax.value), true],
    ["a longer modulus", rsaField(17, rsaModulusBitsMax.value + 1), false],
    ["the longest exponent", rsaField(rsaExponentBitsMax.value, 1024), true],
    ["a longer exponent", rsaField(rsaExponentBitsMax.value + 1, 1024), false],
    ["an exponent of one", rsaField(1, 1024), false],
    ["an even exponent", Uint8Array.of(1, 4, ...odd(1024)), false],
    ["an even modulus", Uint8Array.of(1, 3, ...odd(1024).slice(0, -1), 2), false],
    ["a long form of the exponent's length", Uint8Array.of(0, 0, 1, 3, ...odd(1024)), true],
    ["leading zeros", Uint8Array.of(2, 0, 3, 0, ...odd(1024)), true],
    ["no modulus", Uint8Array.of(1, 3), false],
    ["no exponent", Uint8Array.of(0, 0, 0, ...odd(1024)), false],
    ["nothing", new Uint8Array(0), false],
  ];
  for (const [title, field, isTaken] of rows) {
    test(`${title} is ${isTaken ? "taken" : "refused"}`, () => {
      assert.equal(importKey(algorithm.RSASHA256, field) !== undefined, isTaken);
    });
  }
});

test("points off the curve and fields of a wrong length are refused", () => {
  const { ECDSAP256SHA256, ECDSAP384SHA384, ED25519, ED448 } = algorithm;
  assert.equal(importKey(ECDSAP256SHA256, new Uint8Array(64).fill(5)), undefined);
  assert.equal(importKey(ECDSAP256SHA256, new Uint8Array(64)), undefined);
  assert.equal(importKey(ECDSAP256SHA256, new Uint8Array(63)), undefined);
  assert.equal(importKey(ECDSAP384SHA384, new Uint8Array(96).fill(5)), undefined);
  assert.equal(importKey(ED25519, new Uint8Array(33)), undefined);
  assert.equal(importKey(ED448, new Uint8Array(56)), undefined);
  assert.equal(importKey(3, new Uint8Array(64)), undefined);
});

test("no key and no signature makes anything throw or verify", () => {
  const numbers = constantFrom(...Object.values(algorithm), 0, 1, 3, 253);
  const bytes = uint8Array({ maxLength: 300 });
  assertProperty(
    property(numbers, bytes, bytes, (number, publicKey, signature) => {
      const key = importKey(number, publicKey);
      if (key !== undefined) assert.equal(verifySignature(key, TEXT, signature), false);
    }),
    { numRuns: 300 },
  );
});
