/** Tests of the Huffman code. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { BROKEN, decodeHuffman, encodeHuffman, huffmanLength } from "./huffman.ts";

const decode = (hex: string, room = 256): string | number => {
  const from = Buffer.from(hex, "hex");
  const into = Buffer.alloc(room);
  const end = decodeHuffman(from, 0, from.length, into, 0);
  return end === BROKEN ? BROKEN : into.toString("latin1", 0, end);
};

describe("the Huffman code of headers", () => {
  const examples: readonly [hex: string, text: string][] = [
    ["f1e3c2e5f23a6ba0ab90f4ff", "www.example.com"],
    ["a8eb10649cbf", "no-cache"],
    ["25a849e95ba97d7f", "custom-key"],
    ["25a849e95bb8e8b4bf", "custom-value"],
    ["d07abe941054d444a8200595040b8166e082a62d1bff", "Mon, 21 Oct 2013 20:13:21 GMT"],
    ["", ""],
  ];
  for (const [hex, text] of examples) {
    it(`has "${text}" as RFC 7541 appendix C does`, () => {
      assert.equal(decode(hex), text);
      const into = Buffer.alloc(64);
      const end = encodeHuffman(Buffer.from(text), into, 0);
      assert.equal(into.toString("hex", 0, end), hex);
      assert.equal(huffmanLength(Buffer.from(text)), end);
    });
  }

  const broken: readonly [title: string, hex: string][] = [
    ["a string with the end symbol in it", "ffffffff"],
    ["more than seven bits of padding", "1fff"],
    ["padding that is not of ones", "18"],
    ["a code cut off in the middle", "fffe"],
  ];
  for (const [title, hex] of broken) {
    it(`refuses ${title}`, () => assert.equal(decode(hex), BROKEN));
  }

  it("refuses what does not fit", () => {
    assert.equal(decode("f1e3c2e5f23a6ba0ab90f4ff", 14), BROKEN);
    assert.equal(decode("f1e3c2e5f23a6ba0ab90f4ff", 15), "www.example.com");
  });

  it("gives back any octets", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (octets) => {
        const coded = new Uint8Array(huffmanLength(octets));
        assert.equal(encodeHuffman(octets, coded, 0), coded.length);
        const into = new Uint8Array(octets.length);
        assert.equal(decodeHuffman(coded, 0, coded.length, into, 0), octets.length);
        assert.deepEqual(into, octets);
      }),
    );
  });
});
