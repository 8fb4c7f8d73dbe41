/** What a zone must show where its operator demands more, or less, than one path. RFC 6840 §5.11 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { rrType } from "@lethe/wire/codes.ts";
import type { RecordSet } from "@lethe/wire/record.ts";
import { type SigningKey, makeSigningKey } from "../../sim/signer-keys.ts";
import { PROOF_TIME_S, freshTerms } from "../../sim/signer-proofs.ts";
import { plainName } from "../../sim/signer-zone.ts";
import { dsRdata, signSet } from "../../sim/signer.ts";
import { algorithm, digestType } from "./algorithm.ts";
import { judgeKeys, trustOf } from "./judge-keys.ts";
import { judgeSet } from "./judge-set.ts";
import { type Demand, judgeNow } from "./judging.ts";

const zone = plainName("example");
const validity = {
  apex: zone,
  inceptionS: PROOF_TIME_S - 60,
  expirationS: PROOF_TIME_S + 60,
};
const ed25519 = makeSigningKey({ algorithm: algorithm.ED25519, role: "all", seed: 1 });
const p256 = makeSigningKey({ algorithm: algorithm.ECDSAP256SHA256, role: "all", seed: 2 });
const both = [ed25519, p256];

function set(type: number, rdatas: readonly Uint8Array[], signers: readonly SigningKey[]) {
  const bare: RecordSet = { name: zone, type, class: 1, ttl: 60, rdatas, signatures: [] };
  return { ...bare, signatures: signers.map((key) => signSet(bare, key, validity).rdata) };
}

const dsOf = (keys: readonly SigningKey[], type: number = digestType.SHA256): Uint8Array[] =>
  keys.map(({ key }) => dsRdata(zone, key, type));

/** Judges the keys of a zone, then a set of it; tells the codes of what fails. */
function judge(
  ds: readonly Uint8Array[],
  keySigners: readonly SigningKey[],
  dataSigners: readonly SigningKey[],
  demand: Demand,
): readonly (string | number)[] {
  const terms = { ...freshTerms(), demand };
  const trust = trustOf(set(rrType.DS, ds, []));
  const keySet = set(
    rrType.DNSKEY,
    both.map(({ key }) => key.rdata),
    keySigners,
  );
  const keys = judgeNow(judgeKeys(zone, trust, keySet, terms));
  if (keys.kind !== "secure") return [keys.errors[0]!.code];
  const data = set(rrType.A, [Uint8Array.of(192, 0, 2, 1)], dataSigners);
  const judged = judgeNow(judgeSet(data, keys, terms));
  return ["secure", judged.kind === "secure" ? "secure" : judged.errors[0]!.code];
}

const wrong = dsOf([ed25519])[0]!.with(10, 0);
const rows: readonly (readonly [
  title: string,
  ds: readonly Uint8Array[],
  keySigners: readonly SigningKey[],
  dataSigners: readonly SigningKey[],
  demand: Demand,
  expected: readonly (string | number)[],
])[] = [
  ["one path of two is enough", dsOf(both), [p256], [ed25519], "one-path", ["secure", "secure"]],
  [
    "both paths are demanded and there",
    dsOf(both),
    both,
    both,
    "every-algorithm",
    ["secure", "secure"],
  ],
  ["the keys lack one path", dsOf(both), [p256], both, "every-algorithm", [6]],
  ["the data lacks one", dsOf(both), both, [p256], "every-algorithm", ["secure", 6]],
  [
    "one that the parent does not name is not demanded",
    dsOf([p256]),
    [p256],
    [p256],
    "every-algorithm",
    ["secure", "secure"],
  ],
  [
    "SHA-1 does not count beside SHA-256 (RFC 4509 §3)",
    [wrong, ...dsOf([ed25519], digestType.SHA1)],
    both,
    both,
    "one-path",
    [9],
  ],
  [
    "SHA-1 counts where any digest does",
    [wrong, ...dsOf([ed25519], digestType.SHA1)],
    both,
    both,
    "any-digest",
    ["secure", "secure"],
  ],
];

for (const [title, ds, keySigners, dataSigners, demand, expected] of rows) {
  test(title, () => {
    assert.deepEqual(judge(ds, keySigners, dataSigners, demand), expected);
  });
}
