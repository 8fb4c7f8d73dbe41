/** `lethe serve` as its user has it: starts, refuses, answers, ends. */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { connect } from "node:net";
import { after, test } from "node:test";
import { ipToText } from "../src/base/address.ts";
import { limits } from "../src/base/limits.ts";
import { libc as systemLibc } from "../src/system/libc.ts";
import { type LoopbackServer, frame, listen } from "./loopback-server.ts";
import { answerTo, questionOf } from "./plain-messages.ts";
import { type Served, main, serve as startServer } from "./served.ts";
import { until } from "./until.ts";

const skip = systemLibc() === undefined ? "the FFI does not load on this machine" : false;
const children: ChildProcess[] = [];
after(() => children.forEach((child) => child.kill("SIGKILL")));

/** A server with two workers that this file ends. */
async function serve(more: readonly string[] = []): Promise<Served> {
  const served = await startServer(["resolve.workers=2", ...more]);
  children.push(served.child);
  return served;
}

/** The same at one free port of several addresses. */
async function serveAt(ips: readonly string[]): Promise<Served> {
  const port = await freePort();
  const listenAt = JSON.stringify(ips.map((ip) => `${ip}:${port}`));
  return { ...(await serve([`listen.dns=${listenAt}`])), port };
}

async function freePort(): Promise<number> {
  const socket = createSocket("udp4").bind(0);
  await once(socket, "listening");
  const { port } = socket.address();
  socket.close();
  return port;
}

/** `localhost A`, which the server answers by itself. */
const localhost = questionOf("localhost", "");

async function askUdp(port: number, question = localhost): Promise<Buffer> {
  const socket = createSocket("udp4");
  socket.send(question, port, "127.0.0.1");
  const [answer] = (await once(socket, "message")) as [Buffer];
  socket.close();
  return answer;
}

async function askTcp(port: number): Promise<Buffer> {
  const stream = connect(port, "127.0.0.1");
  stream.write(frame(localhost));
  const [answer] = (await once(stream, "data")) as [Buffer];
  stream.destroy();
  return answer;
}

/** The setting that sends every question below `load` to one authority. */
function stubOf({ address }: LoopbackServer): string[] {
  const server = `${ipToText(address.ip)}:${address.port}`;
  // Nobody is asked whether the root knows of the zone.
  return [`resolve.stub=[{ zone = "load", servers = ["${server}"] }]`, 'resolve.insecure=["load"]'];
}

test("answers over UDP and TCP, and ends with 0 when told to", { skip }, async () => {
  const { child, port } = await serve();
  const answer = await askUdp(port);
  assert.deepEqual([...answer.subarray(-4)], [127, 0, 0, 1]);
  const streamed = await askTcp(port);
  assert.equal(streamed.readUInt16BE(0), streamed.length - 2);
  child.kill("SIGTERM");
  const [code] = (await once(child, "exit")) as [number];
  assert.equal(code, 0);
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
  const { child, port } = await serveAt(["0.0.0.0", "127.0.0.1"]);
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

test("told to end while nobody waits, it ends at once", { skip }, async () => {
  const { child, port } = await serve();
  await askUdp(port);
  const toldMs = performance.now();
  child.kill("SIGTERM");
  const [code] = (await once(child, "exit")) as [number];
  assert.equal(code, 0);
  assert.ok(performance.now() - toldMs < limits.drainMs.value);
});

test("told to end while a client waits, it answers him first", { skip }, async () => {
  const held: (() => void)[] = [];
  const authority = await listen("127.0.0.53", ({ query, reply }) => {
    held.push(() => reply(answerTo(query)));
  });
  const { child, port } = await serve(stubOf(authority));
  const answered = askUdp(port, questionOf("slow"));
  await until(() => held.length > 0);
  child.kill("SIGTERM");
  // It is told before the reply comes: the order reaches it in less than that.
  setTimeout(() => held.forEach((reply) => reply()), limits.drainLookMs.value * 10);
  assert.equal((await answered).readUInt16BE(6), 1);
  const [code] = (await once(child, "exit")) as [number];
  assert.equal(code, 0);
  await authority.close();
});

test(
  "told to end, it answers what was asked over TCP, and closes streams that wait for nothing",
  {
    skip,
  },
  async () => {
    const held: (() => void)[] = [];
    const authority = await listen("127.0.0.53", ({ query, reply }) => {
      held.push(() => reply(answerTo(query)));
    });
    const { child, port } = await serve(stubOf(authority));
    const idle = connect(port, "127.0.0.1");
    await once(idle, "connect");
    const busy = connect(port, "127.0.0.1");
    busy.write(Buffer.concat([frame(questionOf("slow")), frame(questionOf("slower"))]));
    let answers = 0;
    busy.on(
      "data",
      (part: Buffer) => (answers += part.toString("latin1").split("slow").length - 1),
    );
    await until(() => held.length > 1);
    child.kill("SIGTERM");
    await once(idle.resume(), "close");
    held.forEach((reply) => reply());
    const [code] = (await once(child, "exit")) as [number];
    assert.deepEqual([code, answers], [0, 2]);
    await authority.close();
  },
);

test("one who waits in vain is waited for no longer than drainMs", { skip }, async () => {
  let asks = 0;
  const authority = await listen("127.0.0.53", () => asks++);
  const { child, port } = await serve(stubOf(authority));
  const socket = createSocket("udp4");
  socket.send(questionOf("never"), port, "127.0.0.1");
  await until(() => asks > 0);
  const toldMs = performance.now();
  child.kill("SIGTERM");
  const [code] = (await once(child, "exit")) as [number];
  const elapsedMs = performance.now() - toldMs;
  socket.close();
  await authority.close();
  assert.equal(code, 0);
  assert.ok(elapsedMs >= limits.drainMs.value && elapsedMs < 5 * limits.drainMs.value);
});

test("without system calls one worker serves the same over Node's sockets", async () => {
  const authority = await listen("127.0.0.53", ({ query, reply }) => reply(answerTo(query)));
  const { child, port } = await serve(["resolve.system-calls=false", ...stubOf(authority)]);
  assert.deepEqual([...(await askUdp(port)).subarray(-4)], [127, 0, 0, 1]);
  assert.equal((await askUdp(port, questionOf("x"))).readUInt16BE(6), 1);
  const streamed = await askTcp(port);
  assert.equal(streamed.readUInt16BE(0), streamed.length - 2);
  child.kill("SIGTERM");
  const [code] = (await once(child, "exit")) as [number];
  assert.equal(code, 0);
  await authority.close();
});

test("an address that is taken is one line and exit 2 without system calls too", async () => {
  const other = createSocket("udp4").bind(0, "127.0.0.1");
  await once(other, "listening");
  const set = `listen.dns=["127.0.0.1:${other.address().port}"]`;
  const sets = ["--set", "resolve.system-calls=false", "--set", set];
  const child = spawn(process.execPath, [main, "serve", ...sets]);
  children.push(child);
  let said = "";
  child.stderr.on("data", (part: Buffer) => (said += part.toString()));
  const [code] = (await once(child, "exit")) as [number];
  other.close();
  assert.equal(code, 2);
  assert.match(said, /^lethe: listen\.dns = 127\.0\.0\.1:\d+: expected an address that is free/);
});
