/**
 * From the root through nsd, knot, bind9 and pdns-server: each as root, as TLD and as zone, mixed.
 *
 *   root of R ──► TLD of T ──► zone of Z          every R with every T with every Z
 *
 * A process of its own serves each place, so that each step is a referral. One `lethe serve` is
 * started with the hints of each root.
 */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { rcodeToText } from "@lethe/wire/codes-text.ts";
import { type Message, fullRcode } from "@lethe/wire/message.ts";
import { recordToText } from "@lethe/wire/record-text.ts";
import { isInstalled } from "../../bench/processes.ts";
import { type Served, serve } from "../served.ts";
import {
  type Authority,
  type ProgramName,
  programs,
  startAuthority,
} from "./authority-programs.ts";
import { askAt } from "../asking.ts";
import { freePort } from "../free-port.ts";

const NAMES = Object.keys(programs) as ProgramName[];
const installed = NAMES.filter((name) => isInstalled(programs[name].command));
const missing = NAMES.filter((name) => !installed.includes(name));

const rootIp = (name: ProgramName): string => `127.17.1.${1 + NAMES.indexOf(name)}`;
const tldIp = (name: ProgramName): string => `127.17.2.${1 + NAMES.indexOf(name)}`;
const zoneIp = (name: ProgramName): string => `127.17.3.${1 + NAMES.indexOf(name)}`;
const tldOf = (name: ProgramName): string => `${name}-tld`;
const zoneOf = (name: ProgramName, tld: ProgramName): string => `${name}.${tldOf(tld)}`;

const HEAD = "$TTL 300\n@ SOA ns hostmaster 1 3600 600 86400 60\n";

function rootZone(name: ProgramName): string {
  const cuts = installed.map((tld) => {
    return `${tldOf(tld)}. NS ns.${tldOf(tld)}.\nns.${tldOf(tld)}. A ${tldIp(tld)}\n`;
  });
  const own = `. NS a.root-servers.\na.root-servers. A ${rootIp(name)}\n`;
  return `$ORIGIN .\n${HEAD}${own}${cuts.join("")}`;
}

function tldZone(tld: ProgramName): string {
  const cuts = installed.map((name) => {
    return `${name} NS ns.${name}\nns.${name} A ${zoneIp(name)}\n`;
  });
  return `$ORIGIN ${tldOf(tld)}.\n${HEAD}@ NS ns\nns A ${tldIp(tld)}\n${cuts.join("")}`;
}

function leafZone(name: ProgramName, tld: ProgramName): string {
  const other = installed[(installed.indexOf(name) + 1) % installed.length]!;
  const long = Array.from({ length: 20 }, (_, i) => `long TXT "${i} ${"x".repeat(200)}"\n`);
  return `$ORIGIN ${zoneOf(name, tld)}.
${HEAD}@ NS ns
ns A ${zoneIp(name)}
@ MX 10 mail
www A 192.0.2.80
www AAAA 2001:db8::80
alias CNAME www
away CNAME www.${zoneOf(other, tld)}.
*.wild A 192.0.2.81
far.below A 192.0.2.82
moved DNAME below
${long.join("")}`;
}

/** RCODE and the answer section in text, with equal TTLs. */
function told(message: Message): string[] {
  const records = message.answer.map((record) => recordToText({ ...record, ttl: 300 }));
  return [rcodeToText(fullRcode(message)), ...records.map((one) => one.replaceAll("\t", " "))];
}

