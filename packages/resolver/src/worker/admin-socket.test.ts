/** The operator's socket: who is heard, what is asked, and its bounds. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { nameToText } from "@lethe/wire/name-text.ts";
import { assert as must } from "../base/assert.ts";
import { limits } from "../base/limits.ts";
import type { ControlAnswer, ControlOrder } from "../serve/control.ts";
import { libc as systemLibc } from "../system/libc.ts";
import { descriptorOf, peerUid } from "../system/peer.ts";
import { readRequest } from "./admin-request.ts";
import { type AdminOptions, AdminSocket } from "./admin-socket.ts";

const flushed: ControlAnswer = { kind: "flushed", entries: 3 };

function pathFor(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), "lethe-admin-"));
  t.after(() => rmSync(directory, { recursive: true }));
  return join(directory, "admin");
}

/** A socket whose orders are heard and answered with one answer. */
async function open(
  t: TestContext,
  more: Partial<AdminOptions> = {},
): Promise<{ path: string; orders: ControlOrder[] }> {
  const orders: ControlOrder[] = [];
  const path = pathFor(t);
  const perform = async (order: ControlOrder): Promise<ControlAnswer[]> => {
    orders.push(order);
    return [flushed];
  };
  const admin = await AdminSocket.open({ path, libc: systemLibc(), workers: 1, perform, ...more });
  must(typeof admin !== "string", "the path is free");
  t.after(() => admin.close());
  return { path, orders };
}

/** Sends text and gives all that comes back until the end. */
async function send(path: string, text: string): Promise<string> {
  const socket = connect({ path });
  let reply = "";
  socket.on("data", (chunk: Buffer) => (reply += chunk.toString()));
  socket.on("error", () => {});
  socket.write(text);
  await new Promise((resolve) => socket.on("close", resolve));
  return reply;
}

test("an order is carried out, and answered with a line of JSON", async (t) => {
  const { path, orders } = await open(t);
  const reply = await send(path, '{"order":"flush-all"}\n');
  assert.deepEqual(JSON.parse(reply), { workers: 1, answers: [flushed] });
  assert.deepEqual(orders, [{ kind: "flush-all" }]);
});

test("nobody else may connect: the socket's mode is 0600", async (t) => {
  const { path } = await open(t);
  assert.equal(statSync(path).mode & 0o777, 0o600);
});

test("the kernel says who the peer is", { skip: systemLibc() === undefined }, async (t) => {
  const path = pathFor(t);
  const server = createServer().listen({ path });
  t.after(() => server.close());
  await once(server, "listening");
  const client = connect({ path });
  t.after(() => client.destroy());
  await once(client, "connect");
  assert.equal(peerUid(systemLibc()!, descriptorOf(client)!), process.geteuid?.());
  assert.equal(peerUid(systemLibc()!, -1), undefined);
});

test("a socket whose server was killed is replaced; one that is served is not", async (t) => {
  const { path } = await open(t);
  const other = await AdminSocket.open({
    path,
    libc: undefined,
    workers: 1,
    perform: async () => [],
  });
  assert.equal(other, "EADDRINUSE");
  assert.deepEqual(JSON.parse(await send(path, '{"order":"stats"}\n')), {
    workers: 1,
    answers: [flushed],
  });
});

test("an order of adminRequestBytesMax bytes is read, a longer one refused", async (t) => {
  const { path, orders } = await open(t);
  const max = limits.adminRequestBytesMax.value;
  const order = '{"order":"stats"}';
  await send(path, `${order.padEnd(max)}\n`);
  assert.equal(orders.length, 1);
  for (const text of [`${order.padEnd(max + 1)}\n`, " ".repeat(max + 1)]) {
    assert.deepEqual(JSON.parse(await send(path, text)), { wrong: "the order is too long" });
  }
  assert.equal(orders.length, 1);
});

test("of more than adminConnectionsMax connections the others are closed", async (t) => {
  const { path } = await open(t);
  const open8 = Array.from({ length: limits.adminConnectionsMax.value }, () => connect({ path }));
  t.after(() => open8.forEach((socket) => socket.destroy()));
  await Promise.all(open8.map((socket) => once(socket, "connect")));
  assert.equal(await send(path, '{"order":"stats"}\n'), "");
});

test("who connects and says nothing is closed after adminIdleMs", async (t) => {
  const { path } = await open(t, { idleMs: 20 });
  assert.ok(limits.adminIdleMs.value > limits.adminOrderWaitMs.value);
  assert.equal(await send(path, '{"order":'), "");
});

test("requests are read strictly", () => {
  const good: readonly (readonly [string, unknown])[] = [
    ['{"order":"stats"}', ["stats"]],
    ['{"order":"dump","name":"www.Example"}', ["dump", "www.Example."]],
    ['{"order":"flush-below","name":"a.b."}', ["flush-below", "a.b."]],
    ['{"order":"flush","name":"a.b."}', ["flush", "a.b.", undefined]],
    ['{"order":"flush","name":"a.b.","type":"TYPE1"}', ["flush", "a.b.", 1]],
  ];
  for (const [line, expected] of good) {
    const order = readRequest(line);
    must(typeof order !== "string", "the request is good");
    const parts: unknown[] = [order.kind];
    if ("name" in order) parts.push(nameToText(order.name));
    if (order.kind === "flush") parts.push(order.type);
    assert.deepEqual(parts, expected);
  }
  const bad: readonly (readonly [string, RegExp])[] = [
    ["", /JSON/],
    ["7", /an object/],
    ["{}", /an object/],
    ['{"order":"drop"}', /expected an order/],
    ['{"order":"stats","name":"a"}', /nothing behind/],
    ['{"order":"flush"}', /a name/],
    ['{"order":"flush","name":7}', /a name/],
    ['{"order":"flush","name":"a..b"}', /a name/],
    ['{"order":"flush","name":"a","type":"NONSENSE"}', /a type/],
    ['{"order":"dump","name":"a","type":"A"}', /one name/],
    ['{"order":"flush-below","name":"a","type":"A"}', /one name/],
    ['{"order":"flush-below"}', /a name/],
  ];
  for (const [line, expected] of bad) assert.match(readRequest(line) as string, expected);
});
