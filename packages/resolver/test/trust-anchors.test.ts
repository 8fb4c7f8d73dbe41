/** `lethe serve` and its trust anchors: files, state, and what it says where they are unfit. */
import assert from "node:assert/strict";
import { type ChildProcess, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { nameToText } from "@lethe/wire/name-text.ts";
import { type Sandbox, startSandbox } from "../sim/sandbox-server.ts";
import { ipToText } from "../src/base/address.ts";
import { main, serve } from "./served.ts";
import { until } from "./until.ts";

const directory = mkdtempSync(join(tmpdir(), "lethe-trust-anchors-"));
const state = join(directory, "state");
const stateFile = join(state, "trust-anchors");
const children: ChildProcess[] = [];
let sandbox: Sandbox;
let sets: readonly string[];

before(async () => {
  const started = await startSandbox({ port: 0 });
  assert.equal(started.kind, "sandbox");
  assert.ok(started.kind === "sandbox");
  sandbox = started;
  const hints = sandbox.rootHints.flatMap(({ name, ips }) => {
    const server = nameToText(name);
    return [`. 3600 NS ${server}`, ...ips.map((ip) => `${server} 3600 A ${ipToText(ip)}`)];
  });
  writeFileSync(join(directory, "hints"), `${hints.join("\n")}\n`);
  writeFileSync(join(directory, "anchors"), sandbox.trustAnchors);
  sets = [
    "resolve.workers=2",
    `resolve.root-hints=${join(directory, "hints")}`,
    `resolve.trust-anchors=${join(directory, "anchors")}`,
    `resolve.upstream-port=${sandbox.port}`,
    "resolve.loopback-servers=true",
    'resolve.outgoing=["127.0.0.1"]',
    "resolve.ipv6=false",
    `state.directory=${state}`,
  ];
});

after(async () => {
  for (const child of children) child.kill("SIGKILL");
  await sandbox.stop();
  rmSync(directory, { recursive: true });
});

/** Serves until `isDone`, and ends; gives what was complained of. */
async function serveUntil(isDone: () => boolean): Promise<string> {
  const { child } = await serve(sets);
  children.push(child);
  let complaints = "";
  child.stderr!.on("data", (chunk: Buffer) => (complaints += chunk.toString()));
  await until(isDone);
  child.kill("SIGTERM");
  await once(child, "exit");
  return complaints;
}

function isLearnt(): boolean {
  return existsSync(stateFile) && readFileSync(stateFile, "utf8").includes("\nvalid ");
}

describe("the state of the trust anchors", () => {
  test("is learnt at the first look, and kept", async () => {
    assert.equal(await serveUntil(isLearnt), "");
    assert.match(readFileSync(stateFile, "utf8"), /^lethe trust anchors 1\nzone \. configured /);
  });
  test("is taken up again", async () => {
    const learnt = readFileSync(stateFile, "utf8");
    assert.equal(await serveUntil(() => true), "");
    assert.equal(readFileSync(stateFile, "utf8"), learnt);
  });
  test("goes on where it was when the configuration is read again", async () => {
    const { child } = await serve(sets);
    children.push(child);
    const learnt = readFileSync(stateFile, "utf8");
    const { mtimeMs } = statSync(stateFile);
    child.kill("SIGHUP");
    await until(() => statSync(stateFile).mtimeMs > mtimeMs);
    assert.equal(readFileSync(stateFile, "utf8"), learnt);
    child.kill("SIGTERM");
    await once(child, "exit");
  });
  test("is put aside with one line where it is damaged, and learnt anew", async () => {
    truncateSync(stateFile, 80);
    const complaints = await serveUntil(isLearnt);
    assert.match(
      complaints,
      /^lethe: .*trust-anchors is damaged \(line 1: .*kept as .*\.damaged\n$/,
    );
    assert.equal(readFileSync(`${stateFile}.damaged`).length, 80);
  });
  test("that cannot be kept is one line and exit 2", () => {
    const args = sets.flatMap((set) => ["--set", set]);
    const closed = `state.directory=${join(directory, "hints", "below")}`;
    const ended = spawnSync(process.execPath, [main, "serve", ...args, "--set", closed]);
    assert.equal(ended.status, 2);
    assert.match(ended.stderr.toString(), /^lethe: state\.directory = .*\(ENOTDIR\)\n$/);
  });
});

describe("a file of trust anchors that is unfit is one line and exit 2", () => {
  const rows: readonly (readonly [string, string, RegExp])[] = [
    ["nothing in it", "; nothing\n", /expected DS or DNSKEY records: no DS and no DNSKEY record/],
    ["other records", ". 3600 A 192.0.2.1\n", /a record that is neither DS nor DNSKEY/],
    ["no zone file", ". 3600 DS 1 8 2 zz\n", /line 1: /],
    ["a revoked key", ". DNSKEY 385 3 15 AwEAAc3Z5DQD\n", /is revoked/],
    ["an algorithm that nobody checks", ". DS 1 3 2 00\n", /expected for \. a key of an algorithm/],
    [
      "one zone of two whose digest nobody checks",
      `. DS 1 8 2 ${"00".repeat(32)}\nexample DS 1 8 3 00\n`,
      /expected for example\. a key of an algorithm and digest that is checked/,
    ],
  ];
  for (const [title, text, line] of rows) {
    test(title, () => {
      const file = join(directory, "unfit");
      writeFileSync(file, text);
      const args = ["serve", "--set", `resolve.trust-anchors=${file}`];
      const ended = spawnSync(process.execPath, [main, ...args], { encoding: "utf8" });
      assert.equal(ended.status, 2, ended.stderr);
      assert.match(ended.stderr, line);
      assert.equal(ended.stderr.trim().split("\n").length, 1);
    });
  }
});