/** What each zone is asked: below its name, with the records that the answer has. */
function expectations(
  name: ProgramName,
  tld: ProgramName,
): (readonly [string, string, string[]])[] {
  const zone = zoneOf(name, tld);
  const other = zoneOf(installed[(installed.indexOf(name) + 1) % installed.length]!, tld);
  const a = (owner: string, ip: string): string => `${owner}. 300 IN A ${ip}`;
  const alias = (owner: string, to: string): string => `${owner}. 300 IN CNAME ${to}.`;
  const www = a(`www.${zone}`, "192.0.2.80");
  return [
    [`www.${zone}`, "A", ["NOERROR", www]],
    [`www.${zone}`, "AAAA", ["NOERROR", `www.${zone}. 300 IN AAAA 2001:db8::80`]],
    [`www.${zone}`, "MX", ["NOERROR"]],
    [zone, "MX", ["NOERROR", `${zone}. 300 IN MX 10 mail.${zone}.`]],
    [`none.${zone}`, "A", ["NXDOMAIN"]],
    [`below.${zone}`, "A", ["NOERROR"]],
    [`far.below.${zone}`, "A", ["NOERROR", a(`far.below.${zone}`, "192.0.2.82")]],
    [`any.wild.${zone}`, "A", ["NOERROR", a(`any.wild.${zone}`, "192.0.2.81")]],
    [`alias.${zone}`, "A", ["NOERROR", alias(`alias.${zone}`, `www.${zone}`), www]],
    [
      `away.${zone}`,
      "A",
      ["NOERROR", alias(`away.${zone}`, `www.${other}`), a(`www.${other}`, "192.0.2.80")],
    ],
    [
      `far.moved.${zone}`,
      "A",
      [
        "NOERROR",
        `moved.${zone}. 300 IN DNAME below.${zone}.`,
        alias(`far.moved.${zone}`, `far.below.${zone}`),
        a(`far.below.${zone}`, "192.0.2.82"),
      ],
    ],
  ];
}

for (const name of missing) {
  test(`from the root through ${name}`, { skip: `${programs[name].command} is not installed` });
}

describe(
  "from the root",
  { skip: installed.length === 0 ? "no authority is installed" : false },
  () => {
    const directory = mkdtempSync(join(tmpdir(), "lethe-authorities-"));
    const running: Authority[] = [];
    const served = new Map<ProgramName, Served>();

    before(async () => {
      const port = await freePort(rootIp(installed[0]!));
      const begin = async (
        name: ProgramName,
        place: string,
        ip: string,
        zones: object,
      ): Promise<void> => {
        const serving = { directory: join(directory, `${name}-${place}`), ip, port };
        running.push(await startAuthority(name, { ...serving, zones: { ...zones } }));
      };
      for (const name of installed) {
        await begin(name, "root", rootIp(name), { ".": rootZone(name) });
        await begin(name, "tld", tldIp(name), { [tldOf(name)]: tldZone(name) });
        const zones = installed.map((tld) => [zoneOf(name, tld), leafZone(name, tld)] as const);
        await begin(name, "zone", zoneIp(name), Object.fromEntries(zones));
      }
      for (const name of installed) {
        const hints = join(directory, `${name}.hints`);
        writeFileSync(hints, `. NS a.root-servers.\na.root-servers. A ${rootIp(name)}\n`);
        const settings = [`resolve.root-hints="${hints}"`, `resolve.upstream-port=${port}`];
        const rest = ["resolve.loopback-servers=true", "resolve.ipv6=false", "resolve.workers=1"];
        const unsigned = 'resolve.insecure=["."]';
        const outgoing = 'resolve.outgoing=["127.0.0.1"]';
        served.set(name, await serve([...settings, ...rest, unsigned, outgoing]));
      }
    });

    after(async () => {
      for (const { child } of served.values()) child.kill("SIGTERM");
      for (const one of running) await one.end();
      rmSync(directory, { recursive: true });
    });

    for (const root of installed) {
      for (const tld of installed) {
        for (const name of installed) {
          test(`of ${root} through the TLD of ${tld} to the zone of ${name}`, async () => {
            const { port } = served.get(root)!;
            for (const [qname, type, expected] of expectations(name, tld)) {
              assert.deepEqual(told(await askAt(port, qname, type)), expected, `${qname} ${type}`);
            }
            // Twenty texts of 200 bytes: upstream over TCP, and to the client too.
            const long = await askAt(port, `long.${zoneOf(name, tld)}`, "TXT");
            assert.equal(long.answer.length, 20);
          });
        }
      }
      test(`of ${root}: a TLD that is not there`, async () => {
        assert.deepEqual(told(await askAt(served.get(root)!.port, "www.nowhere-tld", "A")), [
          "NXDOMAIN",
        ]);
      });
    }
  },
);
