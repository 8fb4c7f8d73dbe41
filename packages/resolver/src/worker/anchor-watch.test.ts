/** The watch over the trust anchors asks one worker, counts once, keeps first and tells all. */
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { rrType } from "@lethe/wire/codes.ts";
import type { Name } from "@lethe/wire/name.ts";
import type { RecordSet } from "@lethe/wire/record.ts";
import { type SigningKey, dnsKey, makeSigningKey } from "../../sim/signer-keys.ts";
import { plainName } from "../../sim/signer-zone.ts";
import { signSet } from "../../sim/signer.ts";
import { limits } from "../base/limits.ts";
import { algorithm } from "../dnssec/algorithm.ts";
import { AnchorKeeper } from "../dnssec/anchor-keeper.ts";
import { newTrustPoint } from "../dnssec/anchor-rollover.ts";
import { keyFlag } from "../dnssec/key.ts";
import { AnchorWatch } from "./anchor-watch.ts";

const zone = plainName("example");
const TICK_MS = limits.anchorTickMs.value;
const START_S = 1_800_000_000;

function newKey(seed: number): SigningKey {
  return makeSigningKey({ algorithm: algorithm.ED25519, role: "all", seed });
}

const [first, second] = [newKey(1), newKey(2)];

function keySet(keys: readonly SigningKey[], signers: readonly SigningKey[]): RecordSet {
  const rdatas = keys.map(({ key }) => key.rdata);
  const bare = { name: zone, type: rrType.DNSKEY, class: 1, ttl: 7200, rdatas, signatures: [] };
  const validity = { apex: zone, inceptionS: START_S - 60, expirationS: START_S + 9_000_000 };
  return { ...bare, signatures: signers.map((key) => signSet(bare, key, validity).rdata) };
}

/** A watch whose clock the test moves, and what it did, in order. */
function begin(t: TestContext, hasWorker = true) {
  t.mock.timers.enable({ apis: ["setInterval"] });
  const did: string[] = [];
  const state = { nowS: START_S, hasWorker };
  const trust = { ds: [], keys: [first.key, second.key] };
  const keeper = new AnchorKeeper([newTrustPoint(zone, trust, START_S)]);
  const watch = new AnchorWatch({ keeper, nowS: () => state.nowS, save: () => did.push("save") });
  watch.start({
    lookAtKeys: (_zone: Name) => {
      if (state.hasWorker) did.push("look");
      return state.hasWorker;
    },
    believe: (anchors) => did.push(`believe ${anchors[0]?.keys.length ?? 0}`),
  });
  const tick = (): void => {
    state.nowS += TICK_MS / 1000;
    t.mock.timers.tick(TICK_MS);
  };
  const told = (why: "told-to-look" | "by-the-way", set: RecordSet | undefined): void => {
    watch.heard({ kind: "keys", why, zone, keySet: set });
  };
  t.after(() => watch.stop());
  return { did, state, tick, told, keeper };
}

test("one look is asked for, and what it brings is kept", (t) => {
  const { did, tick, told, keeper } = begin(t);
  tick();
  told("told-to-look", keySet([first, second], [first]));
  assert.deepEqual(did, ["believe 2", "look", "save"]);
  const { points } = keeper;
  told("told-to-look", keySet([first, second], [first]));
  assert.equal(keeper.points, points);
  tick();
  assert.deepEqual(did, ["believe 2", "look", "save"]);
});

test("every anchorTickMs it is looked at whether a look is due", (t) => {
  const { did, state, tick, told } = begin(t);
  told("told-to-look", keySet([first, second], [first]));
  state.nowS += 3600;
  tick();
  assert.deepEqual(did.slice(-2), ["save", "look"]);
});

test("a look that brings nothing for anchorLookWaitMs is asked of another worker", (t) => {
  const { did, state, tick } = begin(t);
  state.nowS += limits.anchorLookWaitMs.value / 1000 - 1 - TICK_MS / 1000;
  tick();
  assert.deepEqual(did, ["believe 2", "look"]);
  tick();
  assert.deepEqual(did, ["believe 2", "look", "look"]);
});

test("without a worker the look waits for one", (t) => {
  const { did, state, tick } = begin(t, false);
  tick();
  state.hasWorker = true;
  tick();
  assert.deepEqual(did, ["believe 2", "look"]);
});

test("a revocation that a worker saw is kept, and then believed by all", (t) => {
  const { did, told } = begin(t);
  const { flags, algorithm: number, publicKey } = first.key;
  const gone = { ...first, key: dnsKey(flags | keyFlag.revoke, number, publicKey) };
  const set = keySet([gone, second], [gone, second]);
  told("by-the-way", set);
  told("by-the-way", set);
  assert.deepEqual(did, ["believe 2", "look", "save", "believe 1"]);
});
