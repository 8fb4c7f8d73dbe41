/** Trust anchors move along the state table of RFC 5011, and only by what was signed. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { rrType } from "@lethe/wire/codes.ts";
import type { RecordSet } from "@lethe/wire/record.ts";
import { type SigningKey, dnsKey, makeSigningKey } from "../../sim/signer-keys.ts";
import { plainName } from "../../sim/signer-zone.ts";
import { dsRdata, signSet } from "../../sim/signer.ts";
import { dnssecLimits } from "../base/limits/dnssec.ts";
import { algorithm, digestType } from "./algorithm.ts";
import {
  type AnchorEvent,
  type AnchorState,
  NEXT,
  type TrustPoint,
  lookAtKeys,
  newTrustPoint,
  trustAt,
} from "./anchor-rollover.ts";
import { parseDs } from "./ds.ts";
import { judgeNow } from "./judging.ts";
import { keyFlag } from "./key.ts";
import { WorkBudget } from "./work-budget.ts";

const zone = plainName("example");
const START_S = 1_800_000_000;
const DAY_S = 86400;

function newKey(seed: number): SigningKey {
  return makeSigningKey({ algorithm: algorithm.ED25519, role: "all", seed });
}

const [first, second] = [newKey(1), newKey(2)];

function revoked(signing: SigningKey): SigningKey {
  const { flags, algorithm: number, publicKey } = signing.key;
  return { ...signing, key: dnsKey(flags | keyFlag.revoke, number, publicKey) };
}

/** A key set of these keys, signed by those, with this TTL. */
function keySet(
  keys: readonly SigningKey[],
  signers: readonly SigningKey[],
  nowS: number,
  ttl = 7200,
): RecordSet {
  const rdatas = keys.map(({ key }) => key.rdata);
  const bare = { name: zone, type: rrType.DNSKEY, class: 1, ttl, rdatas, signatures: [] };
  const validity = { apex: zone, inceptionS: nowS - 60, expirationS: nowS + 100 * DAY_S };
  return { ...bare, signatures: signers.map((key) => signSet(bare, key, validity).rdata) };
}

function look(
  point: TrustPoint,
  keys: readonly SigningKey[],
  signers: readonly SigningKey[],
  nowS: number,
  ttl?: number,
): TrustPoint {
  const terms = { nowS, trustsSha1: false, work: new WorkBudget() };
  return judgeNow(lookAtKeys(point, keySet(keys, signers, nowS, ttl), terms));
}

function statesOf(point: TrustPoint): AnchorState[] {
  return point.keys.map(({ state }) => state);
}

/** A point that follows `first` alone, proven at the start. */
function begun(): TrustPoint {
  const fresh = newTrustPoint(zone, { ds: [], keys: [first.key] }, START_S);
  return look(fresh, [first], [first], START_S);
}

describe("RFC 5011 §4: the state table", () => {
  const rows: readonly (readonly [AnchorState, AnchorEvent, AnchorState])[] = [
    ["start", "new-key", "add-pending"],
    ["add-pending", "key-removed", "start"],
    ["add-pending", "add-time", "valid"],
    ["valid", "key-removed", "missing"],
    ["valid", "revoke-bit", "revoked"],
    ["missing", "key-present", "valid"],
    ["missing", "revoke-bit", "revoked"],
    ["revoked", "remove-time", "removed"],
  ];
  for (const [from, event, to] of rows) {
    test(`${from}: ${event} leads to ${to}`, () => {
      assert.equal(NEXT[from][event], to);
    });
  }
  test("nothing leads back from revoked or removed", () => {
    assert.deepEqual(Object.keys(NEXT.revoked), ["remove-time"]);
    assert.deepEqual(NEXT.removed, {});
  });
});

test("a DS anchor begins with the key that it names; others wait", () => {
  const ds = parseDs(dsRdata(zone, first.key, digestType.SHA256))!;
  const fresh = newTrustPoint(zone, { ds: [ds], keys: [] }, START_S);
  assert.deepEqual(trustAt(fresh).ds, [ds]);
  const point = look(fresh, [first, second], [first], START_S);
  assert.deepEqual(statesOf(point), ["valid", "add-pending"]);
  assert.deepEqual(trustAt(point).keys, [first.key]);
});

