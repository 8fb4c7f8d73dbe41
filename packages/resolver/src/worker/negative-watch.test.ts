/** Negative trust anchors end when their zones are in order for several probes. */
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { nameToText } from "@lethe/wire/name-text.ts";
import { plainName } from "../../sim/signer-zone.ts";
import { limits } from "../base/limits.ts";
import { NegativeWatch } from "./negative-watch.ts";

const PROBE_MS = limits.negativeProbeMs.value;
const PROBES_MIN = limits.negativeProbesMin.value;
const [first, second] = [plainName("first"), plainName("second")];

function begin(t: TestContext) {
  t.mock.timers.enable({ apis: ["setInterval"] });
  const did: string[] = [];
  let nowS = 1000;
  const watch = new NegativeWatch({
    negative: [
      { zone: first, untilS: 5000, reason: "" },
      { zone: second, untilS: 1000 + PROBE_MS / 1000 + 1, reason: "" },
    ],
    nowS: () => nowS,
    onEnd: (zone) => did.push(`end ${nameToText(zone)}`),
  });
  watch.start({
    probe: (zone) => {
      did.push(`probe ${nameToText(zone)}`);
      return true;
    },
    dropNegative: (zone) => did.push(`drop ${nameToText(zone)}`),
  });
  t.after(() => watch.stop());
  const tick = (): void => {
    nowS += PROBE_MS / 1000;
    t.mock.timers.tick(PROBE_MS);
  };
  return { did, watch, tick };
}

test("every negativeProbeMs each is probed, until its date", (t) => {
  const { did, tick } = begin(t);
  assert.deepEqual(did, []);
  tick();
  assert.deepEqual(did, ["probe first.", "probe second."]);
  tick();
  assert.deepEqual(did.slice(2), ["probe first."]);
});

test("after negativeProbesMin good probes in a row it is dropped everywhere, and told", (t) => {
  const { did, watch, tick } = begin(t);
  for (let i = 1; i < PROBES_MIN; i++) watch.heard(first, true);
  watch.heard(first, false);
  for (let i = 1; i < PROBES_MIN; i++) watch.heard(first, true);
  assert.deepEqual(did, []);
  watch.heard(first, true);
  assert.deepEqual(did, ["drop first.", "end first."]);
  watch.heard(first, true);
  tick();
  assert.deepEqual(did.slice(2), ["probe second."]);
});
