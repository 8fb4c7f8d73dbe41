/** SIGHUP and a running server: the new configuration counts, and no question is lost. */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { type Socket, createSocket } from "node:dgram";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, after, test } from "node:test";
import { readMessage } from "@lethe/wire/message.ts";
import { libc as systemLibc } from "../src/system/libc.ts";
import { main } from "./served.ts";
import { question } from "./small-resolver.ts";
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
    const lines = ['listen.dns = ["127.0.0.1:0"]', "resolve.workers = 2", ...settings];
    writeFileSync(this.#file, lines.join("\n"));
  }

  async start(): Promise<void> {
    const child = spawn(process.execPath, [main, "serve", "--config", this.#file]);
    children.push(child);
    this.#child = child;
    child.stdout.on("data", (chunk: Buffer) => (this.output += chunk.toString()));
    child.stderr.on("data", (chunk: Buffer) => (this.output += chunk.toString()));
    await until(() => this.output.includes("ready"));
    this.port = Number(/:(\d+), UDP/.exec(this.output)?.[1]);
  }

  /** Sends SIGHUP, and gives what is printed up to a text. */
  async reload(upTo: string): Promise<string> {
    this.output = "";
    this.#child!.kill("SIGHUP");
    await until(() => this.output.includes(upTo) && this.output.endsWith("\n"));
    return this.output;
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
      await server.reload("reloaded"),
      "lethe: reload: a restart is needed for cache.size\nreloaded: identity.server\n",
    );
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

test("no question is lost while the configuration is read again and again", { skip }, async (t) => {
  const server = new Server(t);
  server.write();
  await server.start();
  const sockets: Socket[] = Array.from({ length: 16 }, () => createSocket("udp4"));
  t.after(() => sockets.forEach((socket) => socket.close()));
  const localhost = question({ name: "localhost" });
  let sent = 0;
  let answered = 0;
  let isOver = false;
  const ask = (socket: Socket): void => {
    if (isOver) return;
    sent++;
    socket.send(localhost, server.port, "127.0.0.1");
  };
  for (const socket of sockets) {
    socket.on("message", () => {
      answered++;
      ask(socket);
    });
    ask(socket);
  }
  for (let i = 0; i < 6; i++) {
    server.write(`cache.ttl-ceiling = ${3600 + i}`, `access.allow = ["127.0.0.0/${8 + i}"]`);
    await server.reload("reloaded: ");
  }
  isOver = true;
  // A lost one would stop its client for ever.
  await until(() => answered === sent);
  assert.ok(sent > 6 * sockets.length);
  await server.stop();
});