describe("a new key", () => {
  const hold = dnssecLimits.anchorAddHoldDownS.value;
  const pending = look(begun(), [first, second], [first], START_S);
  const again = look(pending, [first, second], [first], START_S + DAY_S);

  test("waits for anchorAddHoldDownS", () => {
    const before = look(again, [first, second], [first], START_S + hold - 1);
    assert.deepEqual(statesOf(before), ["valid", "add-pending"]);
    const after = look(before, [first, second], [first], START_S + hold);
    assert.deepEqual(statesOf(after), ["valid", "valid"]);
  });
  test("is seen anchorSightingsMin times at least", () => {
    assert.equal(dnssecLimits.anchorSightingsMin.value, 2);
    const once = look(pending, [second], [second], START_S + hold);
    assert.deepEqual(statesOf(once), ["valid", "add-pending"]);
    const twice = look(again, [second], [second], START_S + hold);
    assert.deepEqual(statesOf(twice), ["missing", "valid"]);
  });
  test("is forgotten where a signed set lacks it", () => {
    assert.deepEqual(statesOf(look(again, [first], [first], START_S + 2 * DAY_S)), ["valid"]);
  });
  test("proves nothing while it waits", () => {
    const alone = look(again, [second], [second], START_S + 2 * DAY_S);
    assert.deepEqual(alone.keys, again.keys);
    assert.equal(alone.provenS, again.provenS);
  });
  test("is not taken up without the SEP bit", () => {
    const plain = makeSigningKey({ algorithm: algorithm.ED25519, role: "rest", seed: 3 });
    assert.deepEqual(statesOf(look(begun(), [first, plain], [first], START_S)), ["valid"]);
  });
});

test("keys are followed up to anchorKeysMax", () => {
  const max = dnssecLimits.anchorKeysMax.value;
  const many = Array.from({ length: max + 3 }, (_, i) => newKey(10 + i));
  assert.equal(
    look(begun(), [first, ...many.slice(0, max - 1)], [first], START_S).keys.length,
    max,
  );
  assert.equal(look(begun(), [first, ...many], [first], START_S).keys.length, max);
});

describe("a revoked key", () => {
  const hold = dnssecLimits.anchorRemoveHoldDownS.value;
  const both: TrustPoint = {
    ...begun(),
    keys: [...begun().keys, { key: second.key, state: "valid", changedS: START_S, sightings: 0 }],
  };
  const gone = revoked(first);

  test("is out at once, even where nobody else signed", () => {
    const point = look(both, [gone], [gone], START_S + 1);
    assert.deepEqual(statesOf(point), ["revoked", "valid"]);
    assert.deepEqual(trustAt(point).keys, [second.key]);
  });
  test("must say so itself", () => {
    const point = look(both, [gone, second], [second], START_S + 1);
    assert.deepEqual(statesOf(point), ["missing", "valid"]);
  });
  test("is forgotten after anchorRemoveHoldDownS", () => {
    const out = look(both, [gone, second], [gone, second], START_S);
    const kept = look(out, [second], [second], START_S + hold - 1);
    assert.deepEqual(statesOf(kept), ["revoked", "valid"]);
    assert.deepEqual(statesOf(look(kept, [second], [second], START_S + hold)), ["valid"]);
  });
  test("takes the trust point with it where it was the last", () => {
    const point = look(begun(), [gone], [gone], START_S + 1);
    assert.deepEqual(statesOf(point), ["revoked"]);
    assert.deepEqual(trustAt(point), { ds: [], keys: [] });
  });
});

test("a missing key stays trusted, and is forgotten after anchorMissingKeepS if another is valid", () => {
  const keep = dnssecLimits.anchorMissingKeepS.value;
  const both: TrustPoint = {
    ...begun(),
    keys: [...begun().keys, { key: second.key, state: "valid", changedS: START_S, sightings: 0 }],
  };
  const missing = look(both, [second], [second], START_S);
  assert.deepEqual(statesOf(missing), ["missing", "valid"]);
  assert.equal(trustAt(missing).keys.length, 2);
  const kept = look(missing, [second], [second], START_S + keep - 1);
  assert.deepEqual(statesOf(kept), ["missing", "valid"]);
  assert.deepEqual(statesOf(look(missing, [second], [second], START_S + keep)), ["valid"]);
});

describe("RFC 5011 §2.3: the next look", () => {
  const { anchorQueryMinS, anchorQueryMaxS, anchorRetryMaxS } = dnssecLimits;
  const rows: readonly (readonly [title: string, ttl: number, lookS: number])[] = [
    ["is due after half the TTL", 20000, 10000],
    ["never before anchorQueryMinS", 60, anchorQueryMinS.value],
    ["never after anchorQueryMaxS", 60 * DAY_S, anchorQueryMaxS.value],
  ];
  for (const [title, ttl, lookS] of rows) {
    test(title, () => {
      const point = look(begun(), [first], [first], START_S, ttl);
      assert.equal(point.nextLookS, START_S + lookS);
    });
  }
  test("after a failure is due after a tenth of the TTL, within anchorRetryMaxS", () => {
    const retry = (ttl: number): number => {
      const good = look(begun(), [first], [first], START_S, ttl);
      return look(good, [second], [second], START_S).nextLookS - START_S;
    };
    assert.equal(retry(50000), 5000);
    assert.equal(retry(60), anchorQueryMinS.value);
    assert.equal(retry(60 * DAY_S), anchorRetryMaxS.value);
  });
});
