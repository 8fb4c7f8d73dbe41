/** The state of trust anchors is read as it was written, or not at all. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type SigningKey, makeSigningKey } from "../../sim/signer-keys.ts";
import { plainName } from "../../sim/signer-zone.ts";
import { limits } from "../base/limits.ts";
import { algorithm } from "./algorithm.ts";
import { rootAnchor } from "./anchor.ts";
import { type TrustPoint, newTrustPoint, trustAt } from "./anchor-rollover.ts";
import {
  type KeptPoint,
  anchorStateToText,
  readAnchorState,
  resumePoints,
} from "./anchor-state.ts";

const NOW_S = 1_800_000_000;

function newKey(seed: number): SigningKey {
  return makeSigningKey({ algorithm: algorithm.ED25519, role: "all", seed });
}

const [first, second, third] = [newKey(1).key, newKey(2).key, newKey(3).key];
const island = { zone: plainName("island.example"), ds: [], keys: [first] };

const points: readonly TrustPoint[] = [
  newTrustPoint(rootAnchor().zone, rootAnchor(), NOW_S),
  {
    ...newTrustPoint(island.zone, { ds: [], keys: [first] }, NOW_S),
    unseen: { ds: rootAnchor().ds, keys: [third] },
    keys: [
      { key: first, state: "revoked", changedS: NOW_S - 5, sightings: 0 },
      { key: second, state: "add-pending", changedS: NOW_S - 7, sightings: 3 },
    ],
    lookedS: NOW_S - 2,
    provenS: NOW_S - 3,
    nextLookS: NOW_S + 4000,
    ttlS: 8000,
  },
];

function read(text: string): readonly KeptPoint[] {
  const kept = readAnchorState(text);
  assert.ok(!("kind" in kept), "kind" in kept ? kept.why : "");
  return kept;
}

test("what was written is read, and goes on where it was left", () => {
  const kept = read(anchorStateToText(points));
  const resumed = resumePoints([rootAnchor(), island], kept, NOW_S);
  assert.deepEqual(resumed.map(trustAt), points.map(trustAt));
  assert.equal(anchorStateToText(resumed), anchorStateToText(points));
});

test("a state of no zones is one", () => {
  assert.deepEqual(read(anchorStateToText([])), []);
});

test("a zone whose configured anchor has changed begins anew", () => {
  const kept = read(anchorStateToText(points));
  const other = { ...island, keys: [second] };
  const [resumed] = resumePoints([other], kept, NOW_S);
  assert.deepEqual(trustAt(resumed!), { ds: [], keys: [second] });
  assert.equal(resumed!.nextLookS, NOW_S);
});

test("a zone that is configured no more is forgotten, and a new one begins", () => {
  const kept = read(anchorStateToText(points));
  const fresh = { zone: plainName("fresh.example"), ds: [], keys: [third] };
  const resumed = resumePoints([fresh], kept, NOW_S);
  assert.deepEqual(resumed, [newTrustPoint(fresh.zone, { ds: [], keys: [third] }, NOW_S)]);
});

test("a clock that was wrong does not put off the next look for ever", () => {
  const kept = read(anchorStateToText(points));
  const [resumed] = resumePoints([island], kept, NOW_S - 50 * 365 * 86400);
  assert.equal(resumed!.nextLookS, NOW_S - 50 * 365 * 86400 + limits.anchorQueryMaxS.value);
});

describe("a text that is damaged is not believed", () => {
  const whole = anchorStateToText(points);
  const rows: readonly (readonly [string, string])[] = [
    ["nothing at all", ""],
    ["the first line alone", "lethe trust anchors 1\n"],
    ["another version", whole.replace("anchors 1", "anchors 2")],
    ["zeros, as a crash leaves them", "\0".repeat(whole.length)],
    ["half of it", whole.slice(0, whole.length / 2)],
    ["all but its last line", whole.slice(0, whole.lastIndexOf("check"))],
    ["all but its last byte", whole.slice(0, -1)],
    ["a state that somebody changed", whole.replace("revoked", "valid")],
    ["something behind the end", `${whole}valid 1 0 257 3 15 AAAA\n`],
  ];
  for (const [title, text] of rows) {
    test(title, () => {
      assert.ok("kind" in readAnchorState(text));
    });
  }
  test("any byte that is another one", () => {
    for (let at = 0; at < whole.length; at += 7) {
      const other = String.fromCharCode(whole.charCodeAt(at) ^ 1);
      assert.ok("kind" in readAnchorState(whole.slice(0, at) + other + whole.slice(at + 1)));
    }
  });
});
