/** `lethe control` and a running server: orders reach every worker, and come back. */
import assert from "node:assert/strict";
import { type ChildProcess, execFile } from "node:child_process";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, after, test } from "node:test";
import { promisify } from "node:util";
import { limits } from "../src/base/limits.ts";
import { libc as systemLibc } from "../src/system/libc.ts";
import { WorkerPool } from "../src/worker/pool.ts";
import { main, serve } from "./served.ts";
import { question } from "./small-resolver.ts";
import { plainOptions, plainRecursor } from "./plain-options.ts";

const run = promisify(execFile);
const skip = systemLibc() === undefined ? "the FFI does not load on this machine" : false;
const children: ChildProcess[] = [];
after(() => children.forEach((child) => child.kill("SIGKILL")));

interface Server {
  readonly port: number;
  readonly child: ChildProcess;
  /** Runs `lethe control`; gives what it prints. */
  readonly control: (...args: string[]) => Promise<string>;
  readonly socketPath: string;
}

async function start(t: TestContext): Promise<Server> {
  const directory = mkdtempSync(join(tmpdir(), "lethe-control-"));
  t.after(() => rmSync(directory, { recursive: true }));
  const socketPath = join(directory, "admin");
  const { child, port } = await serve(
    ["resolve.workers=2", `listen.admin="unix:${socketPath}"`],
    ["--sandbox"],
  );
  children.push(child);
  const control = async (...args: string[]): Promise<string> => {
    const { stdout } = await run(process.execPath, [
      main,
      "control",
      "--socket",
      socketPath,
      ...args,
    ]);
    return stdout;
  };
  return { port, child, control, socketPath };
}

/** Asks from as many ports as it takes for each of two workers to have been asked. */
async function askBoth(port: number): Promise<void> {
  const message = question({ name: "www.example.com" });
  const asks = Array.from({ length: 16 }, async () => {
    const socket = createSocket("udp4");
    socket.send(message, port, "127.0.0.1");
    await once(socket, "message");
    socket.close();
  });
  await Promise.all(asks);
}

test("an operator sees numbers, sees one name, and has it forgotten", { skip }, async (t) => {
  const { port, child, control, socketPath } = await start(t);
  await askBoth(port);
  const stats = JSON.parse(await control("stats", "--json")) as { stats: { counts: object } }[];
  assert.equal(stats.length, 2);
  assert.match(await control("stats"), /^counts\.asked +16$/m);
  assert.match(await control("dump", "www.example.com"), /^www\.example\.com\.\s.*\sCNAME\s/m);
  assert.match(await control("flush", "www.example.com"), /^forgot [1-9]\d* entries$/m);
  assert.deepEqual(
    await control("dump", "www.example.com"),
    "; worker 0: nothing\n; worker 1: nothing\n",
  );
  await askBoth(port);
  const dumped = await control("dump", "www.example.com");
  // One of them has resolved it; the other may have the answer from the board.
  assert.match(dumped, /^; worker 0: [1-9]\d* known\n(.*\n)*; worker 1: [1-9]\d* known\n/m);
  assert.match(dumped, /^; data, CNAME, \d+ s left, /m);
  assert.match(await control("flush-below", "com"), /^forgot [1-9]\d* entries$/m);
  assert.deepEqual(
    await control("dump", "www.example.com"),
    "; worker 0: nothing\n; worker 1: nothing\n",
  );
  assert.match(await control("flush-all"), /^forgot [1-9]\d* entries$/m);
  child.kill("SIGTERM");
  await once(child, "exit");
  assert.equal(existsSync(socketPath), false);
  await assert.rejects(control("stats"), /ENOENT/);
});

test("orders that make no sense are refused before anybody is asked", async () => {
  const refused: readonly (readonly [readonly string[], RegExp])[] = [
    [["stats"], /--socket: expected a path/],
    [["--socket", "/x", "drop"], /expected an order/],
    [["--socket", "/x", "flush"], /expected a name/],
    [["--socket", "/x", "flush", "a", "A", "b"], /no further argument/],
  ];
  for (const [args, expected] of refused) {
    await assert.rejects(run(process.execPath, [main, "control", ...args]), (error: Error) => {
      assert.equal((error as unknown as { code: number }).code, 2);
      assert.match((error as unknown as { stderr: string }).stderr, expected);
      return true;
    });
  }
});

test("a worker that dies with an order is left out after adminOrderWaitMs", { skip }, async (t) => {
  const pool = WorkerPool.open(systemLibc(), {
    workers: 2,
    listen: [{ spoken: "dns", ip: Uint8Array.of(127, 0, 0, 1), port: 0 }],
    resolver: plainOptions(plainRecursor, 1 << 20),
    outgoing: [],
    onDeath: () => {},
  });
  assert.ok(!("kind" in pool));
  t.after(() => pool.drain());
  assert.equal(await pool.start(), undefined);
  assert.equal((await pool.control({ kind: "stats" })).length, 2);
  const died = pool.fail(0);
  const startedMs = performance.now();
  assert.equal((await pool.control({ kind: "stats" })).length, 1);
  assert.ok(performance.now() - startedMs >= limits.adminOrderWaitMs.value - 5);
  await died;
});
