/**
 * What `dig` and `delv` see of Lethe is what they see of Unbound, over names of the sandbox: good,
 * bogus and unsigned ones, every kind of denial and alias; status, flags and sections.
 *
 * Unbound asks port 53 of the servers that a referral names, so the sandbox must listen there.
 */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { type Running, isInstalled, start, stop, until } from "../../bench/processes.ts";
import { type Sandbox, startSandbox } from "../../sim/sandbox-server.ts";
import { freePort } from "../free-port.ts";
import { siteOf, validatingPeers } from "./validating-peers.ts";

const run = promisify(execFile);
const PROGRAMS = ["unbound", "dig", "delv"];
/** Another test may have port 53; it gives it back soon. */
const TRIES = 60;
const TRY_MS = 500;

/** Names, types, and what each shows. */
const QUESTIONS: readonly (readonly [name: string, type: string, shows: string])[] = [
  ["www.good.lethe", "A", "an address"],
  ["www.good.lethe", "AAAA", "an IPv6 address"],
  ["good.lethe", "SOA", "an apex"],
  ["good.lethe", "NS", "name servers"],
  ["good.lethe", "MX", "mail servers"],
  ["good.lethe", "TXT", "a text"],
  ["good.lethe", "DNSKEY", "keys"],
  ["good.lethe", "DS", "a DS set, the parent's"],
  ["good.lethe", "NSEC3PARAM", "the parameters of NSEC3"],
  ["alias.good.lethe", "A", "an alias"],
  ["alias.good.lethe", "CNAME", "an alias itself"],
  ["alias.good.lethe", "MX", "an alias to a name without the type"],
  ["deep.moved.good.lethe", "A", "a signed DNAME"],
  ["deep.moved.good.lethe", "MX", "a signed DNAME to a name without the type"],
  ["none.moved.good.lethe", "A", "a signed DNAME to a name that is not there"],
  ["moved.good.lethe", "DNAME", "a DNAME itself"],
  ["any.wild.good.lethe", "TXT", "a wildcard"],
  ["a.b.wild.good.lethe", "TXT", "a wildcard, two labels above"],
  ["any.wild.good.lethe", "A", "a wildcard without the type"],
  ["nowhere.good.lethe", "A", "no such name, by NSEC3"],
  ["www.good.lethe", "MX", "no such type, by NSEC3"],
  ["tree.good.lethe", "A", "an empty name"],
  ["below.www.good.lethe", "A", "no such name below one that is there"],
  [".", "DNSKEY", "the root's keys"],
  ["lethe", "DS", "a DS set in the root"],
  ["nowhere", "A", "no such name in the root"],
  ["com", "DS", "a DS set of a zone with opt-out"],
  ["example.com", "A", "a signed zone below opt-out"],
  ["example.com", "MX", "no mail here"],
  ["nowhere.example.com", "A", "no such name below opt-out"],
  ["nowhere-at-all.com", "A", "no such name, in a gap with opt-out"],
  ["river-news.com", "DS", "no DS set, in a gap with opt-out"],
  ["www.river-news.com", "A", "an alias between unsigned zones"],
  ["nowhere.river-news.com", "A", "no such name in an unsigned zone"],
  ["www.plain.lethe", "A", "an unsigned zone"],
  ["plain.lethe", "DS", "no DS set"],
  ["reading.room.old-name.org", "A", "a DNAME that is not signed"],
  ["w37.chain.lethe", "A", "four aliases"],
  ["many.big.lethe", "A", "an answer over TCP"],
  ["www.bogus.lethe", "A", "a wrong signature"],
  ["nowhere.bogus.lethe", "A", "a denial with wrong signatures"],
  ["valid.ede.lethe", "A", "NSEC3 without opt-out, five levels down"],
  ["unsigned.ede.lethe", "A", "an unsigned zone below a signed one"],
  ["no-ds.ede.lethe", "A", "a signed zone without DS"],
  ["ds-bad-tag.ede.lethe", "A", "a DS that names no key"],
  ["rrsig-exp-all.ede.lethe", "A", "expired signatures"],
  ["rrsig-not-yet-a.ede.lethe", "A", "signatures of the future"],
  ["nsec3-missing.ede.lethe", "TXT", "a denial without records"],
  ["ds-unassigned-key-algo.ede.lethe", "A", "an unknown algorithm"],
  ["nsec3-iter-51.ede.lethe", "A", "data beside 51 iterations"],
  ["nowhere.nsec3-iter-200.ede.lethe", "A", "a denial of 200 iterations"],
];

const FORMS: readonly (readonly string[])[] = [
  ["+dnssec"],
  ["+dnssec", "+cdflag"],
  ["+dnssec", "+noadflag"],
  ["+adflag"],
  ["+noedns", "+noadflag"],
];

