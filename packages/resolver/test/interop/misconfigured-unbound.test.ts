/**
 * Each misconfigured or attacking zone of the sandbox is to Unbound what it is meant to be.
 *
 * Unbound asks port 53 of the servers that a referral names, so the sandbox must listen there.
 */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { rcode } from "@lethe/wire/codes.ts";
import { flag } from "@lethe/wire/header.ts";
import { type Message, fullRcode, readMessage } from "@lethe/wire/message.ts";
import { type Running, isInstalled, start, stop, until } from "../../bench/processes.ts";
import { ATTACKS_ZONE } from "../../sim/sandbox-attacks.ts";
import { CASES_ZONE } from "../../sim/sandbox-cases.ts";
import { type Sandbox, startSandbox } from "../../sim/sandbox-server.ts";
import { CASE_NAMES } from "../../sim/signer-breaks.ts";
import { queryFor } from "../../sim/zone-asking.ts";
import { askServer } from "../../src/cli/dns-client.ts";
import { readQueryArguments } from "../../src/cli/query-arguments.ts";

const PORT = 5397;

/** Cases whose data are not SERVFAIL, and what those of all others are. */
const SECURE = new Set(["valid", "nsec3param-missing", "ed448", ...iterations(1, 51, 101)]);
const INSECURE = new Set([
  "unsigned",
  "no-ds",
  "ds-unassigned-key-algo",
  "ds-reserved-key-algo",
  "ds-unassigned-digest-algo",
  "dsa",
  "rsamd5",
]);
/** Data are authenticated, and denials are not. */
const BAD_DENIALS = new Set([
  "bad-nsec3-hash",
  "bad-nsec3-next",
  "bad-nsec3-rrsig",
  "bad-nsec3param-salt",
  "nsec3-missing",
  "nsec3-rrsig-missing",
  "no-nsec3param-nsec3",
]);
/** Data are authenticated, and denials count as unsigned (RFC 9276 §3.2). */
const COSTLY_DENIALS = new Set(iterations(151, 200));
/** Only the addresses are wrong. */
const BAD_ADDRESSES = new Set([
  "rrsig-exp-a",
  "rrsig-not-yet-a",
  "rrsig-exp-before-a",
  "rrsig-no-a",
]);

function iterations(...counts: readonly number[]): string[] {
  return counts.map((count) => `nsec3-iter-${count}`);
}

type Verdict = "secure" | "insecure" | "failed";

function expected(name: string): { readonly data: Verdict; readonly denial: Verdict } {
  if (SECURE.has(name)) return { data: "secure", denial: "secure" };
  if (INSECURE.has(name)) return { data: "insecure", denial: "insecure" };
  if (BAD_DENIALS.has(name)) return { data: "secure", denial: "failed" };
  if (COSTLY_DENIALS.has(name)) return { data: "secure", denial: "insecure" };
  return { data: "failed", denial: BAD_ADDRESSES.has(name) ? "secure" : "failed" };
}

function verdictOf(answer: Message): Verdict {
  if (fullRcode(answer) === rcode.SERVFAIL) return "failed";
  return (answer.header.flags & flag.ad) === 0 ? "insecure" : "secure";
}

function configuration(directory: string): string {
  return `server:
  directory: "${directory}"
  chroot: ""
  username: ""
  pidfile: ""
  use-syslog: no
  interface: 127.0.0.1@${PORT}
  outgoing-interface: 127.0.0.1
  do-ip6: no
  do-not-query-localhost: no
  root-hints: "${join(directory, "root.hints")}"
  trust-anchor-file: "${join(directory, "anchors")}"
remote-control:
  control-enable: no
`;
}

/** Names of the attacking zones: what they show is refused by Unbound too, but for some. */
const ATTACKING: readonly (readonly [name: string, verdict: Verdict])[] = [
  ["any.keytrap", "failed"],
  ["www.keytrap", "secure"],
  ["any.sigjam", "failed"],
  ["any.lockcram", "failed"],
  ["any.rsa", "failed"],
  ["any.algorithms", "failed"],
  ["www.chaintrap", "failed"],
  ["www.hashtrap", "failed"],
  // Unbound looks at all DS records, so that the right one is found.
  ["www.ds", "secure"],
  ["nowhere.nsec3", "secure"],
  ["no.nsec3-iterations", "insecure"],
  ["no.nsec3-records", "secure"],
  ["www.few-labels", "failed"],
  ["nowhere.next-outside", "failed"],
  ["www.next-outside", "secure"],
  ["nowhere.nsec3-below", "failed"],
  ["www.nsec3-below", "secure"],
  ["www.victim.wildcard-nsec", "failed"],
  ["www.wildcard-nsec", "secure"],
  ["www.victim.wildcard-alias", "failed"],
  ["www.victim.from-above", "failed"],
  ["www.from-above", "secure"],
];

/** What Unbound makes of the address of a name. */
async function ask(name: string): Promise<Verdict> {
  const plan = readQueryArguments([`@127.0.0.1:${PORT}`, name]);
  assert.ok(!("kind" in plan));
  const query = queryFor(`${name} A`, { udpSize: 1232, dnssecOk: true, flags: flag.rd });
  const asked = await askServer(plan, query);
  assert.ok(asked.kind === "reply", `${name}: Unbound is silent`);
  const answer = readMessage(asked.message);
  assert.ok(answer.kind === "message");
  return verdictOf(answer);
}

const opened = isInstalled("unbound") ? await startSandbox({ port: 53 }) : undefined;
const skip = opened?.kind === "sandbox" ? false : (opened?.line ?? "unbound is not installed");

describe("to Unbound", { skip }, () => {
  const sandbox = opened as Sandbox;
  let directory: string;
  let unbound: Running;

  before(async () => {
    directory = mkdtempSync(join(tmpdir(), "lethe-unbound-"));
    writeFileSync(join(directory, "root.hints"), sandbox.hintsText);
    writeFileSync(join(directory, "anchors"), sandbox.trustAnchors);
    const file = join(directory, "unbound.conf");
    writeFileSync(file, configuration(directory));
    unbound = start("unbound", 0, ["unbound", "-d", "-c", file]);
    await until(unbound, async () => (await ask("www.good.lethe").catch(() => "")) === "secure");
  });
  after(async () => {
    await stop(unbound);
    await sandbox.stop();
    rmSync(directory, { recursive: true });
  });

  for (const name of CASE_NAMES) {
    const { data, denial } = expected(name);
    test(`data of ${name} are ${data}, its denials ${denial}`, async () => {
      const zone = `${name}.${CASES_ZONE}`;
      assert.deepEqual([await ask(zone), await ask(`nowhere.${zone}`)], [data, denial]);
    });
  }

  for (const [name, verdict] of ATTACKING) {
    test(`${name} of the attacking zones is ${verdict}`, async () => {
      assert.equal(await ask(`${name}.${ATTACKS_ZONE}`), verdict);
    });
  }
});
