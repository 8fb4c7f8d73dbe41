/** Sockets that are kept: for whom, how often, how long, how many. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { ServerAddress } from "../base/address.ts";
import { limits } from "../base/limits.ts";
import { IdleSockets } from "./idle-sockets.ts";

const REUSE_MS = limits.udpSocketReuseMs.value;
const SERVER: ServerAddress = { ip: Uint8Array.of(192, 0, 2, 1), port: 53 };
const SAME: ServerAddress = { ip: Uint8Array.of(192, 0, 2, 1), port: 53 };
/** Of the same row as the server: 31 times one more, and 31 less. */
const OF_THE_ROW: ServerAddress = { ip: Uint8Array.of(192, 0, 1, 32), port: 53 };
const OTHER_PORT: ServerAddress = { ip: SERVER.ip, port: 5353 };

/** A socket that was opened at 0 and had its answer. */
function oneIdle(server = SERVER): IdleSockets {
  const idle = new IdleSockets();
  idle.opened(7, server, 0);
  assert.ok(idle.keep(7, 1));
  return idle;
}

test("a socket is used for its server again, and for no other", () => {
  const idle = oneIdle();
  assert.equal(idle.take(OF_THE_ROW, 2), -1);
  assert.equal(idle.take(OTHER_PORT, 2), -1);
  assert.equal(idle.take(SAME, 2), 7);
  assert.equal(idle.take(SAME, 2), -1, "one question at a time");
});

test("a socket is used so many times and not once more", () => {
  const idle = oneIdle();
  for (let uses = 2; uses < limits.udpSocketUsesMax.value; uses++) {
    assert.equal(idle.take(SERVER, 2), 7);
    assert.ok(idle.keep(7, 2));
  }
  assert.equal(idle.take(SERVER, 2), 7);
  assert.equal(idle.keep(7, 2), false);
});

test("a socket is used until its time is over, idle or not", () => {
  assert.equal(oneIdle().take(SERVER, REUSE_MS - 1), 7);
  assert.equal(oneIdle().take(SERVER, REUSE_MS), -1);
  const busy = oneIdle();
  busy.take(SERVER, 2);
  assert.equal(busy.keep(7, REUSE_MS), false);
});

test("what nobody took in time is closed, and nothing else", () => {
  const idle = oneIdle();
  idle.opened(8, SERVER, 100);
  assert.ok(idle.keep(8, 101));
  const closed: number[] = [];
  idle.expire(REUSE_MS, (handle) => closed.push(handle));
  assert.deepEqual(closed, [7]);
  assert.equal(idle.size, 1);
  idle.expire(Number.POSITIVE_INFINITY, (handle) => closed.push(handle));
  assert.deepEqual(closed, [7, 8]);
  assert.equal(idle.size, 0);
});

test("a socket that hears something while it is idle is idle no more", () => {
  const idle = oneIdle();
  assert.ok(idle.remove(7));
  assert.equal(idle.remove(7), false);
  assert.equal(idle.take(SERVER, 2), -1);
});

test("so many sockets are kept and not one more", () => {
  const idle = new IdleSockets();
  const max = limits.udpSocketsIdleMax.value;
  for (let handle = 0; handle <= max; handle++) {
    idle.opened(handle, SERVER, 0);
    assert.equal(idle.keep(handle, 1), handle < max);
  }
});
