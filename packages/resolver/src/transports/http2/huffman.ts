/**
 * The Huffman code of header strings (RFC 7541 §5.2 and appendix B).
 *
 * The code is canonical: among codes of one length the numbers follow the symbols. So the table
 * of lengths says it all, and the codes and the decoder's states are made from it at start.
 */

/** Length of each symbol's code in bits, as letters (`A` is 1): octets 0 to 255, then the end. */
const CODE_LENGTHS =
  "MW\\\\\\\\\\\\\\X^\\\\^\\\\\\\\\\\\\\\\^\\\\\\\\\\\\\\\\\\" +
  "FJJLMFHKJJHKHFFFEEEFFFFFFFGHOFLJMFGGGGGGGGGGGGGGGGGGGGGGHGHMSMNF" +
  "OEFEFEFFFEGGFFFEFGFEEFGGGGGOKNM\\TVTTVVVWVWWWWWXWXXVWXWWWWUVWVWWX" +
  "VUTVVWWUWVVXUVWWUUVUWVWWTVVVWVVWZZTSVWVYZZZ[[ZXYSUZ[[Z[XUUZZ\\[[[" +
  "TXTUVUUWVVYYXXZWZ[ZZ[[[[[\\[[[[[Z^";
const LETTER_BEFORE_A = 64;
const SYMBOLS = 257;
const END_OF_STRING = 256;
const CODE_BITS_MAX = 30;
/** Marks a symbol among the children of a node. */
const LEAF = 1 << 12;

const lengths = Uint8Array.from(CODE_LENGTHS, (letter) => letter.charCodeAt(0) - LETTER_BEFORE_A);
const codes = new Uint32Array(SYMBOLS);
assignCodes();

/**
 * `next[state * 16 + nibble]`: the state that follows in the low byte, the octet that is complete
 * in the second, and the flags above. No code is shorter than a nibble, so there is at most one.
 */
const next = new Uint32Array(256 * 16);
const EMITS = 1 << 16;
/** The string may end here: what is left is the beginning of the end symbol, under a byte long. */
const MAY_END = 1 << 17;
const FAILS = 1 << 18;
buildStates();

/** The string was not a Huffman code, or did not fit. */
export const BROKEN = -1;

/**
 * Decodes `from[at, end)` into `into` from `intoAt` on, and gives where it ended, or `BROKEN`.
 *
 * PERF: two table look-ups an octet; allocates nothing.
 */
export function decodeHuffman(
  from: Uint8Array,
  at: number,
  end: number,
  into: Uint8Array,
  intoAt: number,
): number {
  const limit = into.length;
  let state = 0;
  let flags = MAY_END;
  let out = intoAt;
  for (let i = at; i < end; i++) {
    const octet = from[i]!;
    for (let shift = 4; shift >= 0; shift -= 4) {
      const step = next[(state << 4) | ((octet >> shift) & 15)]!;
      if ((step & FAILS) !== 0) return BROKEN;
      if ((step & EMITS) !== 0) {
        if (out === limit) return BROKEN;
        into[out++] = step >>> 8;
      }
      state = step & 0xff;
      flags = step;
    }
  }
  return (flags & MAY_END) === 0 ? BROKEN : out;
}

/** Octets that the Huffman code of a string takes. */
export function huffmanLength(text: Uint8Array): number {
  let bits = 0;
  for (const octet of text) bits += lengths[octet]!;
  return (bits + 7) >>> 3;
}

/** Writes the Huffman code of a string to `into` at `at`, filled up with ones; gives its end. */
export function encodeHuffman(text: Uint8Array, into: Uint8Array, at: number): number {
  let pending = 0;
  let pendingBits = 0;
  let out = at;
  for (const octet of text) {
    let left = lengths[octet]!;
    const code = codes[octet]!;
    while (left > 0) {
      const taken = Math.min(left, 8 - pendingBits);
      pending = (pending << taken) | ((code >>> (left - taken)) & ((1 << taken) - 1));
      pendingBits += taken;
      left -= taken;
      if (pendingBits === 8) {
        into[out++] = pending;
        pending = 0;
        pendingBits = 0;
      }
    }
  }
  if (pendingBits > 0) into[out++] = (pending << (8 - pendingBits)) | (0xff >>> pendingBits);
  return out;
}

/** Numbers the codes: by length, then by symbol. */
function assignCodes(): void {
  let code = 0;
  for (let length = 1; length <= CODE_BITS_MAX; length++) {
    for (let symbol = 0; symbol < SYMBOLS; symbol++) {
      if (lengths[symbol] === length) codes[symbol] = code++;
    }
    code *= 2;
  }
}

/** The tree of the code: two children an inner node; leaves are `LEAF` and their symbol. */
function buildTree(): Uint16Array {
  const children = new Uint16Array(2 * 256);
  let nodes = 1;
  for (let symbol = 0; symbol < SYMBOLS; symbol++) {
    let node = 0;
    for (let bit = lengths[symbol]! - 1; bit > 0; bit--) {
      const branch = 2 * node + ((codes[symbol]! >>> bit) & 1);
      if (children[branch] === 0) children[branch] = nodes++;
      node = children[branch]!;
    }
    children[2 * node + (codes[symbol]! & 1)] = LEAF | symbol;
  }
  return children;
}

function buildStates(): void {
  const children = buildTree();
  const ending = endingNodes(children);
  for (let node = 0; node < 256; node++) {
    for (let nibble = 0; nibble < 16; nibble++) next[node * 16 + nibble] = walk(node, nibble);
  }

  function walk(from: number, nibble: number): number {
    let node = from;
    let emitted = 0;
    for (let bit = 3; bit >= 0; bit--) {
      const child = children[2 * node + ((nibble >> bit) & 1)]!;
      if ((child & LEAF) === 0) {
        node = child;
      } else if (child === (LEAF | END_OF_STRING)) {
        return FAILS;
      } else {
        emitted = EMITS | ((child & 0xff) << 8);
        node = 0;
      }
    }
    return emitted | node | (ending.has(node) ? MAY_END : 0);
  }
}

/** RFC 7541 §5.2: a string ends with fewer than eight bits of the end symbol, which is all ones. */
function endingNodes(children: Uint16Array): Set<number> {
  const ending = new Set<number>();
  let node = 0;
  for (let bits = 0; bits < 8; bits++) {
    ending.add(node);
    node = children[2 * node + 1]!;
  }
  return ending;
}
