/**
 * What it costs to prove one signed set with a key that is known: the rest of the chain is cached.
 *
 * Nearly all of it is the signature's own arithmetic.
 */
import { rrType } from "@lethe/wire/codes.ts";
import { freshTerms, oneKeyZone, signedSet } from "../sim/signer-proofs.ts";
import { plainName } from "../sim/signer-zone.ts";
import { assert } from "../src/base/assert.ts";
import { judgeSet } from "../src/dnssec/judge-set.ts";
import { judgeNow } from "../src/dnssec/judging.ts";
import { Meter, tell } from "./figure.ts";

const SETS = 200;
const CHECKS = 2000;
const ROUNDS = 4;

const zone = oneKeyZone(plainName("example"));
const sets = Array.from({ length: SETS }, (_, i) =>
  signedSet(zone, {
    name: plainName(`www${i}.example`),
    type: rrType.A,
    rdatas: [Uint8Array.of(192, 0, 2, i)],
  }),
);
for (let round = 0; round < ROUNDS; round++) {
  let proven = 0;
  const meter = new Meter();
  for (let i = 0; i < CHECKS; i++) {
    const judged = judgeNow(judgeSet(sets[i % SETS]!, zone, freshTerms()));
    if (judged.kind === "secure") proven++;
  }
  const each = meter.each(CHECKS);
  assert(proven === CHECKS, "every set is proven");
  tell({ title: "one signed set, its key known", ...each });
}
