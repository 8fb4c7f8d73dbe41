/**
 * Every bound of the tlog package in one table.
 *
 * Each row has a value, its unit, the reason for it, what happens beyond it, and the file of
 * the tests that reach it and pass it. No literal bound stands outside this table.
 */

export interface Limit {
  readonly value: number;
  readonly unit: string;
  readonly why: string;
  readonly beyond: string;
  readonly test: string;
}

export const tlogLimits = {
  treeLeavesMax: {
    value: 2 ** 53 - 1,
    unit: "leaves",
    why: "the greatest number that JavaScript counts exactly; tlog-tiles allows 2^64",
    beyond: "the checkpoint, proof or path is refused: no log has lived long enough",
    test: "packages/tlog/src/decimal.test.ts",
  },
  timestampMaxS: {
    value: 2 ** 53 - 1,
    unit: "seconds",
    why: "as above; tlog-cosignature allows 2^63 - 1, this reaches the year 285,000,000",
    beyond: "the cosignature is malformed",
    test: "packages/tlog/src/cosignature.test.ts",
  },
  tileHashesMax: {
    value: 256,
    unit: "hashes",
    why: "tlog-tiles: a full tile is 256 hashes wide, eight levels of the tree high",
    beyond: "a path or bundle that says more is malformed",
    test: "packages/tlog/src/tile.test.ts",
  },
  tileLevelMax: {
    value: 63,
    unit: "levels",
    why: "tlog-tiles: the level in a path is 0 to 63",
    beyond: "the path is malformed",
    test: "packages/tlog/src/tile.test.ts",
  },
  entryBytesMax: {
    value: 65535,
    unit: "bytes",
    why: "tlog-tiles: an entry of a bundle has a length of two octets before it",
    beyond: "the entry is not taken",
    test: "packages/tlog/src/bundle.test.ts",
  },
  proofHashesMax: {
    value: 63,
    unit: "hashes",
    why: "tlog-witness: no consistency proof between trees of 64-bit sizes is longer",
    beyond: "the request or proof is malformed",
    test: "packages/tlog/src/add-checkpoint.test.ts",
  },
  noteBytesMax: {
    value: 1048576,
    unit: "bytes",
    why: "the same as Go's sumdb/note: 100 post-quantum signatures of 5 kB, with room",
    beyond: "the note is malformed, before anything of it is read",
    test: "packages/tlog/src/note.test.ts",
  },
  noteSignaturesMax: {
    value: 100,
    unit: "signatures",
    why: "the same as Go's sumdb/note; signed-note asks to take 16 at least",
    beyond: "the note is malformed: each known one costs a check",
    test: "packages/tlog/src/note.test.ts",
  },
  keyNameBytesMax: {
    value: 255,
    unit: "bytes",
    why: "tlog-cosignature: the message of type 6 has one octet for the length of a name",
    beyond: "the verifier key is refused; in the notes of others longer names are ignored",
    test: "packages/tlog/src/verifier-key.test.ts",
  },
  requestBytesMax: {
    value: 1052672,
    unit: "bytes",
    why: "tlog-witness: the longest note, an old size and 63 lines of 45 bytes, rounded up",
    beyond: "the request is malformed, before anything of it is read",
    test: "packages/tlog/src/add-checkpoint.test.ts",
  },
} as const satisfies Record<string, Limit>;
