/** Ports and addresses that questions come from. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ipFromText } from "../base/address.ts";
import { SystemRandom } from "../system/random.ts";
import { Sources } from "./source.ts";

test("ports are spread evenly from 1024 to 65535: chi-square over 63 bins", () => {
  const sources = new Sources([], [], new SystemRandom());
  const bins = new Float64Array(63);
  const draws = 63 * 200;
  for (let i = 0; i < draws; i++) {
    const port = sources.port();
    assert.ok(port >= 1024 && port <= 65535);
    bins[Math.floor((port - 1024) / 1024)]!++;
  }
  let chiSquare = 0;
  for (const seen of bins) chiSquare += (seen - 200) ** 2 / 200;
  // 62 degrees of freedom: above 133 once in a million runs, below 22 as rarely.
  assert.ok(chiSquare > 22 && chiSquare < 133, `chi-square ${chiSquare}`);
});

test("a port tells nothing of the one after it", () => {
  const sources = new Sources([], [], new SystemRandom());
  const draws = 4000;
  let sum = 0;
  let previous = sources.port();
  for (let i = 0; i < draws; i++) {
    const port = sources.port();
    sum += ((previous - 33280) / 18623) * ((port - 33280) / 18623);
    previous = port;
  }
  // The serial correlation of so many even draws has a deviation of 0.016.
  assert.ok(Math.abs(sum / draws) < 0.08, `correlation ${sum / draws}`);
});

test("no question comes from a port that Lethe listens at", () => {
  const listening = Array.from({ length: 64510 }, (_, i) => 1024 + i);
  const sources = new Sources([], listening, new SystemRandom());
  const seen = new Set<number>();
  for (let i = 0; i < 100; i++) seen.add(sources.port());
  assert.deepEqual(seen, new Set([65534, 65535]));
});

test("each family has its own addresses, and the kernel chooses where there is none", () => {
  const v4 = [ipFromText("127.0.0.7")!, ipFromText("127.0.0.8")!];
  const sources = new Sources(v4, [], new SystemRandom());
  const seen = new Set<string>();
  for (let i = 0; i < 100; i++) seen.add(sources.ip(new Uint8Array(4)).join("."));
  assert.deepEqual(seen, new Set(["127.0.0.7", "127.0.0.8"]));
  assert.deepEqual(sources.ip(new Uint8Array(16)), new Uint8Array(16));
  assert.ok(sources.isKernelsChoice(new Uint8Array(16)));
  assert.ok(!sources.isKernelsChoice(new Uint8Array(4)));
});
