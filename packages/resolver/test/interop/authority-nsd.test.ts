/** The sandbox's authority says what nsd says, from the same zones, to every kind of question. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { rcodeToText, typeToText } from "@lethe/wire/codes-text.ts";
import { rrType } from "@lethe/wire/codes.ts";
import { flag } from "@lethe/wire/header.ts";
import { type Message, fullRcode, readMessage } from "@lethe/wire/message.ts";
import { type Name, labelsOf, lowerCase, nameFromLabels } from "@lethe/wire/name.ts";
import { nameToText } from "@lethe/wire/name-text.ts";
import type { ResourceRecord } from "@lethe/wire/record.ts";
import { recordToText } from "@lethe/wire/record-text.ts";
import { type Running, isInstalled, start, stop, until } from "../../bench/processes.ts";
import { Authority } from "../../sim/authority.ts";
import { readSandboxZone } from "../../sim/sandbox-zones.ts";
import type { Denial } from "../../sim/signer-denial.ts";
import { makeSigningKey } from "../../sim/signer-keys.ts";
import { zoneText } from "../../sim/signer-text.ts";
import { smallZone } from "../../sim/signer-zone.ts";
import { signZone } from "../../sim/signer.ts";
import { queryFor } from "../../sim/zone-asking.ts";
import { type Zone, zoneFromRecords } from "../../sim/zone.ts";
import { askServer } from "../../src/cli/dns-client.ts";
import { readQueryArguments } from "../../src/cli/query-arguments.ts";
import { algorithm } from "../../src/dnssec/algorithm.ts";
import { freePort } from "../free-port.ts";

const NSD = "nsd";
const skip = isInstalled(NSD) ? false : `${NSD} is not installed`;
const ED25519 = algorithm.ED25519;
/** Signatures are compared, not checked: any time will do. */
const WINDOW = { inceptionS: 1_800_000_000, expirationS: 1_900_000_000 };

/** A signed zone with one of each thing that proofs must tell apart. */
function signed(origin: string, denial: Denial): readonly [string, Zone] {
  const apex = nameFromLabels([new TextEncoder().encode(origin)])!;
  const keys = [makeSigningKey({ algorithm: ED25519, role: "all", seed: 1 })];
  const records = signZone(smallZone(origin), { apex, keys, denial, ...WINDOW });
  const zone = zoneFromRecords(apex, records);
  assert.ok(zone.kind === "zone");
  return [origin, zone];
}

const none = new Uint8Array(0);
/** None has an alias into another: nsd follows these, and we leave them to the asker. */
const zones: ReadonlyMap<string, Zone> = new Map([
  ...["lethe", "river-news.com", "example.org", "old-name.org", "in-addr.arpa"].map(
    (origin) => [origin, readSandboxZone(origin)] as const,
  ),
  signed("nsec", { kind: "nsec" }),
  signed("nsec3", { kind: "nsec3", iterations: 0, salt: none, isOptOut: false }),
  signed("salted", { kind: "nsec3", iterations: 3, salt: Uint8Array.of(7, 8), isOptOut: false }),
  signed("optout", { kind: "nsec3", iterations: 0, salt: none, isOptOut: true }),
]);

/** The records of a zone, as the file that nsd reads. */
function fileOf(zone: Zone): string {
  const sets = [...zone.nodes.values()].flatMap((node) => [...node.sets.values()]);
  const records = [...sets, ...zone.nsec3].flatMap((set): ResourceRecord[] => {
    const { name, class: rrclass, ttl, type } = set;
    return [
      ...set.rdatas.map((rdata) => ({ name, type, class: rrclass, ttl, rdata })),
      ...set.signatures.map((rdata) => ({
        name,
        type: rrType.RRSIG,
        class: rrclass,
        ttl,
        rdata,
      })),
    ];
  });
  return zoneText(records);
}

