/** Signatures are checked some in a turn, and what else waits for the loop comes between. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { rrType } from "@lethe/wire/codes.ts";
import { algorithm } from "../dnssec/algorithm.ts";
import { limits } from "../base/limits.ts";
import type { Verify } from "../recursor/effect.ts";
import { makeSigningKey, signBytes } from "../../sim/signer-keys.ts";
import { SignatureChecks } from "./verify.ts";

const CHECKS_MAX = limits.signatureChecksPerTurnMax.value;
const key = makeSigningKey({ algorithm: algorithm.ED25519, role: "all", seed: 1 });

function check(text: number): Verify {
  const signed = Uint8Array.of(rrType.A, text);
  const signature = signBytes(key, signed);
  return {
    kind: "verify",
    algorithm: key.key.algorithm,
    key: key.key.publicKey,
    signed,
    signature,
  };
}

function turn(): Promise<void> {
  return new Promise((done) => setImmediate(done));
}

test("no more signatures are checked in a turn than the bound, and all in the end", async () => {
  const checks = new SignatureChecks();
  let done = 0;
  for (let i = 0; i < 2 * CHECKS_MAX + 1; i++) {
    checks.verify(check(i), (isGood) => {
      assert.ok(isGood);
      done++;
    });
  }
  assert.equal(done, 0, "nobody is called before the call has returned");
  const after: number[] = [];
  for (let turns = 0; turns < 3; turns++) {
    await turn();
    after.push(done);
  }
  assert.deepEqual(after, [CHECKS_MAX, 2 * CHECKS_MAX, 2 * CHECKS_MAX + 1]);
});

test("a signature over other bytes is not good, and a malformed key has none", async () => {
  const checks = new SignatureChecks();
  const results: boolean[] = [];
  const good = check(1);
  checks.verify({ ...good, signed: Uint8Array.of(9) }, (isGood) => results.push(isGood));
  checks.verify({ ...good, key: Uint8Array.of(9) }, (isGood) => results.push(isGood));
  checks.verify(good, (isGood) => results.push(isGood));
  await turn();
  assert.deepEqual(results, [false, false, true]);
});

test("what was taken back, or waits when all ends, calls nobody", async () => {
  const checks = new SignatureChecks();
  const never = (): void => assert.fail("was taken back");
  checks.verify(check(1), never)();
  let called = false;
  checks.verify(check(2), () => {
    called = true;
  });
  await turn();
  assert.ok(called);
  checks.verify(check(3), never);
  checks.close();
  checks.verify(check(4), never);
  await turn();
});
