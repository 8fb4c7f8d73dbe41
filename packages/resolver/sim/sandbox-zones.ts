/**
 * The miniature Internet: which address serves which zone, and how it misbehaves.
 *
 * Each zone is a master file in `zones/`. A broken server has an address of its own, so that what
 * a resolver learns of it does not touch others.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { rcode } from "@lethe/wire/codes.ts";
import { type Name, ROOT } from "@lethe/wire/name.ts";
import { nameFromText } from "@lethe/wire/name-text.ts";
import type { ResourceRecord } from "@lethe/wire/record.ts";
import { readZoneFile } from "@lethe/wire/zone-file.ts";
import { assert } from "../src/base/assert.ts";
import { Authority, type Served } from "./authority.ts";
import type { Behaviour } from "./authority-behaviour.ts";
import { CASES_ZONE, sandboxCases } from "./sandbox-cases.ts";
import { ATTACKS_ZONE, sandboxAttacks } from "./sandbox-attacks.ts";
import { signedRecords } from "./sandbox-signing.ts";
import { type Zone, zoneFromRecords } from "./zone.ts";

/** One zone at one address, which may misbehave about it. */
interface Row {
  readonly zone: string;
  readonly ip: string;
  readonly behaviours: readonly Behaviour[];
}

/** Well-run servers: an address, and the zones that it has. */
const WELL_RUN: readonly (readonly [ip: string, zones: readonly string[]])[] = [
  ["127.53.0.1", [".", "root-servers.net"]],
  ["127.53.0.2", [".", "root-servers.net"]],
  ["127.53.0.3", [".", "root-servers.net"]],
  ["127.53.0.4", ["arpa", "in-addr.arpa", "arpa-servers.net"]],
  ["127.53.1.1", ["lethe"]],
  ["127.53.1.2", ["lethe"]],
  ["127.53.1.3", ["com", "net", "gtld-servers.net"]],
  ["127.53.1.4", ["com", "net", "gtld-servers.net"]],
  ["127.53.1.5", ["org"]],
  ["127.53.2.1", ["good.lethe"]],
  ["127.53.2.2", ["plain.lethe"]],
  ["127.53.2.3", ["bogus.lethe"]],
  ["127.53.2.11", ["iana-servers.net", "example.com", "example.net", "example.org"]],
  ["127.53.2.12", ["iana-servers.net", "example.com", "example.net", "example.org"]],
  ["127.53.2.21", ["river-news.com", "xn--bcher-kva.com"]],
  ["127.53.2.22", ["river-news.com"]],
  ["127.53.2.31", ["near-cdn.net", "old-name.org", "18.198.in-addr.arpa", "glueless.lethe"]],
  ["127.53.2.32", ["near-cdn.net"]],
  ["127.53.2.41", ["library.org"]],
  ["127.53.3.7", ["halfdead.lethe"]],
  ["127.53.3.11", ["wrongglue.lethe"]],
  ["127.53.3.12", ["wrongglue.lethe"]],
  ["127.53.3.27", ["loop.lethe"]],
  ["127.53.3.28", ["chain.lethe"]],
  ["127.53.3.29", ["big.lethe"]],
  ["127.53.3.30", ["selfns.lethe"]],
  ["127.53.3.31", ["circular-a.lethe", "circular-b.lethe"]],
  ["127.53.4.1", [CASES_ZONE]],
  ["127.53.5.1", [ATTACKS_ZONE]],
];

/** Broken servers. At 127.53.3.9, which dead.lethe names too, nobody listens. */
const BROKEN: readonly (readonly [ip: string, zone: string, ...behaviours: Behaviour[]])[] = [
  ["127.53.3.1", "lame.lethe", { kind: "lame" }],
  ["127.53.3.2", "lame.lethe", { kind: "says", rcode: rcode.REFUSED }],
  ["127.53.3.3", "refused.lethe", { kind: "says", rcode: rcode.REFUSED }],
  ["127.53.3.4", "servfail.lethe", { kind: "says", rcode: rcode.SERVFAIL }],
  ["127.53.3.5", "slow.lethe", { kind: "slow", delayMs: 400 }],
  ["127.53.3.6", "halfdead.lethe", { kind: "silent" }],
  ["127.53.3.8", "dead.lethe", { kind: "silent" }],
  ["127.53.3.10", "wrongglue.lethe", { kind: "says", rcode: rcode.REFUSED }],
  ["127.53.3.13", "noedns.lethe", { kind: "drops-edns" }],
  ["127.53.3.14", "formerr.lethe", { kind: "formerr-on-edns" }],
  ["127.53.3.15", "plaindns.lethe", { kind: "ignores-edns" }],
  ["127.53.3.16", "foldcase.lethe", { kind: "folds-case" }],
  ["127.53.3.17", "truncated.lethe", { kind: "truncates" }],
  ["127.53.3.18", "notcp.lethe", { kind: "truncates" }, { kind: "silent", transport: "tcp" }],
  ["127.53.3.19", "oversize.lethe", { kind: "oversize" }],
  ["127.53.3.20", "wrongid.lethe", { kind: "wrong-id" }],
  ["127.53.3.21", "wrongquestion.lethe", { kind: "wrong-question" }],
  ["127.53.3.22", "garbage.lethe", { kind: "garbage" }],
  ["127.53.3.23", "noaa.lethe", { kind: "without-aa" }],
  ["127.53.3.24", "refloop.lethe", { kind: "refers-to-itself" }],
  ["127.53.3.25", "newtypes.lethe", { kind: "fails-on-new-types" }],
  ["127.53.3.26", "ent.lethe", { kind: "denies-empty-non-terminals" }],
];

