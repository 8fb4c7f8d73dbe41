/** Zones that the signer made are right in the eyes of ldns and BIND. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { rrType } from "@lethe/wire/codes.ts";
import type { ResourceRecord } from "@lethe/wire/record.ts";
import { algorithm } from "../../src/dnssec/algorithm.ts";
import type { Denial } from "../../sim/signer-denial.ts";
import { type SigningKey, makeSigningKey } from "../../sim/signer-keys.ts";
import { zoneText } from "../../sim/signer-text.ts";
import { plainName, smallZone } from "../../sim/signer-zone.ts";
import { signZone } from "../../sim/signer.ts";

const apex = plainName("example");
const directory = mkdtempSync(join(tmpdir(), "lethe-signed-"));
after(() => {
  rmSync(directory, { recursive: true });
});

/** Programs that judge a zone file, with their arguments before its name; -z: one key may do. */
const JUDGES: readonly (readonly [program: string, ...args: string[]])[] = [
  ["ldns-verify-zone"],
  ["dnssec-verify", "-z", "-o", "example"],
];

const NSEC: Denial = { kind: "nsec" };
const NSEC3: Denial = { kind: "nsec3", iterations: 3, salt: Uint8Array.of(1), isOptOut: false };
const OPT_OUT: Denial = { kind: "nsec3", iterations: 0, salt: new Uint8Array(0), isOptOut: true };

function pair(number: number): SigningKey[] {
  return [
    makeSigningKey({ algorithm: number, role: "keys", seed: 11 }),
    makeSigningKey({ algorithm: number, role: "rest", seed: 12 }),
  ];
}

const single = [makeSigningKey({ algorithm: algorithm.ED25519, role: "all", seed: 13 })];

const ZONES: readonly (readonly [title: string, keys: SigningKey[], denial: Denial])[] = [
  ["RSA with SHA-256 and NSEC", pair(algorithm.RSASHA256), NSEC],
  ["RSA with SHA-512 and NSEC3", pair(algorithm.RSASHA512), NSEC3],
  ["P-256 and NSEC3 with opt-out", pair(algorithm.ECDSAP256SHA256), OPT_OUT],
  ["P-384 and NSEC", pair(algorithm.ECDSAP384SHA384), NSEC],
  ["Ed25519 and NSEC3", pair(algorithm.ED25519), NSEC3],
  ["Ed448 and NSEC", pair(algorithm.ED448), NSEC],
  ["one key for all and NSEC", single, NSEC],
];

function run(judge: (typeof JUDGES)[number], zone: readonly ResourceRecord[]): string | undefined {
  const file = join(directory, "zone");
  writeFileSync(file, zoneText(zone));
  const [program, ...args] = judge;
  const ended = spawnSync(program, [...args, file], { encoding: "utf8" });
  return ended.status === 0 ? undefined : ended.stdout + ended.stderr;
}

for (const judge of JUDGES) {
  const [program] = judge;
  const isHere = spawnSync(program, ["-h"]).error === undefined;
  const skip = isHere ? false : `${program} is not installed`;
  describe(`${program} accepts zones signed with`, { skip }, () => {
    for (const [title, keys, denial] of ZONES) {
      test(title, () => {
        const nowS = Math.floor(Date.now() / 1000);
        const window = { inceptionS: nowS - 3600, expirationS: nowS + 30 * 86400 };
        const zone = signZone(smallZone("example"), { apex, keys, denial, ...window });
        assert.equal(run(judge, zone), undefined);
        const last = zone.findLastIndex((record) => record.type === rrType.RRSIG);
        const rdata = zone[last]!.rdata.slice();
        rdata[rdata.length - 2]! ^= 1;
        const broken = zone.with(last, { ...zone[last]!, rdata });
        assert.notEqual(run(judge, broken), undefined);
      });
    }
  });
}
