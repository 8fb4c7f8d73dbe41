/**
 * What the caches cost where something is kept: an answer into a store that is full, and onto the
 * board; and what a look at the board costs, with and without an answer.
 */
import type { Name } from "@lethe/wire/name.ts";
import { AnswerBoard } from "../src/cache/answer-board.ts";
import { Store } from "../src/cache/store.ts";
import { seeded } from "../test/small-world.ts";
import { Meter, tell } from "./figure.ts";

const STORE_BYTES = 1 << 23;
const NAMES = 100_000;
const ROUNDS = 5;
const LIFE_MS = 3_600_000;

/** Names of 27 bytes, each another. */
const names = Array.from({ length: NAMES }, (_, i) => {
  const label = `host-${i.toString(36).padStart(5, "0")}`;
  return Uint8Array.from(Buffer.from(`\x0a${label}\x05bench\x05lethe\x00`, "latin1")) as Name;
});
const packed = new Uint8Array(60);

const store = new Store(STORE_BYTES, seeded(1));
const board = new AnswerBoard(AnswerBoard.memoryOf(STORE_BYTES, seeded(2)), 0);
let nowMs = 0;

function run(title: string, work: (name: Name) => void): void {
  const meter = new Meter();
  for (const name of names) work(name);
  tell({ title, ...meter.each(NAMES) });
}

for (let round = 0; round < ROUNDS; round++) {
  nowMs++;
  run("store: an answer into a full one", (name) => {
    store.insert(name, 1, round, packed, nowMs + LIFE_MS, nowMs);
  });
  run("board: an answer pinned", (name) => board.keep(name, 1, 1, packed, LIFE_MS, nowMs));
  run("board: an answer found", (name) => void board.find(name, 0, name.length, 1, 1, nowMs));
  run("board: nothing found", (name) => void board.find(name, 0, name.length, 1, 2, nowMs));
}
