/** The board: what one worker pins another finds, whole or not at all. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { Worker } from "node:worker_threads";
import { rrType } from "@lethe/wire/codes.ts";
import { name, seeded } from "../../test/small-world.ts";
import { limits } from "../base/limits.ts";
import { AnswerBoard } from "./answer-board.ts";
import { AnswerCache } from "./answer-cache.ts";
import { noRotation, packAnswer } from "./packed-answer.ts";

const MEMORY_BYTES = 1 << 16;
const NAME = name("www.example.com");

/** Two boards over one memory; the second worker's clock is 500 ms behind the first's. */
function twoBoards(): [AnswerBoard, AnswerBoard] {
  const memory = AnswerBoard.memoryOf(MEMORY_BYTES, seeded(1));
  return [new AnswerBoard(memory, 0), new AnswerBoard(memory, 500)];
}

function find(board: AnswerBoard, wanted = NAME, nowMs = 0, wordB = 2): number {
  return board.find(wanted, 0, wanted.length, 1, wordB, nowMs);
}

function packed(ttlS: number, body = Uint8Array.of(1, 2, 3)): Uint8Array {
  const parts = { flags: 0x8180, rcode: 0, counts: [0, 0, 0], ttlPlaces: [], errors: [] } as const;
  return packAnswer({ ...parts, ttlS, body, rotation: noRotation });
}

test("what one worker pins another finds, in its own time and whatever the letter case", () => {
  const [first, second] = twoBoards();
  first.keep(NAME, 1, 2, Uint8Array.of(9, 8, 7), 10_000, 0);
  const size = find(second, name("WWW.Example.COM"));
  assert.deepEqual([...second.found.subarray(0, size)], [9, 8, 7]);
  assert.equal(second.expiresMs, 9500);
  assert.equal(find(second, NAME, 9499), 3);
  assert.equal(find(second, NAME, 9500), 0, "expired");
});

test("another name or another word is another answer", () => {
  const [board] = twoBoards();
  board.keep(NAME, 1, 2, Uint8Array.of(1), 1000, 0);
  assert.equal(find(board, name("example.com")), 0);
  assert.equal(find(board, NAME, 0, 3), 0);
});

test("an answer that fills its slot is pinned, one that is a byte longer is not", () => {
  const [board] = twoBoards();
  const most = limits.boardSlotBytes.value - 32 - NAME.length;
  board.keep(NAME, 1, 2, new Uint8Array(most + 1), 1000, 0);
  assert.equal(find(board), 0);
  board.keep(NAME, 1, 2, new Uint8Array(most), 1000, 0);
  assert.equal(find(board), most);
});

test("a full board forgets what expires first", () => {
  const memory = AnswerBoard.memoryOf(0, seeded(1));
  const board = new AnswerBoard(memory, 0);
  const names = [0, 1, 2, 3, 4].map((i) => name(`n${i}.example.com`));
  for (const [i, one] of names.entries()) {
    board.keep(one, 1, 2, Uint8Array.of(i), i === 2 ? 100 : 1000, 0);
  }
  assert.deepEqual(
    names.map((one) => find(board, one)),
    [1, 1, 0, 1, 1],
  );
});

test("what is removed or has expired is overwritten", () => {
  const memory = AnswerBoard.memoryOf(MEMORY_BYTES, seeded(1));
  const board = new AnswerBoard(memory, 0);
  const holdsAnswer = (): boolean => new Uint8Array(memory).includes(0xee, 64);
  for (const forget of [
    () => board.remove(NAME, 1, 2),
    () => board.removeName(NAME),
    () => board.removeName(NAME, 1),
    () => board.removeName(name("Example.com"), undefined, true),
    () => board.clear(),
    () => board.sweep(2000, MEMORY_BYTES / limits.boardSlotBytes.value),
  ]) {
    board.keep(NAME, 1, 2, Uint8Array.of(0xee), 1000, 0);
    assert.ok(holdsAnswer());
    forget();
    assert.ok(!holdsAnswer());
    assert.equal(find(board), 0);
  }
});

