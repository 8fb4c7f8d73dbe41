/** `lethe serve` as its user has it: starts, refuses, survives a worker's death, ends. */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { connect } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after, test } from "node:test";
import { limits } from "../src/base/limits.ts";
import { libc as systemLibc } from "../src/system/libc.ts";
import { WorkerPool } from "../src/worker/pool.ts";

const main = join(import.meta.dirname, "../src/cli/main.ts");
const skip = systemLibc() === undefined ? "the FFI does not load on this machine" : false;
const children: ChildProcess[] = [];
after(() => children.forEach((child) => child.kill("SIGKILL")));

/** Starts a server at one free port of each address; gives it and its port once it is ready. */
async function serve(ips = ["127.0.0.1"]): Promise<{ child: ChildProcess; port: number }> {
  const port = ips.length > 1 ? await freePort() : 0;
  const listen = JSON.stringify(ips.map((ip) => `${ip}:${port}`));
  const sets = ["--set", `listen.dns=${listen}`, "--set", "resolve.workers=2"];
  const child = spawn(process.execPath, [main, "serve", ...sets]);
  children.push(child);
  let got = port;
  for await (const line of createInterface({ input: child.stdout })) {
    got ||= Number(/:(\d+), UDP/.exec(line)?.[1] ?? 0);
    if (line.startsWith("ready")) break;
  }
  return { child, port: got };
}

async function freePort(): Promise<number> {
  const socket = createSocket("udp4").bind(0);
  await once(socket, "listening");
  const { port } = socket.address();
  socket.close();
  return port;
}

/** `localhost A`, which the server answers by itself. */
const question = Buffer.from(
  "00070100000100000000000009" + "6c6f63616c686f7374" + "0000010001",
  "hex",
);

async function askUdp(port: number): Promise<Buffer> {
  const socket = createSocket("udp4");
  socket.send(question, port, "127.0.0.1");
  const [answer] = (await once(socket, "message")) as [Buffer];
  socket.close();
  return answer;
}

test("answers over UDP and TCP, and ends with 0 when told to", { skip }, async () => {
  const { child, port } = await serve();
  const answer = await askUdp(port);
  assert.deepEqual([...answer.subarray(-4)], [127, 0, 0, 1]);
  const stream = connect(port, "127.0.0.1");
  stream.write(Buffer.concat([Buffer.from([0, question.length]), question]));
  const [streamed] = (await once(stream, "data")) as [Buffer];
  assert.equal(streamed.readUInt16BE(0), streamed.length - 2);
  stream.destroy();
  child.kill("SIGTERM");
  const [code] = (await once(child, "exit")) as [number];
  assert.equal(code, 0);
  assert.ok(limits.drainMs.value > 0);
});

test("an address that is taken is one line and exit 2, after portTriesMax tries at most", async () => {
  const other = createSocket("udp4").bind(0, "127.0.0.1");
  await once(other, "listening");
  assert.ok(limits.portTriesMax.value > 1);
  const set = `listen.dns=["127.0.0.1:${other.address().port}"]`;
  const child = spawn(process.execPath, [main, "serve", "--set", set]);
  let said = "";
  child.stderr.on("data", (part: Buffer) => (said += part.toString()));
  const [code] = (await once(child, "exit")) as [number];
  other.close();
  assert.equal(code, 2);
  assert.match(said, /^lethe: listen\.dns = 127\.0\.0\.1:\d+: expected an address that is free/);
});

/** What a server that does not start says, with one setting. */
async function refusal(set: string): Promise<string> {
  const child = spawn(process.execPath, [main, "serve", "--set", set]);
  children.push(child);
  let said = "";
  child.stderr.on("data", (part: Buffer) => (said += part.toString()));
  child.stdout.on("data", () => child.kill("SIGKILL"));
  const [code] = (await once(child, "exit")) as [number];
  assert.equal(code, 2);
  return said;
}

test("a second server does not share the address of the first", { skip }, async () => {
  const { child, port } = await serve();
  const said = await refusal(`listen.dns=["127.0.0.1:${port}"]`);
  assert.match(
    said,
    /^lethe: listen\.dns = .*: expected an address that is free \(bind: EADDRINUSE/,
  );
  child.kill("SIGKILL");
});

test("rows of listen.dns may overlap", { skip }, async () => {
  const { child, port } = await serve(["0.0.0.0", "127.0.0.1"]);
  assert.equal((await askUdp(port)).readUInt16BE(0), 7);
  child.kill("SIGKILL");
});

test("a source address of another machine is one line and exit 2", { skip }, async () => {
  const said = await refusal('resolve.outgoing=["192.0.2.1"]');
  assert.match(
    said,
    /^lethe: resolve\.outgoing = 192\.0\.2\.1: expected an address of this machine/,
  );
});

test("a wrong setting is one line and exit 2", async () => {
  const child = spawn(process.execPath, [main, "serve", "--set", "cache.size=7"]);
  let said = "";
  child.stderr.on("data", (part: Buffer) => (said += part.toString()));
  const [code] = (await once(child, "exit")) as [number];
  assert.equal(code, 2);
  assert.match(said, /^lethe: cache\.size = 7: expected .*\n$/);
});

test(
  "a worker that dies is replaced within a second, workerRestartMs after",
  { skip },
  async () => {
    const deaths: number[] = [];
    const networks = { allow: [{ ip: Uint8Array.of(127, 0, 0, 0), bits: 8 }], refuse: [] };
    const pool = WorkerPool.open(systemLibc()!, {
      workers: 1,
      listen: [{ ip: Uint8Array.of(127, 0, 0, 1), port: 0 }],
      resolver: {
        recursor: {
          rootHints: [],
          upstreamPort: 53,
          minimise: true,
          caseRandomisation: true,
          ipv4: true,
          ipv6: false,
          mayAskLoopback: false,
          fetchAhead: false,
          negativeTtlMaxS: 3600,
        },
        admit: { ...networks, others: "refuse" },
        slow: {
          identity: { server: undefined, version: undefined },
          bounds: { minS: 0, maxS: 86400, negativeMaxS: 3600 },
          recursionWithoutRd: "refuse",
        },
        cacheBytes: 16 << 20,
      },
      outgoing: [],
      onDeath: (worker) => deaths.push(worker),
    });
    assert.ok(!("kind" in pool));
    await pool.start();
    await askUdp(pool.ports[0]!);
    const startedMs = performance.now();
    await pool.fail(0);
    // Sent while nobody serves: it waits in the socket, and the successor answers it.
    await askUdp(pool.ports[0]!);
    // Within a second on a quiet machine; busy ones are slower to start a thread.
    assert.ok(performance.now() - startedMs < 10_000 + limits.workerRestartMs.value);
    assert.deepEqual(deaths, [0]);
    await pool.drain();
  },
);
