/** SIGHUP and a running server: the new configuration counts, and no question is lost. */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, after, test } from "node:test";
import { readMessage } from "@lethe/wire/message.ts";
import { libc as systemLibc } from "../src/system/libc.ts";
import { ipToText } from "../src/base/address.ts";
import { listen } from "./loopback-server.ts";
import { answerTo } from "./plain-messages.ts";
import { main } from "./served.ts";
import { question } from "./small-resolver.ts";
import { connect } from "./stream-client.ts";
import { until } from "./until.ts";

const skip = systemLibc() === undefined ? "the FFI does not load on this machine" : false;
const children: ChildProcess[] = [];
after(() => children.forEach((child) => child.kill("SIGKILL")));

/** A server with a file of settings, and all that it printed. */
class Server {
  port = 0;
  output = "";
  readonly #file: string;
  #child: ChildProcess | undefined;

  constructor(t: TestContext) {
    const directory = mkdtempSync(join(tmpdir(), "lethe-reload-"));
    t.after(() => rmSync(directory, { recursive: true }));
    this.#file = join(directory, "lethe.toml");
  }

  write(...settings: string[]): void {
    const plain = ['listen.dns = ["127.0.0.1:0"]', "listen.tls = []", "listen.https = []"];
    const lines = [...plain, "resolve.workers = 2", ...settings];
    writeFileSync(this.#file, lines.join("\n"));
  }

  async start(): Promise<void> {
    const child = spawn(process.execPath, [main, "serve", "--config", this.#file]);
    children.push(child);
    this.#child = child;
    child.stdout.on("data", (chunk: Buffer) => (this.output += chunk.toString()));
    child.stderr.on("data", (chunk: Buffer) => (this.output += chunk.toString()));
    await this.#printed("ready");
    this.port = Number(/:(\d+), UDP/.exec(this.output)?.[1]);
  }

  /** Sends SIGHUP, and gives what is printed up to a text. */
  async reload(upTo: string): Promise<string> {
    this.output = "";
    this.#child!.kill("SIGHUP");
    await this.#printed(upTo);
    return this.output;
  }

  /** Settles when a line with a text has been printed whole. */
  async #printed(text: string): Promise<void> {
    const { stdout, stderr } = this.#child!;
    while (!this.output.includes(text) || !this.output.endsWith("\n")) {
      await Promise.race([once(stdout!, "data"), once(stderr!, "data")]);
    }
  }

  async stop(): Promise<void> {
    this.#child!.kill("SIGTERM");
    await once(this.#child!, "exit");
  }
}

const idServer = question({ name: "id.server", type: 16, class: 3 });

/** What `id.server CH TXT` says; undefined where it is refused. */
async function identityAt(port: number): Promise<string | undefined> {
  const socket = createSocket("udp4");
  socket.send(idServer, port, "127.0.0.1");
  const [bytes] = (await once(socket, "message")) as [Buffer];
  socket.close();
  const message = readMessage(bytes);
  assert.ok(message.kind === "message");
  const [record] = message.answer;
  return record && new TextDecoder().decode(record.rdata.subarray(1));
}

test(
  "SIGHUP changes what can be changed, and says in one line what cannot",
  { skip },
  async (t) => {
    const server = new Server(t);
    server.write('identity.server = "one"');
    await server.start();
    assert.equal(await identityAt(server.port), "one");
    server.write('identity.server = "two"', 'cache.size = "16 MiB"');
    assert.equal(
      await server.reload("lethe:"),
      "lethe: reload: nothing is changed: a restart is needed for cache.size\n",
    );
    assert.equal(await identityAt(server.port), "one");
    server.write('identity.server = "two"');
    assert.equal(await server.reload("reloaded"), "reloaded: identity.server\n");
    for (let i = 0; i < 16; i++) assert.equal(await identityAt(server.port), "two");
    server.write("identity.server = 7");
    assert.match(
      await server.reload("lethe:"),
      /^lethe: reload: nothing is changed: identity\.server = 7: expected .*\n$/,
    );
    assert.equal(await identityAt(server.port), "two");
    await server.stop();
  },
);

/** A client that asks one question after the other, until told to end or one is not answered. */
interface Asker {
  readonly sent: number;
  readonly answered: number;
}

/** Names of a stub zone, each asked once: they wait for its server while settings change. */
let names = 0;
const nextQuestion = (): Uint8Array =>
  question({ name: names++ % 2 === 0 ? "localhost" : `n${names}.example` });

function askOverUdp(t: TestContext, port: number, isOver: () => boolean): Asker {
  const socket = createSocket("udp4");
  t.after(() => socket.close());
  const asker = { sent: 0, answered: 0 };
  const ask = (): void => {
    if (isOver()) return;
    asker.sent++;
    socket.send(nextQuestion(), port, "127.0.0.1");
  };
  socket.on("message", (answer) => {
    assert.equal(answer[3]! & 0xf, 0, "no failure");
    asker.answered++;
    ask();
  });
  ask();
  return asker;
}

async function askOverTcp(t: TestContext, port: number, isOver: () => boolean): Promise<Asker> {
  const client = await connect(port);
  t.after(() => client.close());
  const asker = { sent: 0, answered: 0 };
  const ask = async (): Promise<void> => {
    while (!isOver()) {
      asker.sent++;
      const answer = await client.ask(nextQuestion());
      assert.equal(answer[3]! & 0xf, 0, "no failure");
      asker.answered++;
    }
  };
  void ask();
  return asker;
}

test("no question is lost, over UDP or TCP, while settings change 5 times", { skip }, async (t) => {
  const held = 5;
  const authority = await listen("127.0.0.54", ({ query, reply }) => {
    setTimeout(() => reply(answerTo(query)), held);
  });
  t.after(() => authority.close());
  const { ip, port } = authority.address;
  const stub = `resolve.stub = [{ zone = "example", servers = ["${ipToText(ip)}:${port}"] }]`;
  const server = new Server(t);
  // Nobody is asked whether the root knows of the zone.
  const always = [stub, 'resolve.insecure = ["example"]'];
  server.write(...always);
  await server.start();
  let isOver = false;
  const over = (): boolean => isOver;
  const askers = [
    ...Array.from({ length: 12 }, () => askOverUdp(t, server.port, over)),
    ...(await Promise.all(Array.from({ length: 6 }, () => askOverTcp(t, server.port, over)))),
  ];
  const asked = (): number => askers.reduce((sum, { sent }) => sum + sent, 0);
  for (let i = 0; i < 5; i++) {
    const before = asked();
    await until(() => asked() > before + askers.length);
    server.write(
      ...always,
      `cache.ttl-ceiling = ${3600 + i}`,
      `access.allow = ["127.0.0.0/${8 + i}"]`,
    );
    await server.reload("reloaded: ");
  }
  isOver = true;
  // A lost one would stop its client for ever.
  await until(() => askers.every(({ sent, answered }) => answered === sent));
  assert.ok(askers.every(({ sent }) => sent > 5));
  await server.stop();
});