/**
 * Status, flags and records of answer and authority, without TTLs, ids and order.
 *
 * The additional section is a courtesy, which Lethe has none of. Whether who sets CD is told AD
 * depends with Unbound on whether somebody asked without CD before; with Lethe he never is
 * (decision 55).
 */
function seen(text: string): string[] {
  const status = /status: (\w+)/.exec(text)?.[1] ?? "none";
  const flags = new Set((/flags: ([\w ]*);/.exec(text)?.[1] ?? "").split(" "));
  if (flags.has("cd")) flags.delete("ad");
  const lines = [`${status} | ${[...flags].toSorted().join(" ")}`];
  for (const [, section, records] of text.matchAll(/^;; (\w+) SECTION:\n((?:.+\n)*)/gm)) {
    if (section !== "ANSWER" && section !== "AUTHORITY") continue;
    const found = records!
      .trim()
      .split("\n")
      .map((line) => withoutTtl(line));
    lines.push(...found.map((line) => `${section} ${line}`).toSorted());
  }
  return lines;
}

function withoutTtl(line: string): string {
  return line.replace(/^(.*?)\s+\d+\s+IN\s+/, (_, owner: string) => `${owner.toLowerCase()} IN `);
}

/** What delv says: its verdicts, and the records that it believes. */
function judged(text: string): string[] {
  return text
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith(";; "))
    .map((line) => withoutTtl(line))
    .toSorted();
}

/** A DS record in the form that BIND has its anchors in. */
function bindAnchors([tag, number, digest, hex]: readonly string[]): string {
  return `trust-anchors { . static-ds ${tag} ${number} ${digest} "${hex}"; };\n`;
}

async function sandboxAt53(): Promise<Sandbox | string> {
  for (let tries = 1; ; tries++) {
    const started = await startSandbox({ port: 53 });
    if (started.kind === "sandbox") return started;
    if (tries === TRIES || !/in use/i.test(started.line)) return started.line;
    await sleep(TRY_MS);
  }
}

const missing = PROGRAMS.filter((program) => !isInstalled(program));
const opened = missing.length > 0 ? `not installed: ${missing.join(", ")}` : await sandboxAt53();
const skip = typeof opened === "string" ? opened : false;

describe("beside Unbound", { skip }, () => {
  const directory = mkdtempSync(join(tmpdir(), "lethe-same-"));
  const anchors = join(directory, "bind.anchors");
  const resolvers: { readonly running: Running; readonly port: number }[] = [];

  before(async () => {
    const sandbox = opened as Sandbox;
    for (const name of ["Lethe", "Unbound"]) {
      const peer = validatingPeers.find((one) => one.name === name)!;
      const port = await freePort("127.0.0.1");
      const site = siteOf(join(directory, name), port, sandbox);
      writeFileSync(anchors, bindAnchors(site.ds));
      const running = start(name, 0, peer.command(site));
      resolvers.push({ running, port });
      const args = ["@127.0.0.1", "-p", String(port), "+tries=1", "+timeout=1", "www.good.lethe"];
      await until(running, async () => {
        const { stdout } = await run("dig", args).catch(() => ({ stdout: "" }));
        return stdout.includes("status: NOERROR");
      });
    }
  });
  after(async () => {
    for (const { running } of resolvers) await stop(running);
    await (opened as Sandbox).stop();
    rmSync(directory, { recursive: true });
  });

  /** What a program prints of both resolvers. */
  async function both(program: string, args: readonly string[]): Promise<readonly string[]> {
    const printed = resolvers.map(async ({ port }) => {
      const all = ["@127.0.0.1", "-p", String(port), ...args];
      const { stdout, stderr } = await run(program, all).catch((error: unknown) => {
        return error as { readonly stdout: string; readonly stderr: string };
      });
      return stdout + stderr;
    });
    return await Promise.all(printed);
  }

  for (const form of FORMS) {
    describe(`dig ${form.join(" ")} sees the same of`, () => {
      let told: readonly (readonly string[])[];
      before(async () => {
        const all = QUESTIONS.flatMap(([name, type]) => [name, type]);
        told = (await both("dig", [...form, ...all])).map((text) =>
          text.split(/^(?=;; ->>HEADER)/m).slice(1),
        );
      });
      for (const [i, [name, type, shows]] of QUESTIONS.entries()) {
        test(`${name} ${type}: ${shows}`, () => {
          const [lethe, unbound] = told.map((answers) => seen(answers[i]!));
          assert.deepEqual(lethe, unbound);
          assert.notEqual(lethe![0], "none | ");
        });
      }
    });
  }

  describe("delv says the same of", () => {
    const sample = QUESTIONS.filter((_, i) => i % 3 === 0);
    for (const [name, type, shows] of sample) {
      test(`${name} ${type}: ${shows}`, async () => {
        const [lethe, unbound] = await both("delv", ["-a", anchors, "+root=.", name, type]);
        assert.deepEqual(judged(lethe!), judged(unbound!));
      });
    }
  });
});
