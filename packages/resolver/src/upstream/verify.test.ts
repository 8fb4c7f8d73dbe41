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
    isSuspect: false,
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
  const results: (boolean | undefined)[] = [];
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

/** Waits for the pool of threads, as long as anything waits for it. */
async function until(isDone: () => boolean): Promise<void> {
  while (!isDone()) await turn();
}

const dearKey = makeSigningKey({ algorithm: algorithm.ECDSAP384SHA384, role: "all", seed: 1 });

function dearCheck(isSuspect: boolean): Verify {
  const signed = Uint8Array.of(rrType.A);
  const signature = signBytes(dearKey, signed);
  const { algorithm: number, publicKey } = dearKey.key;
  return { kind: "verify", algorithm: number, key: publicKey, signed, signature, isSuspect };
}

test("what is dear is checked aside, and what is suspect after it", async () => {
  const checks = new SignatureChecks();
  const order: string[] = [];
  checks.verify(dearCheck(true), () => order.push("suspect"));
  checks.verify(dearCheck(false), () => order.push("dear"));
  checks.verify(check(1), () => order.push("cheap"));
  await turn();
  assert.deepEqual(order, ["cheap"]);
  await until(() => order.length === 3);
  assert.deepEqual(order, ["cheap", "dear", "suspect"]);
});

test("aside, too, wrong signatures, wrong lengths and malformed keys are not good", async () => {
  const checks = new SignatureChecks();
  const results: (boolean | undefined)[] = [];
  const good = dearCheck(true);
  const note = (isGood: boolean | undefined): void => void results.push(isGood);
  checks.verify({ ...good, signed: Uint8Array.of(9) }, note);
  checks.verify({ ...good, signature: good.signature.slice(1) }, note);
  checks.verify({ ...good, key: Uint8Array.of(9) }, note);
  checks.verify(good, note);
  await until(() => results.length === 4);
  assert.deepEqual(results, [false, false, false, true]);
});

test("of suspect checks no more than suspectChecksWaitingMax wait; others are not made", async () => {
  const checks = new SignatureChecks();
  const most = limits.suspectChecksWaitingMax.value;
  const suspect = { ...check(1), isSuspect: true };
  let made = 0;
  let refused = 0;
  for (let i = 0; i < most + 5; i++) {
    checks.verify(suspect, (isGood) => {
      if (isGood === undefined) refused++;
      else made++;
    });
  }
  await turn();
  assert.deepEqual([made, refused], [0, 5]);
  await until(() => made === most);
  assert.equal(refused, 5);
});

test("what is aside when all ends calls nobody", async () => {
  const checks = new SignatureChecks();
  checks.verify(dearCheck(false), () => assert.fail("it has ended"));
  await turn();
  checks.close();
  for (let turns = 0; turns < 50; turns++) await turn();
});
