/** `lethe serve` and its ledger as processes: lives, crashes, damage, what `lethe ledger` says. */
import assert from "node:assert/strict";
import { type ChildProcess, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  cpSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { libc } from "../src/system/libc.ts";
import { main, serve } from "./served.ts";
import { until } from "./until.ts";

const SECRET = "00112233445566778899aabbccddeeff";
const directory = mkdtempSync(join(tmpdir(), "lethe-serve-ledger-"));
const state = join(directory, "state");
const configuration = join(directory, "lethe.toml");
const children: ChildProcess[] = [];

/** Nothing of it asks anybody. */
const quiet = `
[resolve]
workers = 1
outgoing = ["127.0.0.1"]
ipv6 = false
anchor-rollover = false
signal-trust-anchors = false
[listen]
cookie-secret = "${SECRET}"

[oblivious]
secret = "${SECRET}"

[access]
allow = ["127.0.0.0/8", "198.51.100.77/32"]
`;

after(() => {
  for (const child of children) child.kill("SIGKILL");
  rmSync(directory, { recursive: true });
});

function configured(more = "", place = state): void {
  writeFileSync(configuration, `${quiet}${more}\n[state]\ndirectory = "${place}"\n`);
}

async function started(): Promise<{ child: ChildProcess; output: () => string }> {
  const { child } = await serve([], ["--config", configuration]);
  children.push(child);
  let text = "";
  for (const stream of [child.stdout!, child.stderr!]) {
    stream.on("data", (chunk: Buffer) => (text += chunk.toString()));
  }
  return { child, output: () => text };
}

async function ended(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  child.kill(signal);
  await once(child, "exit");
}

interface Ran {
  readonly status: number | null;
  readonly out: string;
  readonly err: string;
}

function lethe(args: readonly string[], env = process.env): Ran {
  const run = spawnSync(process.execPath, [main, ...args], { encoding: "utf8", env });
  return { status: run.status, out: run.stdout, err: run.stderr };
}

const ledger = (order: string, ...more: string[]): Ran =>
  lethe(["ledger", order, "--config", configuration, ...more]);
const kinds = (): string[] =>
  (JSON.parse(ledger("show", "--json").out) as { kind: string }[]).map(({ kind }) => kind);

describe("a server and its ledger", () => {
  test("tells of start, change and stop, and is found whole", async () => {
    configured();
    const { child, output } = await started();
    assert.deepEqual(kinds(), ["start", "trust-anchors"]);
    configured("[cache]\nprefetch = false\n");
    child.kill("SIGHUP");
    await until(() => output().includes("reloaded: cache.prefetch"));
    await ended(child, "SIGTERM");
    assert.deepEqual(kinds(), ["start", "trust-anchors", "configuration", "stop"]);
    const shown = ledger("show").out;
    assert.match(
      shown,
      /^0 {2}\S+Z {2}start +the server started with source [0-9a-f]{12}, version/,
    );
    assert.match(shown, /the configuration changed: cache\.prefetch\n/);
    assert.match(shown, /the server stopped: SIGTERM\n/);
    const verified = ledger("verify");
    assert.equal(verified.status, 0);
    assert.match(verified.out, /\n4 entries, 0 faults, 0 deviations\n$/);
    assert.equal(statSync(join(state, "ledger/key")).mode & 0o777, 0o600);
  });

  test("secrets are nowhere in it, and who may ask only in a body", () => {
    const place = join(state, "ledger");
    for (const name of ["entries", "head", "hashes"]) {
      const text = readFileSync(join(place, name), "latin1");
      assert.ok(!text.includes(SECRET) && !text.includes("198.51.100.77"), name);
    }
    const bodies = readdirSync(join(place, "bodies")).map((name) =>
      readFileSync(join(place, "bodies", name), "utf8"),
    );
    assert.ok(bodies.length > 0);
    for (const text of bodies) assert.ok(text.includes("198.51.100.77") && !text.includes(SECRET));
  });

  test("a second server in the same place is refused", { skip: withoutCalls() }, async () => {
    configured();
    const { child } = await started();
    const other = lethe(["serve", "--config", configuration]);
    assert.equal(other.status, 2);
    assert.match(other.err, /state\.directory = .*: expected a ledger .*another process has it/);
    await ended(child, "SIGTERM");
  });

  test("a crash loses nothing that was committed, and the next start tells of it", async () => {
    configured();
    const seen = join(directory, "seen");
    writeFileSync(seen, ledger("checkpoint").out);
    await ended((await started()).child, "SIGKILL");
    await ended((await started()).child, "SIGTERM");
    const verified = ledger("verify", "--seen", seen);
    assert.equal(verified.status, 0);
    assert.match(verified.out, /^deviation: entry \d+: the server started, and no stop was told/);
    assert.match(verified.out, /, 0 faults, 1 deviations\n$/);
  });

  test("another key, a fork and a stale head are faults", async () => {
    configured();
    const seen = join(directory, "seen");
    writeFileSync(seen, ledger("checkpoint").out);
    const key = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
    const pinned = ledger("verify", "--key", key);
    assert.equal(pinned.status, 1);
    assert.match(pinned.out, /fault: it is signed by another key/);

    const copy = join(directory, "copy");
    cpSync(state, copy, { recursive: true });
    await ended((await started()).child, "SIGTERM");
    const ahead = join(directory, "ahead");
    writeFileSync(ahead, ledger("checkpoint").out);
    configured("", copy);
    assert.match(ledger("verify", "--seen", ahead).out, /fault: .*ahead: .*the head is stale/);
    await ended((await started()).child, "SIGTERM");
    assert.match(ledger("verify", "--seen", ahead).out, /fault: .*ahead: .*the history forked/);
    assert.equal(ledger("verify", "--seen", seen).status, 0);
  });

  test("damage is named by the verifier, and no server goes on from it", () => {
    configured();
    const file = join(state, "ledger/entries");
    const whole = readFileSync(file);
    const at = whole.indexOf('"kind":"stop"');
    writeFileSync(file, whole.toString("latin1").replace("SIGTERM", "SIGTARM"), "latin1");
    const verified = ledger("verify");
    assert.equal(verified.status, 1);
    assert.match(verified.out, /^fault: entry 3 is changed\n1 faults, 0 deviations\n$/);
    const refused = lethe(["serve", "--config", configuration]);
    assert.equal(refused.status, 2);
    assert.match(refused.err, /expected a ledger that is whole: entry 3 is changed/);
    writeFileSync(file, whole);
    assert.ok(at > 0);
    assert.equal(ledger("verify").status, 0);
  });

  test("a variable that loads other code is refused", () => {
    configured();
    const env = { ...process.env, NODE_PATH: "/nowhere" };
    const refused = lethe(["serve", "--config", configuration], env);
    assert.equal(refused.status, 2);
    assert.equal(
      refused.err,
      "lethe: NODE_PATH: expected it not to be set: it loads what no digest tells of\n",
    );
  });

  test("without a state there is no ledger, and arguments that make no sense are told", () => {
    assert.deepEqual(lethe(["ledger", "show"]).status, 2);
    assert.match(
      lethe(["ledger", "dance"]).err,
      /ledger dance: expected show, verify or checkpoint/,
    );
    const none = lethe(["ledger", "show", "--set", `state.directory=${directory}`]);
    assert.match(none.err, /expected a ledger in it/);
    assert.match(ledger("show", "--from", "x").err, /--from x: expected the number of an entry/);
    assert.match(ledger("verify", "--seen", "/nowhere").err, /expected a file that can be read/);
  });
});

function withoutCalls(): string | false {
  return libc() === undefined ? "there are no system calls here" : false;
}
