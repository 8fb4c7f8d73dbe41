/** What the main thread tells workers while they serve: to look, to believe, to probe, to drop. */
import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { after, before, test } from "node:test";
import { flag } from "@lethe/wire/header.ts";
import { nameToText } from "@lethe/wire/name-text.ts";
import { ROOT } from "@lethe/wire/name.ts";
import { type Sandbox, startSandbox } from "../sim/sandbox-server.ts";
import { readAnchors, rootAnchor } from "../src/dnssec/anchor.ts";
import { libc as systemLibc } from "../src/system/libc.ts";
import type { KeysTold } from "../src/worker/options.ts";
import { WorkerPool } from "../src/worker/pool.ts";
import { question, read } from "./small-resolver.ts";
import { name } from "./small-world.ts";
import { until } from "./until.ts";
import { plainOptions, plainRecursor } from "./plain-options.ts";

const skip = systemLibc() === undefined ? "the FFI does not load on this machine" : false;
const WORKERS = 2;
const LOOPBACK = Uint8Array.of(127, 0, 0, 1);
const told: KeysTold[] = [];
const probed: string[] = [];
let sandbox: Sandbox | undefined;
let pool: WorkerPool | undefined;

before(async () => {
  if (skip !== false) return;
  const started = await startSandbox({ port: 0 });
  assert.ok(started.kind === "sandbox");
  sandbox = started;
  const anchors = readAnchors(sandbox.trustAnchors);
  assert.ok(!("kind" in anchors));
  const untilS = Math.floor(Date.now() / 1000) + 3600;
  const opened = WorkerPool.open(systemLibc(), {
    workers: WORKERS,
    listen: [{ spoken: "dns", ip: LOOPBACK, port: 0 }],
    resolver: plainOptions(
      {
        ...plainRecursor,
        rootHints: sandbox.rootHints,
        upstreamPort: sandbox.port,
        mayAskLoopback: true,
        validation: {
          anchors,
          insecure: [],
          negative: [{ zone: name("bogus.lethe"), untilS, reason: "a test" }],
          trustsSha1: false,
        },
      },
      16 << 20,
    ),
    outgoing: [LOOPBACK],
    onDeath: () => {},
    onKeys: (keys) => told.push(keys),
    onProbed: ({ zone, validates }) => probed.push(`${nameToText(zone)} ${validates}`),
  });
  assert.ok(!("kind" in opened));
  pool = opened;
  assert.equal(await pool.start(), undefined);
});

after(async () => {
  await pool?.drain();
  await sandbox?.stop();
});

/** RCODE and AD of the answers to several clients, each once: the kernel chooses their workers. */
async function answers(of: string): Promise<readonly string[]> {
  const found = new Set<string>();
  for (let i = 0; i < 8 * WORKERS; i++) {
    const socket = createSocket("udp4");
    const query = question({ name: of, udpSize: 1232, dnssecOk: true });
    socket.send(query, pool!.ports[0], "127.0.0.1");
    const [answer] = (await once(socket, "message")) as [Buffer];
    socket.close();
    const { rcode, flags } = read(answer).header;
    found.add(`rcode ${rcode}${(flags & flag.ad) === 0 ? "" : ", AD"}`);
  }
  return [...found];
}

test("one worker looks at keys", { skip }, async () => {
  assert.equal(pool!.lookAtKeys(ROOT), true);
  await until(() => told.length > 0);
  const [{ why, zone, keySet } = assert.fail("nothing was told"), ...more] = told;
  assert.deepEqual([why, [...zone], more.length], ["told-to-look", [0], 0]);
  assert.ok(keySet!.rdatas.length > 0 && keySet!.signatures.length > 0);
});

test("a probe says whether a zone validates", { skip }, async () => {
  pool!.probe(name("good.lethe"));
  pool!.probe(name("ds-bad-tag.ede.lethe"));
  await until(() => probed.length === 2);
  assert.deepEqual(probed.toSorted(), ["ds-bad-tag.ede.lethe. false", "good.lethe. true"]);
});

test(
  "all workers drop a negative trust anchor, and so does the successor of one",
  { skip },
  async () => {
    assert.deepEqual(await answers("www.bogus.lethe"), ["rcode 0"]);
    pool!.dropNegative(name("bogus.lethe"));
    assert.deepEqual(await answers("www.bogus.lethe"), ["rcode 2"]);
    await pool!.fail(0);
    assert.deepEqual(await answers("www.bogus.lethe"), ["rcode 2"]);
  },
);

test("all workers believe other anchors, and so does the successor of one", { skip }, async () => {
  assert.deepEqual(await answers("www.good.lethe"), ["rcode 0, AD"]);
  pool!.believe([rootAnchor()]);
  assert.deepEqual(await answers("www.example.com"), ["rcode 2"]);
  await pool!.fail(1);
  assert.deepEqual(await answers("www.example.com"), ["rcode 2"]);
});
