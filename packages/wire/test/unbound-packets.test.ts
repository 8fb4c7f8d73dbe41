/** Unbound's recorded packets: read, printed, and written again. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fromHex } from "../src/bytes.ts";
import { readMessage } from "../src/message.ts";
import { tryMessage } from "../fuzz/trials.ts";
import { material, needsMaterial } from "./material.ts";

/** The hexadecimal blocks of a file: one packet a line, or over lines up to an empty one. */
function packets(text: string): Uint8Array[] {
  return text
    .replaceAll(/;.*$/gm, "")
    .split("\n")
    .map((line) => fromHex(line.replaceAll(/\s+/g, "")))
    .filter((bytes) => bytes !== undefined && bytes.length >= 12)
    .map((bytes) => bytes!);
}

for (const file of ["2", "3", "4", "5", "6", "7", "8", "9"]) {
  const path = `vectors/unbound/test_packets.${file}`;
  test(`test_packets.${file}`, needsMaterial(path), () => {
    const all = packets(readFileSync(material(path), "latin1"));
    for (const bytes of all) tryMessage(bytes);
    const read = all.filter((bytes) => readMessage(bytes).kind === "message");
    assert.ok(all.length === 0 || read.length > 0);
  });
}
