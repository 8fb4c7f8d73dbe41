/** What one worker was told, the others answer too. */
import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { test } from "node:test";
import { libc as systemLibc } from "../src/system/libc.ts";
import { listen } from "./loopback-server.ts";
import { answerTo, questionOf } from "./plain-messages.ts";
import { openPool } from "./small-pool.ts";

const skip = systemLibc() === undefined ? "the FFI does not load on this machine" : false;
/** So many sockets are all one worker's once in some thousand million runs. */
const CLIENTS = 32;

/** Asks for `same.load.` from a socket of its own. */
async function ask(port: number): Promise<Buffer> {
  const socket = createSocket("udp4");
  const answer = once(socket, "message") as Promise<[Buffer]>;
  socket.send(questionOf("same"), port, "127.0.0.1");
  const [message] = await answer;
  socket.close();
  return message;
}

test("a name that one worker has resolved is asked for by no other", { skip }, async (t) => {
  let asked = 0;
  const authority = await listen("127.0.0.53", ({ query, reply }) => {
    asked++;
    reply(answerTo(query));
  });
  t.after(() => authority.close());
  const pool = openPool(authority.address, []);
  t.after(() => pool.drain());
  assert.equal(await pool.start(), undefined);
  const port = pool.ports[0]!;
  const first = await ask(port);
  const before = asked;
  const all = await Promise.all(Array.from({ length: CLIENTS }, () => ask(port)));
  assert.equal(asked, before);
  for (const answer of all) assert.equal(answer.length, first.length);
});
