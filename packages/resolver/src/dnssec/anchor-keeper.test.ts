/** The keeper of trust anchors moves on once for each look, and at once where a key is revoked. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { rrType } from "@lethe/wire/codes.ts";
import type { Name } from "@lethe/wire/name.ts";
import type { RecordSet } from "@lethe/wire/record.ts";
import { type SigningKey, dnsKey, makeSigningKey } from "../../sim/signer-keys.ts";
import { plainName } from "../../sim/signer-zone.ts";
import { signSet } from "../../sim/signer.ts";
import { limits } from "../base/limits.ts";
import { algorithm } from "./algorithm.ts";
import { AnchorKeeper } from "./anchor-keeper.ts";
import { newTrustPoint } from "./anchor-rollover.ts";
import { keyFlag } from "./key.ts";

const [upper, lower] = [plainName("example"), plainName("island.example")];
const START_S = 1_800_000_000;
const DAY_S = 86400;
const HOLD_S = limits.anchorAddHoldDownS.value;

function newKey(seed: number): SigningKey {
  return makeSigningKey({ algorithm: algorithm.ED25519, role: "all", seed });
}

const [first, second, third] = [newKey(1), newKey(2), newKey(3)];

function revoked(signing: SigningKey): SigningKey {
  const { flags, algorithm: number, publicKey } = signing.key;
  return { ...signing, key: dnsKey(flags | keyFlag.revoke, number, publicKey) };
}

function keySet(
  zone: Name,
  keys: readonly SigningKey[],
  signers: readonly SigningKey[],
  nowS: number,
): RecordSet {
  const rdatas = keys.map(({ key }) => key.rdata);
  const bare = { name: zone, type: rrType.DNSKEY, class: 1, ttl: 7200, rdatas, signatures: [] };
  const validity = { apex: zone, inceptionS: nowS - 60, expirationS: nowS + 100 * DAY_S };
  return { ...bare, signatures: signers.map((key) => signSet(bare, key, validity).rdata) };
}

function keeperOf(...zones: readonly (readonly [Name, readonly SigningKey[]])[]): AnchorKeeper {
  return new AnchorKeeper(
    zones.map(([zone, keys]) => {
      return newTrustPoint(zone, { ds: [], keys: keys.map(({ key }) => key) }, START_S);
    }),
  );
}

/** The key tags of the first zone, in order. */
function tagsOf(keeper: AnchorKeeper): number[] {
  const tags = keeper.anchors[0]?.keys.map(({ tag }) => tag) ?? [];
  return tags.toSorted((a, b) => a - b);
}

/** Both tags, in order. */
const both = [first.key.tag, second.key.tag].toSorted((a, b) => a - b);

test("two tellings of one look move the states on once", () => {
  const keeper = keeperOf([upper, [first]]);
  const set = keySet(upper, [first, second], [first], START_S);
  assert.equal(keeper.looked(upper, set, START_S).isNews, true);
  const kept = keeper.points;
  assert.deepEqual(keeper.looked(upper, set, START_S + 1), { isNews: false, isTrustNews: false });
  assert.equal(keeper.points, kept);
});

test("a new key is trusted when its time has come, and that is told", () => {
  const keeper = keeperOf([upper, [first]]);
  const look = (nowS: number): boolean => {
    return keeper.looked(upper, keySet(upper, [first, second], [first], nowS), nowS).isTrustNews;
  };
  assert.equal(look(START_S), false);
  assert.equal(look(START_S + DAY_S), false);
  assert.equal(look(START_S + HOLD_S), true);
  assert.deepEqual(tagsOf(keeper), both);
});

describe("what is seen by the way", () => {
  test("adds nothing, and puts off no look", () => {
    const keeper = keeperOf([upper, [first]]);
    keeper.looked(upper, keySet(upper, [first], [first], START_S), START_S);
    const before = keeper.points;
    const moved = keeper.saw(upper, keySet(upper, [first, third], [first], START_S), START_S + 9);
    assert.equal(moved.isNews, false);
    assert.equal(keeper.points, before);
  });
  test("revokes a key at once, and once", () => {
    const keeper = keeperOf([upper, [first, second]]);
    keeper.looked(upper, keySet(upper, [first, second], [first], START_S), START_S);
    const set = keySet(upper, [revoked(first), second], [revoked(first), second], START_S);
    const { nextLookS } = keeper;
    assert.deepEqual(keeper.saw(upper, set, START_S + 9), { isNews: true, isTrustNews: true });
    assert.deepEqual(keeper.saw(upper, set, START_S + 9), { isNews: false, isTrustNews: false });
    assert.deepEqual(tagsOf(keeper), [second.key.tag]);
    assert.equal(keeper.nextLookS, nextLookS);
  });
  test("revokes nothing where the key has not signed", () => {
    const keeper = keeperOf([upper, [first, second]]);
    keeper.looked(upper, keySet(upper, [first, second], [first], START_S), START_S);
    const forged = keySet(upper, [revoked(first), third], [third], START_S);
    assert.equal(keeper.saw(upper, forged, START_S + 9).isNews, false);
    assert.equal(tagsOf(keeper).length, 2);
  });
  test("revokes a configured key that was never looked at", () => {
    const keeper = keeperOf([upper, [first, second]]);
    const set = keySet(upper, [revoked(first), second], [revoked(first), second], START_S);
    assert.equal(keeper.saw(upper, set, START_S).isTrustNews, true);
    assert.deepEqual(tagsOf(keeper), [second.key.tag]);
  });
});

describe("RFC 5011 §5: a zone all of whose keys were revoked", () => {
  const keeper = keeperOf([upper, [first]], [lower, [second]]);
  const gone = keySet(lower, [revoked(second)], [revoked(second)], START_S);
  const moved = keeper.saw(lower, gone, START_S);
  test("is no anchor any more, for the zone above decides", () => {
    assert.equal(moved.isTrustNews, true);
    assert.deepEqual(
      keeper.anchors.map(({ zone }) => zone),
      [upper],
    );
  });
  test("is looked at no more", () => {
    assert.deepEqual(keeper.due(START_S + 365 * DAY_S), [upper]);
    const back = keySet(lower, [second], [second], START_S);
    assert.equal(keeper.looked(lower, back, START_S + 365 * DAY_S).isNews, false);
  });
});

test("several zones are due each at its own time", () => {
  const keeper = keeperOf([upper, [first]], [lower, [second]]);
  assert.deepEqual(keeper.due(START_S), [upper, lower]);
  keeper.looked(upper, keySet(upper, [first], [first], START_S), START_S);
  assert.deepEqual(keeper.due(START_S), [lower]);
  keeper.looked(lower, undefined, START_S);
  assert.deepEqual(keeper.due(START_S), []);
  assert.equal(keeper.nextLookS, START_S + limits.anchorQueryMinS.value);
});

test("a configured key that was not seen stays trusted until it is", () => {
  const keeper = keeperOf([upper, [first, second]]);
  keeper.looked(upper, keySet(upper, [first], [first], START_S), START_S);
  assert.deepEqual(tagsOf(keeper), both);
  const alone = keySet(upper, [second, third], [second], START_S + DAY_S);
  keeper.looked(upper, alone, START_S + DAY_S);
  const states = keeper.points[0]!.keys.map(({ state }) => state);
  assert.deepEqual(states, ["missing", "valid", "add-pending"]);
});