function rows(): Row[] {
  return [
    ...WELL_RUN.flatMap(([ip, zones]) => zones.map((zone) => ({ ip, zone, behaviours: [] }))),
    ...BROKEN.map(([ip, zone, ...behaviours]) => ({ ip, zone, behaviours })),
  ];
}

/** Where the root is served; the hints name these. */
const ROOT_SERVERS = ["a", "b", "c"].map((letter, i) => ({
  name: `${letter}.root-servers.net.`,
  ip: `127.53.0.${i + 1}`,
}));

/** The root hints of the sandbox, as a master file. */
export function sandboxRootHints(): string {
  const servers = ROOT_SERVERS.map(({ name }) => `. 3600000 NS ${name}\n`);
  const addresses = ROOT_SERVERS.map(({ name, ip }) => `${name} 3600000 A ${ip}\n`);
  return [...servers, ...addresses].join("");
}

/** The zone of a master file in `zones/`, as it stands there. */
export function readSandboxZone(zone: string): Zone {
  const { origin, records } = readFile(zone);
  return zoneOf(origin, records);
}

/** The records of a master file in `zones/`, in its order. */
export function readZoneRecords(zone: string): readonly ResourceRecord[] {
  return readFile(zone).records;
}

/** Master files are ours: one that is wrong is a mistake of ours. */
function readFile(zone: string): {
  readonly origin: Name;
  readonly records: readonly ResourceRecord[];
} {
  const origin = nameFromText(zone, ROOT);
  assert(origin !== undefined, "the table holds names");
  return { origin, records: readRecords(zone === "." ? "root" : zone, origin) };
}

function readRecords(fileName: string, origin: Name): readonly ResourceRecord[] {
  const file = join(import.meta.dirname, "zones", `${fileName}.zone`);
  const read = readZoneFile(readFileSync(file, "utf8"), { origin });
  assert(!("kind" in read), `${file} is a master file`);
  return read.records;
}

function zoneOf(origin: Name, records: readonly ResourceRecord[]): Zone {
  const made = zoneFromRecords(origin, records);
  assert(made.kind === "zone", "the records are a zone");
  return made;
}

/** The servers of the sandbox by address. `nowS`: when signatures begin to count, since 1970. */
export function sandboxAuthorities(nowS: number): ReadonlyMap<string, Authority> {
  const zones = new Map<string, Zone>();
  const served = new Map<string, Served[]>();
  const cases = sandboxCases(nowS, (apex) => readRecords("ede-case", apex));
  const attacks = sandboxAttacks(nowS, (apex) => readRecords("attack-case", apex));
  const added: Readonly<Record<string, readonly ResourceRecord[]>> = {
    [CASES_ZONE]: cases.flatMap((one) => one.delegation),
    [ATTACKS_ZONE]: attacks.flatMap((one) => one.delegation),
  };
  for (const { ip, zone: text, behaviours } of rows()) {
    let zone = zones.get(text);
    if (zone === undefined) {
      const { origin, records } = readFile(text);
      zone = zoneOf(origin, signedRecords(text, [...records, ...(added[text] ?? [])], nowS));
      zones.set(text, zone);
    }
    served.set(ip, [...(served.get(ip) ?? []), { zone, behaviours }]);
  }
  for (const { apex, ip, records, behaviours } of cases) {
    served.set(ip, [{ zone: zoneOf(apex, records), behaviours }]);
  }
  const authorities = new Map([...served].map(([ip, of]) => [ip, new Authority(of)]));
  for (const { ip, make } of attacks) {
    const makeServed = (): Served[] =>
      make().map(({ apex, records, behaviours }) => ({ zone: zoneOf(apex, records), behaviours }));
    authorities.set(ip, new Authority(makeServed));
  }
  return authorities;
}