test("what is not meant by a removal stays", () => {
  const [board] = twoBoards();
  board.keep(NAME, 1, 2, Uint8Array.of(1), 1000, 0);
  board.remove(NAME, 1, 3);
  board.removeName(name("example.com"));
  board.removeName(NAME, 7);
  board.removeName(name("ww.example.com"), undefined, true);
  board.removeName(name("a.www.example.com"), undefined, true);
  assert.equal(find(board), 1);
});

test("a slot that somebody writes is passed by, and pinned to by nobody", () => {
  const memory = AnswerBoard.memoryOf(0, seeded(1));
  const board = new AnswerBoard(memory, 0);
  board.keep(NAME, 1, 2, Uint8Array.of(1), 1000, 0);
  const words = new Int32Array(memory, 64);
  const slots = [0, 1, 2, 3].map((slot) => (slot * limits.boardSlotBytes.value) >>> 2);
  for (const at of slots) words[at]!++;
  assert.equal(find(board), 0);
  board.keep(NAME, 1, 2, Uint8Array.of(2), 1000, 0);
  board.clear();
  for (const at of slots) words[at]!++;
  assert.equal(find(board), 1);
  assert.equal(board.found[0], 1);
});

test("a cache takes from the board what another composed, with the age that it has", () => {
  const [first, second] = twoBoards();
  const question = { name: NAME, type: rrType.A, class: 1 };
  const composer = new AnswerCache({ sizeBytes: 1 << 20 }, seeded(2), first);
  const taker = new AnswerCache({ sizeBytes: 1 << 20 }, seeded(3), second);
  composer.store(question, 0, packed(60), 1000);
  const entry = taker.find(NAME, 0, NAME.length, rrType.A, 1, 0, 30_500);
  assert.ok(entry >= 0);
  assert.equal(taker.ageS(entry, 30_500), 30);
  assert.equal(taker.takenFromBoard, 1);
  taker.find(NAME, 0, NAME.length, rrType.A, 1, 0, 30_500);
  assert.equal(taker.takenFromBoard, 1, "it is its own now");
  assert.equal(taker.find(NAME, 0, NAME.length, rrType.A, 1, 0, 60_500), -1);
});

test("nothing is of the future, however the clocks' parts of a millisecond lie", () => {
  const memory = AnswerBoard.memoryOf(MEMORY_BYTES, seeded(1));
  const composer = new AnswerCache({ sizeBytes: 1 << 20 }, seeded(2), new AnswerBoard(memory, 0.9));
  const taker = new AnswerCache({ sizeBytes: 1 << 20 }, seeded(3), new AnswerBoard(memory, 0));
  composer.store({ name: NAME, type: rrType.A, class: 1 }, 0, packed(60), 1000);
  const entry = taker.find(NAME, 0, NAME.length, rrType.A, 1, 0, 1000);
  assert.equal(taker.ageS(entry, 1000), 0);
});

test("a reader never sees half of one answer and half of another", async () => {
  const memory = AnswerBoard.memoryOf(0, seeded(1));
  const source = `
    import { workerData } from "node:worker_threads";
    import { AnswerBoard } from ${JSON.stringify(import.meta.resolve("./answer-board.ts"))};
    const board = new AnswerBoard(workerData.memory, 0);
    const done = new Int32Array(workerData.done);
    for (let i = 0; Atomics.load(done, 0) === 0; i++) {
      board.keep(workerData.name, 1, 2, new Uint8Array(100 + (i % 50)).fill(i), 1000, 0);
    }
  `;
  const done = new SharedArrayBuffer(4);
  const thread = new Worker(new URL(`data:text/javascript,${encodeURIComponent(source)}`), {
    workerData: { memory, name: NAME, done },
  });
  await once(thread, "online");
  const board = new AnswerBoard(memory, 0);
  const seen = new Set<number>();
  for (let i = 0; i < 2_000_000 && seen.size < 200; i++) {
    const size = find(board);
    if (size === 0) continue;
    const first = board.found[0]!;
    for (let at = 1; at < size; at++) assert.equal(board.found[at], first);
    seen.add(first);
  }
  Atomics.store(new Int32Array(done), 0, 1);
  await once(thread, "exit");
});
