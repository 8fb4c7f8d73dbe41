/** Tests of the oblivious target's keys: how they follow each other. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { limits } from "../base/limits.ts";
import { SystemRandom } from "../system/random.ts";
import { ObliviousKeeper } from "./oblivious-keeper.ts";

const DAY_S = limits.obliviousKeyPeriodS.value;

/** A keeper by a clock that the test sets. */
function keeper(secret?: Uint8Array, startS = 20_000.5 * DAY_S) {
  const heard: string[][] = [];
  let nowS = startS;
  let look = (): void => {};
  const kept = new ObliviousKeeper({
    secret,
    random: new SystemRandom(),
    wallS: () => nowS,
    after: (_, done) => {
      look = done;
      return () => (look = () => {});
    },
    onKeys: (keys) => heard.push(keys.map((key) => key.toHex())),
  });
  kept.start();
  return {
    heard,
    kept,
    at: (days: number) => {
      nowS = startS + days * DAY_S;
      look();
    },
  };
}

describe("keys of the oblivious target", () => {
  it("change after obliviousKeyPeriodS, and open for as long again", () => {
    const { heard, at } = keeper();
    at(0.49);
    assert.equal(heard.length, 1);
    at(0.5);
    at(1.49);
    assert.equal(heard.length, 2);
    at(1.5);
    const [first, second, third] = heard;
    assert.deepEqual(second, [second![0], first![0]]);
    assert.deepEqual(third, [third![0], second[0]]);
    assert.equal(new Set(heard.flat()).size, 3);
  });

  it("do not open longer where the machine slept for days", () => {
    const { heard, at } = keeper();
    at(3);
    assert.equal(heard.length, 2);
    assert.equal(heard[1]!.length, 1);
  });

  it("are alike on all servers with one secret, and open what a clock ahead has published", () => {
    const secret = new Uint8Array(16).fill(5);
    const here = keeper(secret);
    const ahead = keeper(secret, 20_001.1 * DAY_S);
    const other = keeper(new Uint8Array(16).fill(6));
    assert.ok(here.heard[0]!.includes(ahead.heard[0]![0]!));
    assert.ok(ahead.heard[0]!.includes(here.heard[0]![0]!));
    assert.ok(!here.heard[0]!.includes(other.heard[0]![0]!));
    here.at(1);
    assert.deepEqual(here.heard[1], ahead.heard[0]);
  });

  it("are made no more once it is closed", () => {
    const { heard, kept, at } = keeper();
    kept.close();
    at(1);
    assert.equal(heard.length, 1);
  });
});
