/** Unbound's recorded packets: read, printed, and written again. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fromHex } from "../src/bytes.ts";
import { readMessage } from "../src/message.ts";
import { tryMessage } from "../fuzz/trials.ts";
import { material, needsMaterial } from "./material.ts";

/** The packets of a file: one a line, or many lines each where a line rules them off. */
function packets(text: string): Uint8Array[] {
  const isRuled = text.includes(";--") || text.includes("RRSIG");
  const blocks = text.split(isRuled ? /^;-- .*$/m : "\n");
  return blocks
    .map((block) => fromHex(block.replaceAll(/;.*$/gm, "").replaceAll(/\s+/g, "")))
    .filter((bytes) => bytes !== undefined && bytes.length >= 12)
    .map((bytes) => bytes!);
}

/** File, how many packets it holds, and how many of them are messages. */
const rows: readonly (readonly [string, number, number])[] = [
  // What is no message in the first two are segments of TCP that were taken along.
  ["2", 25, 17],
  ["3", 233, 196],
  ["4", 16, 16],
  // Loops, pointers out of the message and into its header, two OPT records.
  ["5", 9, 3],
  ["6", 2, 2],
  ["7", 2, 2],
  // Its only packet counts an additional record that is not there: malformed, though Unbound and
  // BIND let it pass.
  ["8", 1, 0],
  ["9", 1, 1],
];
for (const [file, packetCount, messageCount] of rows) {
  const path = `vectors/unbound/test_packets.${file}`;
  test(`test_packets.${file}`, needsMaterial(path), () => {
    const all = packets(readFileSync(material(path), "latin1"));
    for (const bytes of all) tryMessage(bytes);
    const read = all.filter((bytes) => readMessage(bytes).kind === "message");
    assert.deepEqual([all.length, read.length], [packetCount, messageCount]);
  });
}
