/** The store: keys, eviction by use, forgetting, and its bounds. */
import fc from "fast-check";
import assert from "node:assert/strict";
import { test } from "node:test";
import { name, seeded } from "../../test/small-world.ts";
import { limits } from "../base/limits.ts";
import { ENTRY_HEADER_BYTES } from "./entry-log.ts";
import { Store } from "./store.ts";

const MIN = limits.storeBytesMin.value;
const NEVER = Number.POSITIVE_INFINITY;

function storeOf(sizeBytes: number = MIN): Store {
  return new Store(sizeBytes, seeded(7));
}

function put(store: Store, key: string, value: string, expiresMs = NEVER, nowMs = 0): boolean {
  return store.insert(name(key), 1, 2, new TextEncoder().encode(value), expiresMs, nowMs);
}

function get(store: Store, key: string): string | undefined {
  const { log } = store;
  const wire = name(key);
  const entry = store.find(wire, 0, wire.length, 1, 2);
  if (entry < 0) return undefined;
  const at = log.valueAt(entry);
  return new TextDecoder().decode(log.bytes.subarray(at, at + log.valueBytes(entry)));
}

test("a value is found by its name in any letter case, and by no other key", () => {
  const store = storeOf();
  put(store, "www.Example", "here");
  assert.equal(get(store, "WWW.exAMPLE"), "here");
  assert.equal(get(store, "www.example.com"), undefined);
  const wire = name("www.example");
  assert.equal(store.find(wire, 0, wire.length, 1, 3), -1);
  assert.equal(store.find(wire, 0, wire.length, 0, 2), -1);
});

test("a later value of a key takes the place of the first", () => {
  const store = storeOf();
  put(store, "a", "first");
  put(store, "a", "second");
  assert.equal(get(store, "a"), "second");
  assert.equal(store.stats.entries, 1);
});

test("what was removed is gone, and its bytes are zeros", () => {
  const store = storeOf();
  put(store, "secret", "value");
  assert.equal(store.remove(name("secret"), 1, 2), true);
  assert.equal(store.remove(name("secret"), 1, 2), false);
  assert.equal(get(store, "secret"), undefined);
  assert.ok(!Buffer.from(store.log.bytes).includes("secret"));
  assert.ok(!Buffer.from(store.log.bytes).includes("value"));
});

test("everything of a name is forgotten at once, and nothing of others", () => {
  const store = storeOf();
  for (let word = 0; word < 20; word++) {
    store.insert(name("gone.example"), word, 0, Uint8Array.of(word), NEVER, 0);
    store.insert(name("kept.example"), word, 0, Uint8Array.of(word), NEVER, 0);
  }
  assert.equal(store.removeName(name("GONE.example")), 20);
  assert.equal(store.stats.entries, 20);
});

test("a sweep overwrites what has expired", () => {
  const store = storeOf();
  put(store, "old", "x", 100);
  put(store, "young", "x", 200);
  store.sweep(150, 10);
  assert.equal(get(store, "old"), undefined);
  assert.equal(get(store, "young"), "x");
});

test("what is used stays while a flood passes through", () => {
  const store = storeOf();
  put(store, "popular", "stays");
  for (let i = 0; i < 5000; i++) {
    put(store, `flood${i}`, "x".repeat(40));
    assert.equal(get(store, "popular"), "stays", `after ${i}`);
  }
  assert.ok(store.stats.evicted > 0);
  assert.ok(store.stats.moved > 0);
});

test("one insertion moves storeStepsMax entries at most, however many are used", () => {
  const store = storeOf();
  for (let i = 0; i < 3000; i++) {
    const movedBefore = store.stats.moved;
    put(store, `n${i}`, "x".repeat(i % 60));
    assert.ok(store.stats.moved - movedBefore <= limits.storeStepsMax.value);
    for (let j = Math.max(0, i - 300); j <= i; j += 7) get(store, `n${j}`);
  }
  assert.ok(store.stats.moved > limits.storeStepsMax.value);
});

test("an entry of storeEntryBytesMax is kept, a longer one ends what stood there", () => {
  const store = storeOf(8 * limits.storeEntryBytesMax.value + (1 << 20));
  const fits = limits.storeEntryBytesMax.value - ENTRY_HEADER_BYTES - 3;
  assert.equal(put(store, "a", "x".repeat(fits)), true);
  assert.equal(put(store, "a", "x".repeat(fits + 1)), false);
  assert.equal(get(store, "a"), undefined);
});

test("a store has storeBytesMin at least and storeBytesMax at most", () => {
  const nothing = (): ArrayBuffer => {
    throw new RangeError("not in a test");
  };
  assert.doesNotThrow(() => storeOf(MIN));
  assert.throws(() => storeOf(MIN - 1), /within its limits/);
  const max = limits.storeBytesMax.value;
  assert.throws(() => new Store(max, seeded(1), nothing), /not in a test/);
  assert.throws(() => new Store(max + 1, seeded(1), nothing), /within its limits/);
});

test("a store says of every key the value it was given last, or nothing", () => {
  const operation = fc.record({
    key: fc.integer({ min: 0, max: 60 }),
    size: fc.integer({ min: 0, max: 3000 }),
    what: fc.constantFrom("put", "put", "put", "get", "remove"),
  });
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 400 }), (operations) => {
      const store = storeOf();
      const model = new Map<string, string>();
      for (const [i, { key, size, what }] of operations.entries()) {
        const label = `k${key}`;
        const value = `${i}.`.repeat(size / 4);
        if (what === "put") {
          put(store, label, value);
          model.set(label, value);
        } else if (what === "remove") {
          store.remove(name(label), 1, 2);
          model.delete(label);
        }
        const found = get(store, label);
        if (found !== undefined) assert.equal(found, model.get(label));
      }
    }),
    { numRuns: 60 },
  );
});
