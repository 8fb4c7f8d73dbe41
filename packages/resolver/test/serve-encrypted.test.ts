/** `lethe serve` with encrypted listeners: certificates that change, tickets, workers that die. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect as connectTcp, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, after, test } from "node:test";
import { type ConnectionOptions, type TLSSocket, connect } from "node:tls";
import { libc as systemLibc } from "../src/system/libc.ts";
import { selfSigned } from "../src/transports/self-signed.ts";
import { TICKET_KEYS_BYTES } from "../src/transports/tls.ts";
import { WorkerPool } from "../src/worker/pool.ts";
import { frame } from "./loopback-server.ts";
import { questionOf } from "./plain-messages.ts";
import { plainOptions, plainRecursor } from "./plain-options.ts";
import { proxyHeader } from "./proxied.ts";
import { type Served, main, portOf, serve as startServer } from "./served.ts";

const skip = systemLibc() === undefined ? "the FFI does not load on this machine" : false;
const children: ChildProcess[] = [];
const sockets: TLSSocket[] = [];
after(() => {
  children.forEach((child) => child.kill("SIGKILL"));
  sockets.forEach((socket) => socket.destroy());
});

const DOT = 'listen.tls=["127.0.0.1:0"]';
const DOH = 'listen.https=["127.0.0.1:0"]';

async function serve(...sets: string[]): Promise<Served> {
  const served = await startServer(["resolve.workers=2", ...sets]);
  children.push(served.child);
  return served;
}

/** A client whose handshake is done. */
async function dial(port: number, options: ConnectionOptions = {}): Promise<TLSSocket> {
  const socket = connect({ port, host: "127.0.0.1", rejectUnauthorized: false, ...options });
  sockets.push(socket);
  await once(socket, "secureConnect");
  return socket;
}

/** `localhost A`, which the server answers by itself. */
const localhost = questionOf("localhost", "");

/** Asks over a stream, and checks the answer. */
async function ask(socket: TLSSocket): Promise<void> {
  socket.write(frame(localhost));
  const [answer] = (await once(socket, "data")) as [Buffer];
  assert.equal(answer.readUInt16BE(0), answer.length - 2);
  assert.deepEqual([...answer.subarray(-4)], [127, 0, 0, 1]);
}

/** What tells a later connection that it belongs to an earlier one. */
async function ticketOf(port: number): Promise<Buffer> {
  const socket = await dial(port, { servername: "localhost" });
  const session = once(socket, "session") as Promise<[Buffer]>;
  await ask(socket);
  return (await session)[0];
}

/** How many of some connections were resumed. */
async function resumed(port: number, session: Buffer): Promise<number> {
  let count = 0;
  for (let i = 0; i < 12; i++) {
    const socket = await dial(port, { session, servername: "localhost" });
    if (socket.isSessionReused()) count++;
    socket.destroy();
  }
  return count;
}

test("DNS over TLS is served at both ports, and a ticket is good at every worker", async () => {
  const served = await serve(DOT, DOH);
  const tls = portOf(served, "DNS over TLS");
  const https = portOf(served, "DNS over HTTPS");
  await ask(await dial(tls, { ALPNProtocols: ["dot"] }));
  await ask(await dial(tls));
  const socket = await dial(https, { ALPNProtocols: ["dot"] });
  assert.equal(socket.alpnProtocol, "dot");
  await ask(socket);
  const session = await ticketOf(tls);
  assert.equal(await resumed(tls, session), 12);
  assert.equal(await resumed(https, session), 12);
});

test("who may not ask is refused over TLS too", async () => {
  const served = await serve(DOT, 'access.refuse=["127.0.0.1/32"]');
  const socket = await dial(portOf(served, "DNS over TLS"));
  socket.write(frame(localhost));
  const [answer] = (await once(socket, "data")) as [Buffer];
  assert.equal(answer[5]! & 0xf, 5);
});

test("a proxy's header comes before the handshake", async () => {
  const served = await serve(
    DOT,
    'listen.proxy-from=["127.0.0.0/8"]',
    'access.allow=["192.0.2.0/24"]',
  );
  const raw = connectTcp(portOf(served, "DNS over TLS"), "127.0.0.1");
  raw.write(proxyHeader());
  const socket = connect({ socket: raw, rejectUnauthorized: false });
  sockets.push(socket);
  await once(socket, "secureConnect");
  await ask(socket);
});

/** A certificate's files, which this test may change. */
async function files(
  t: TestContext,
): Promise<{ sets: string[]; write: (name: string) => Promise<void>; breakKey: () => void }> {
  const directory = mkdtempSync(join(tmpdir(), "lethe-tls-"));
  t.after(() => rmSync(directory, { recursive: true }));
  const [certificate, key] = [join(directory, "cert.pem"), join(directory, "key.pem")];
  const write = async (name: string): Promise<void> => {
    const pair = await selfSigned([name], Date.now());
    writeFileSync(certificate, pair.certificate);
    writeFileSync(key, pair.key);
  };
  await write("one.example");
  const sets = [`tls.certificate=${certificate}`, `tls.key=${key}`];
  return { sets, write, breakKey: () => writeFileSync(key, "nothing") };
}

/** A server with what it prints, for as long as it runs. */
class Talking {
  readonly child: ChildProcess;
  output = "";