function configuration(directory: string, port: number): string {
  const at = (file: string): string => join(directory, file);
  const served = [...zones.keys()].map((origin) => {
    return `zone:\n  name: "${origin}"\n  zonefile: "${at(`${origin}.zone`)}"\n`;
  });
  return `server:
  server-count: 1
  ip-address: 127.0.0.1@${port}
  username: ""
  chroot: ""
  zonesdir: "${directory}"
  database: ""
  pidfile: "${at("nsd.pid")}"
  zonelistfile: "${at("zone.list")}"
  xfrdfile: "${at("xfrd.state")}"
  xfrdir: "${directory}"
  rrl-ratelimit: 0
  refuse-any: no
  minimal-responses: yes
remote-control:
  control-enable: no
${served.join("")}`;
}

const TYPES = [
  rrType.A,
  rrType.NS,
  rrType.SOA,
  rrType.CNAME,
  rrType.MX,
  rrType.TXT,
  rrType.DS,
  rrType.DNAME,
  rrType.DNSKEY,
  rrType.NSEC,
];

function below(label: string, name: Name): Name {
  return nameFromLabels([new TextEncoder().encode(label), ...labelsOf(name)])!;
}

/**
 * Every name of a zone, and names beside and below each.
 *
 * Two kinds of name are left out where there is NSEC3, because nsd has other proofs than
 * RFC 5155 §7.2 asks for: a wildcard's own, where it adds a record, and those at and below an
 * empty non-terminal that an opt-out span hides, where it leaves one out.
 */
function namesOf(zone: Zone): Name[] {
  const isHashed = zone.nsec3.length > 0;
  const nodes = [...zone.nodes.values()].filter((node) => !isHashed || !isHidden(node.name));
  const own = nodes.map((node) => node.name);
  return own.flatMap((name) => [name, below("nowhere", name), below("far", below("0", name))]);
}

function isHidden(name: Name): boolean {
  const [first] = labelsOf(name).map((label) => String.fromCharCode(...label));
  return first === "*" || first === "below";
}

/** What is compared: flags, RCODE, and the records of sections as sorted lines. */
function gist(message: Message): unknown {
  const isReferral = message.answer.length === 0 && message.authority.some(isServer);
  const lines = (records: readonly ResourceRecord[]): string[] =>
    records.map((one) => recordToText({ ...one, name: lowerCase(one.name) })).toSorted();
  return {
    status: rcodeToText(fullRcode(message)),
    aa: (message.header.flags & flag.aa) !== 0,
    answer: lines(message.answer),
    authority: lines(message.authority),
    // Additions to an answer are favours; glue is not.
    glue: isReferral ? lines(message.additional) : [],
  };
}

function isServer(record: ResourceRecord): boolean {
  return record.type === rrType.NS;
}

function whole(bytes: Uint8Array | undefined): Message {
  assert.ok(bytes !== undefined);
  const message = readMessage(bytes);
  assert.ok(message.kind === "message");
  return message;
}

describe("the authority and nsd", { skip }, () => {
  let nsd: Running;
  let directory: string;
  let port = 0;

  before(async () => {
    port = await freePort("127.0.0.1");
    directory = mkdtempSync(join(tmpdir(), "lethe-nsd-"));
    for (const [origin, zone] of zones) {
      writeFileSync(join(directory, `${origin}.zone`), fileOf(zone));
    }
    writeFileSync(join(directory, "nsd.conf"), configuration(directory, port));
    nsd = start(NSD, 0, [NSD, "-d", "-c", join(directory, "nsd.conf")]);
    await until(nsd, () => nsd.said().includes("nsd started"));
  });

  after(async () => {
    await stop(nsd);
    rmSync(directory, { recursive: true });
  });

  for (const [origin, zone] of zones) {
    test(`say the same about ${origin}`, async () => {
      const authority = new Authority([{ zone, behaviours: [] }]);
      const plan = readQueryArguments([`@127.0.0.1:${port}`, "+tcp", origin]);
      assert.ok(!("kind" in plan));
      const isSigned = zone.nsec.length > 0 || zone.nsec3.length > 0;
      for (const name of namesOf(zone)) {
        for (const type of TYPES) {
          const question = `${nameToText(name)} ${typeToText(type)}`;
          const query = queryFor(question, { udpSize: 1232, dnssecOk: isSigned });
          const asked = await askServer(plan, query);
          assert.ok(asked.kind === "reply", question);
          const ours = whole(authority.reply(query, "tcp").messages[0]);
          assert.deepEqual(gist(ours), gist(whole(asked.message)), question);
        }
      }
    });
  }
});
