/** Questions for A records and their answers, byte for byte, for tests of whole servers. */
import { HEADER_BYTES } from "@lethe/wire/header.ts";

/** `label.zone A`, with RD set. */
export function questionOf(label: string, zone = "load"): Buffer {
  const labels = [label, zone].filter((one) => one !== "");
  const name = labels.map((one) => String.fromCharCode(one.length) + one).join("");
  const head = Buffer.from([0, 7, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
  return Buffer.concat([head, Buffer.from(`${name}\0\0\x01\0\x01`, "latin1")]);
}

/** An authority's answer to any query: one A record that may be kept for a minute. */
export function answerTo(query: Uint8Array): Uint8Array {
  let end = HEADER_BYTES;
  while (query[end] !== 0) end += 1 + query[end]!;
  const reply = Buffer.from(query.subarray(0, end + 5));
  reply[2] = 0x84; // QR, AA
  reply[3] = 0;
  reply.set([0, 1, 0, 1, 0, 0, 0, 0], 4);
  return Buffer.concat([
    reply,
    Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 192, 0, 2, 1]),
  ]);
}