  constructor(...sets: string[]) {
    const all = [
      'listen.dns=["127.0.0.1:0"]',
      "listen.https=[]",
      "listen.quic=[]",
      "resolve.workers=2",
      ...sets,
    ];
    const args = all.flatMap((set) => ["--set", set]);
    this.child = spawn(process.execPath, [main, "serve", ...args]);
    children.push(this.child);
    for (const stream of [this.child.stdout!, this.child.stderr!]) {
      stream.on("data", (chunk: Buffer) => (this.output += chunk.toString()));
    }
  }

  /** Settles when a text has been printed once more; gives what was printed so far. */
  async until(text: string): Promise<string> {
    const { stdout, stderr } = this.child;
    while (!this.output.includes(text)) {
      await Promise.race([once(stdout!, "data"), once(stderr!, "data")]);
    }
    const { output } = this;
    this.output = output.replace(text, "");
    return output;
  }
}

async function subjectAt(port: number): Promise<string> {
  const socket = await dial(port);
  const { subject } = socket.getPeerCertificate();
  socket.destroy();
  return String(subject.CN);
}

/** Settles when connection after connection is shown a name's certificate, at either worker. */
async function shows(port: number, name: string): Promise<void> {
  for (let inARow = 0; inARow < 4;) inARow = (await subjectAt(port)) === name ? inARow + 1 : 0;
}

test(
  "a new certificate counts, a broken one does not, and nobody is dropped",
  { skip },
  async (t) => {
    const { sets, write, breakKey } = await files(t);
    const server = new Talking(DOT, ...sets);
    const port = Number(/:(\d+), DNS over TLS/.exec(await server.until("ready"))?.[1]);
    server.output = "";
    const early = await dial(port);
    await ask(early);
    assert.equal(await subjectAt(port), "one.example");
    await write("two.example");
    await server.until("certificate:");
    await shows(port, "two.example");
    await ask(early);
    breakKey();
    server.child.kill("SIGHUP");
    await server.until("the old one stays");
    await server.until("reloaded");
    assert.equal(await subjectAt(port), "two.example");
    await write("three.example");
    server.child.kill("SIGHUP");
    await server.until("reloaded");
    await shows(port, "three.example");
    await ask(early);
  },
);

test("a certificate that cannot be used is one line and exit 2", async () => {
  const sets = ["tls.certificate=/nowhere/cert.pem", "tls.key=/nowhere/key.pem"];
  const all = ['listen.dns=["127.0.0.1:0"]', ...sets].flatMap((set) => ["--set", set]);
  const child = spawn(process.execPath, [main, "serve", ...all]);
  children.push(child);
  let said = "";
  child.stderr.on("data", (part: Buffer) => (said += part.toString()));
  const [code] = (await once(child, "exit")) as [number];
  assert.equal(code, 2);
  assert.equal(
    said,
    "lethe: tls.certificate = /nowhere/cert.pem: expected a file of PEM (ENOENT)\n",
  );
});

test("addresses by default that are taken are left out with a line", { skip }, async () => {
  // Either this server has it, or another that runs at the same time.
  const other = createServer();
  other.on("error", () => {});
  other.listen(8853, "127.0.0.1");
  await Promise.race([once(other, "listening"), once(other, "error")]);
  const sets = ['listen.dns=["127.0.0.1:0"]', "listen.https=[]", "listen.quic=[]"];
  const child = spawn(process.execPath, [main, "serve", ...sets.flatMap((set) => ["--set", set])]);
  children.push(child);
  let said = "";
  child.stderr.on("data", (part: Buffer) => (said += part.toString()));
  let printedLines = "";
  child.stdout.on("data", (part: Buffer) => (printedLines += part.toString()));
  while (!printedLines.includes("ready")) await once(child.stdout, "data");
  while (!said.includes("goes on")) await once(child.stderr, "data");
  assert.match(said, /^lethe: listen\.tls = 127\.0\.0\.1:8853: .*; the server goes on without it/);
  child.kill("SIGTERM");
  other.close();
});

test(
  "the successor of a worker shows the present certificate and opens present tickets",
  { skip },
  async (t) => {
    const [pair, other] = await Promise.all([
      selfSigned(["one.example"], Date.now()),
      selfSigned(["two.example"], Date.now()),
    ]);
    const ticketKeys = randomBytes(TICKET_KEYS_BYTES);
    let deaths = 0;
    const ip = Uint8Array.of(127, 0, 0, 1);
    const pool = WorkerPool.open(systemLibc(), {
      workers: 1,
      listen: [
        { spoken: "dns", ip, port: 0 },
        { spoken: "tls", ip, port: 0 },
      ],
      resolver: plainOptions(plainRecursor, 16 << 20),
      tls: { pair, ticketKeys: randomBytes(TICKET_KEYS_BYTES) },
      outgoing: [],
      onDeath: () => deaths++,
    });
    assert.ok(!("kind" in pool));
    assert.equal(await pool.start(), undefined);
    t.after(() => pool.drain());
    const port = pool.ports[1]!;
    assert.equal(await subjectAt(port), "one.example");
    pool.useTls({ pair: other, ticketKeys });
    while ((await subjectAt(port)) !== "two.example");
    const session = await ticketOf(port);
    await pool.fail(0);
    assert.equal(deaths, 1);
    assert.equal(await subjectAt(port), "two.example");
    assert.equal(await resumed(port, session), 12);
  },
);
