/** What is known of servers: round-trip times, silence, EDNS, letter case, lameness, routes. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { name, seeded } from "../../test/small-world.ts";
import { limits } from "../base/limits.ts";
import { ServerCache } from "./server-cache.ts";

const server = { ip: Uint8Array.of(192, 0, 2, 1), port: 53 };
const other = { ip: Uint8Array.of(192, 0, 2, 2), port: 53 };
const FIRST_MS = limits.timeoutFirstMs.value;
const MIN_MS = limits.timeoutMinMs.value;
const MAX_MS = limits.timeoutMaxMs.value;

function cacheOf(): ServerCache {
  return new ServerCache({ entriesMax: 64 }, seeded(5));
}

test("round-trip times are smoothed (RFC 6298 §2)", () => {
  const cache = cacheOf();
  assert.equal(cache.rttMs(server, 0), undefined);
  assert.equal(cache.timeoutMs(server, 0), FIRST_MS);
  cache.noteReply(server, 100, 0);
  assert.equal(cache.rttMs(server, 0), 100);
  assert.equal(cache.timeoutMs(server, 0), 300);
  cache.noteReply(server, 180, 0);
  assert.equal(cache.rttMs(server, 0), 110);
  assert.equal(cache.timeoutMs(server, 0), 110 + 4 * 57.5);
  assert.equal(cache.rttMs(other, 0), undefined);
});

test("servers that differ in port, or in a byte that is a letter, are two", () => {
  const cache = cacheOf();
  cache.noteReply({ ip: Uint8Array.of(65, 0, 0, 1), port: 53 }, 20, 0);
  assert.equal(cache.rttMs({ ip: Uint8Array.of(97, 0, 0, 1), port: 53 }, 0), undefined);
  assert.equal(cache.rttMs({ ip: Uint8Array.of(65, 0, 0, 1), port: 54 }, 0), undefined);
  assert.equal(cache.rttMs({ ip: Uint8Array.of(65, 0, 0, 1), port: 53 }, 0), 20);
});

test("a steady fast server is waited for timeoutMinMs, no less", () => {
  const cache = cacheOf();
  for (let i = 0; i < 50; i++) cache.noteReply(server, 1, 0);
  assert.equal(cache.timeoutMs(server, 0), MIN_MS);
});

test("each time-out doubles the next, up to timeoutMaxMs (RFC 6298 §5.5)", () => {
  const cache = cacheOf();
  const waits: number[] = [];
  for (let i = 0; i < 5; i++) {
    cache.noteTimeout(server, 0);
    waits.push(cache.timeoutMs(server, 0));
  }
  assert.deepEqual(waits, [2 * FIRST_MS, MAX_MS, MAX_MS, MAX_MS, MAX_MS]);
  cache.noteReply(server, 10, 0);
  assert.equal(cache.timeouts(server, 0), 0);
  assert.ok(cache.timeoutMs(server, 0) < FIRST_MS);
});

test("timeoutsUntilDown silences in a row make a server come last, for downS", () => {
  const cache = cacheOf();
  for (let i = 1; i < limits.timeoutsUntilDown.value; i++) cache.noteTimeout(server, 0);
  assert.equal(cache.isDown(server, 0), false);
  cache.noteTimeout(server, 0);
  assert.equal(cache.isDown(server, 0), true);
  const downMs = limits.downS.value * 1000;
  assert.equal(cache.isDown(server, downMs - 1), true);
  assert.equal(cache.isDown(server, downMs), false);
});

test("one reply brings a server back", () => {
  const cache = cacheOf();
  for (let i = 0; i < 10; i++) cache.noteTimeout(server, 0);
  cache.noteReply(server, 10, 0);
  assert.equal(cache.isDown(server, 0), false);
});

test("a server is forgotten serverKnowledgeS after it was last heard of", () => {
  const cache = cacheOf();
  const keptMs = limits.serverKnowledgeS.value * 1000;
  cache.noteReply(server, 10, 0);
  cache.noteReply(server, 10, 1000);
  assert.equal(cache.rttMs(server, 1000 + keptMs - 1), 10);
  assert.equal(cache.rttMs(server, 1000 + keptMs), undefined);
  assert.equal(cache.timeoutMs(server, 1000 + keptMs), FIRST_MS);
});

test("what a server cannot stand is forgotten after serverKnowledgeS though it is busy", () => {
  const cache = cacheOf();
  const keptMs = limits.serverKnowledgeS.value * 1000;
  cache.noteEdns(server, "hurts", 0);
  cache.noteFoldsCase(server, 0);
  for (let nowMs = 0; nowMs < keptMs; nowMs += keptMs / 10) cache.noteReply(server, 10, nowMs);
  assert.equal(cache.edns(server, keptMs - 1), "hurts");
  assert.equal(cache.keepsCase(server, keptMs - 1), false);
  assert.equal(cache.edns(server, keptMs), "unknown");
  assert.equal(cache.keepsCase(server, keptMs), true);
});

test("a server is lame for one zone, for lameS", () => {
  const cache = cacheOf();
  const lameMs = limits.lameS.value * 1000;
  cache.noteLame(server, name("example.com"), 0);
  assert.equal(cache.isLame(server, name("EXAMPLE.com"), lameMs - 1), true);
  assert.equal(cache.isLame(server, name("example.net"), 0), false);
  assert.equal(cache.isLame(other, name("example.com"), 0), false);
  assert.equal(cache.isLame(server, name("example.com"), lameMs), false);
});

test("a family without a route is left alone for noRouteS", () => {
  const cache = cacheOf();
  const noRouteMs = limits.noRouteS.value * 1000;
  cache.noteNoRoute(16, 0);
  assert.equal(cache.hasRoute(16, noRouteMs - 1), false);
  assert.equal(cache.hasRoute(4, 0), true);
  assert.equal(cache.hasRoute(16, noRouteMs), true);
});

test("memory is fixed: many servers push out those heard of longest ago", () => {
  const cache = cacheOf();
  const at = (i: number) => ({ ip: Uint8Array.of(10, 0, i >> 8, i), port: 53 });
  for (let i = 0; i < 1000; i++) cache.noteReply(at(i), 10, i);
  let known = 0;
  for (let i = 0; i < 1000; i++) if (cache.rttMs(at(i), 1000) !== undefined) known++;
  assert.ok(known > 40 && known <= 64, `${known} are known`);
  assert.equal(cache.rttMs(at(999), 1000), 10);
});
