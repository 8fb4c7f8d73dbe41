/**
 * A trust anchor's key is revoked at a real authority: Knot signs the zone, and marks the key as
 * RFC 5011 §2.1 has it. The server follows without a restart, and remembers.
 *
 * The zone is an island of security: its anchor is the only one.
 */
import assert from "node:assert/strict";
import { type ChildProcess, spawnSync } from "node:child_process";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { flag } from "@lethe/wire/header.ts";
import { type Running, isInstalled, start, stop } from "../../bench/processes.ts";
import { serve } from "../served.ts";
import { question, read } from "../small-resolver.ts";
import { until } from "../until.ts";
import { freePort } from "../free-port.ts";

const programs = ["knotd", "keymgr", "knotc"];
const absent = programs.find((program) => !isInstalled(program));
const skip = absent === undefined ? false : `${absent} is not installed`;

const ZONE = "island.test";
const directory = mkdtempSync(join(tmpdir(), "lethe-rollover-"));
const inside = (file: string): string => join(directory, file);
const stateFile = inside("state/trust-anchors");
let knot: Running | undefined;
let knotPort = 0;
let server: ChildProcess | undefined;
let port = 0;
let keyIds: readonly string[] = [];

function configuration(): string {
  return `server:
  listen: 127.0.0.1@${knotPort}
  rundir: ${directory}
database:
  storage: ${directory}
policy:
  - id: by-hand
    manual: on
    dnskey-ttl: 1
zone:
  - domain: ${ZONE}
    storage: ${directory}
    file: zone
    zonefile-sync: -1
    zonefile-load: difference-no-serial
    journal-content: all
    dnssec-signing: on
    dnssec-policy: by-hand
`;
}

const ZONE_TEXT = `$ORIGIN ${ZONE}.
$TTL 1
@ SOA ns hostmaster 1 3600 900 604800 1
@ NS ns
ns A 127.0.0.1
www A 192.0.2.1
`;

function run(program: string, ...args: readonly string[]): string {
  const ended = spawnSync(program, args, { encoding: "utf8" });
  assert.equal(ended.status, 0, ended.stderr);
  return ended.stdout;
}

function keymgr(...args: readonly string[]): string {
  return run("keymgr", "-c", inside("knot.conf"), ZONE, ...args);
}

before(async () => {
  if (absent !== undefined) return;
  knotPort = await freePort("127.0.0.1");
  writeFileSync(inside("knot.conf"), configuration());
  writeFileSync(inside("zone"), ZONE_TEXT);
  for (const [ksk, zsk] of [
    ["yes", "no"],
    ["yes", "no"],
    ["no", "yes"],
  ]) {
    keymgr("generate", "algorithm=ed25519", `ksk=${ksk}`, `zsk=${zsk}`);
  }
  keyIds = keymgr("list")
    .split("\n")
    .filter((line) => line.includes("KSK"))
    .map((line) => line.split(" ")[0]!);
  writeFileSync(inside("anchors"), keymgr("dnskey"));
  knot = start("knot", 0, ["knotd", "-c", inside("knot.conf")]);
  const served = await serve([
    "resolve.workers=2",
    `resolve.stub=[{ zone = "${ZONE}", servers = ["127.0.0.1:${knotPort}"] }]`,
    `resolve.trust-anchors=${inside("anchors")}`,
    "resolve.loopback-servers=true",
    'resolve.outgoing=["127.0.0.1"]',
    "resolve.ipv6=false",
    `state.directory=${inside("state")}`,
  ]);
  server = served.child;
  ({ port } = served);
});

after(async () => {
  if (server !== undefined && server.exitCode === null) {
    server.kill("SIGTERM");
    await once(server, "exit");
  }
  if (knot !== undefined) await stop(knot);
  rmSync(directory, { recursive: true });
});

/** RCODE and AD of an answer for an address below the zone. */
async function told(): Promise<string> {
  const socket = createSocket("udp4");
  const query = question({ name: `www.${ZONE}`, udpSize: 1232, dnssecOk: true });
  socket.send(query, port, "127.0.0.1");
  const [answer] = (await once(socket, "message")) as [Buffer];
  socket.close();
  const { header } = read(answer);
  return `rcode ${header.rcode}${(header.flags & flag.ad) === 0 ? "" : ", AD"}`;
}

/** The states of the keys that are kept, in order. */
function states(): string {
  const text = existsSync(stateFile) ? readFileSync(stateFile, "utf8") : "";
  const words = text.split("\n").map((line) => line.split(" ")[0]!);
  return words.filter((word) => /^(add-pending|valid|missing|revoked)$/.test(word)).join(" ");
}

describe("a rollover at knot", { skip }, () => {
  test("begins with two valid keys of the configuration", async () => {
    await until(() => states() === "valid valid");
    assert.equal(await told(), "rcode 0, AD");
  });
  test("revokes one, which is kept at once, and the other goes on", async () => {
    keymgr("set", keyIds[0]!, "revoke=+0");
    run("knotc", "-s", inside("knot.sock"), "-b", "zone-sign", ZONE);
    // The keys are asked for again when their TTL of a second is over.
    const endMs = performance.now() + 10_000;
    while (performance.now() < endMs && !states().includes("revoked")) {
      assert.equal(await told(), "rcode 0, AD");
    }
    assert.deepEqual(states().split(" ").toSorted(), ["revoked", "valid"]);
    assert.equal(await told(), "rcode 0, AD");
  });
});
