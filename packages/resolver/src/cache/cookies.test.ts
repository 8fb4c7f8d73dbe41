/** Cookies towards servers: whose they are, and how long. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { seeded } from "../../test/small-world.ts";
import { limits } from "../base/limits.ts";
import { isCookieSize } from "./cookies.ts";
import { ServerCache } from "./server-cache.ts";

const KEY_MS = limits.cookieKeyS.value * 1000;
const server = { ip: Uint8Array.of(192, 0, 2, 53), port: 53 };
const other = { ip: Uint8Array.of(192, 0, 2, 54), port: 53 };

function newCache(entriesMax = 64): ServerCache {
  return new ServerCache({ entriesMax }, seeded(7));
}

function withServers(mine: Uint8Array, size: number): Uint8Array {
  return Uint8Array.of(...mine, ...new Uint8Array(size).fill(0xaa));
}

test("each server sees a cookie of its own, and the same one again", () => {
  const cache = newCache();
  const first = cache.cookie(server, 0)!;
  assert.equal(first.length, 8);
  assert.deepEqual(cache.cookie(server, 1000), first);
  assert.notDeepEqual(cache.cookie(other, 0), first);
  assert.notDeepEqual(newCache(64).cookie({ ...server, port: 5300 }, 0), first);
});

test("what a server gave goes back to it with the cookie that it was given for", () => {
  const cache = newCache();
  const mine = cache.cookie(server, 0)!;
  assert.equal(cache.sendsCookies(server, 0), false);
  cache.noteCookie(server, withServers(mine, 16), 0);
  assert.equal(cache.sendsCookies(server, 0), true);
  assert.deepEqual(cache.cookie(server, 0), withServers(mine, 16));
  assert.equal(cache.cookie(other, 0)!.length, 8);
  cache.noteCookie(server, withServers(mine, 8), 0);
  assert.deepEqual(cache.cookie(server, 0), withServers(mine, 8));
});

test("a server that gives none gets none, until the key is another", () => {
  const cache = newCache();
  const mine = cache.cookie(server, 0)!;
  cache.noteNoCookie(server, 0);
  assert.equal(cache.cookie(server, 1), undefined);
  for (let nowMs = 0; nowMs <= KEY_MS; nowMs += KEY_MS / 10) cache.noteReply(server, 10, nowMs);
  const next = cache.cookie(server, KEY_MS)!;
  assert.equal(next.length, 8);
  assert.notDeepEqual(next, mine);
});

test("after cookieKeyS the key is another, and what servers gave is forgotten", () => {
  const cache = newCache();
  const mine = cache.cookie(server, 0)!;
  cache.noteCookie(server, withServers(mine, 16), 0);
  for (let nowMs = 0; nowMs < KEY_MS; nowMs += KEY_MS / 10) cache.noteReply(server, 10, nowMs);
  assert.deepEqual(cache.cookie(server, KEY_MS - 1), withServers(mine, 16));
  const next = cache.cookie(server, KEY_MS)!;
  assert.equal(next.length, 8);
  assert.notDeepEqual(next, mine);
  assert.equal(cache.sendsCookies(server, KEY_MS), true);
});

test("a server that takes another's place in the table starts without cookies", () => {
  const cache = newCache(1);
  for (let i = 0; i < 200; i++) {
    const one = { ip: Uint8Array.of(10, 0, 0, i), port: 53 };
    const mine = cache.cookie(one, i)!;
    assert.equal(mine.length, 8);
    assert.equal(cache.sendsCookies(one, i), false);
    cache.noteCookie(one, withServers(mine, 32), i);
  }
});

for (const [bytes, expected] of [
  [0, false],
  [7, false],
  [8, true],
  [9, false],
  [15, false],
  [16, true],
  [40, true],
  [41, false],
] as const) {
  test(`an option of ${bytes} bytes is ${expected ? "" : "not "}well-formed`, () => {
    assert.equal(isCookieSize(bytes), expected);
  });
}
