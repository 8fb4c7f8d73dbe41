/** Tests of header decompression: RFC 7541's examples, others' stories, and broken blocks. */
import assert from "node:assert/strict";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import fc from "fast-check";
import { limits } from "../../base/limits.ts";
import { fieldNameAt } from "../http/field-name.ts";
import { type FieldSink, HpackDecoder } from "./hpack-decoder.ts";

const TABLE_BYTES: number = limits.http2TableBytes.value;
const LIST_BYTES = 16384;
const STORIES = join(
  process.env["LETHE_MATERIAL"] ?? join(import.meta.dirname, "../../../../../../shared/material"),
  "vectors/hpack",
);

/** Keeps what it is told: the number of the name, and the value. */
class Kept implements FieldSink {
  readonly fields: [name: number, value: string][] = [];
  malformed = 0;
  field(name: number, value: Uint8Array, at: number, end: number): void {
    this.fields.push([name, Buffer.from(value.subarray(at, end)).toString("latin1")]);
  }
  malformedField(): void {
    this.malformed++;
  }
}

const newDecoder = (tableBytes = TABLE_BYTES): HpackDecoder =>
  new HpackDecoder(tableBytes, LIST_BYTES, new Uint8Array(65536));

function decode(decoder: HpackDecoder, hex: string): { result: string; kept: Kept } {
  const kept = new Kept();
  const block = Buffer.from(hex.replaceAll(" ", ""), "hex");
  return { result: decoder.decode(block, 0, block.length, kept), kept };
}

function numbered(fields: readonly (readonly [string, string])[]): [number, string][] {
  return fields.map(([name, value]) => {
    const octets = Buffer.from(name, "latin1");
    return [fieldNameAt(octets, 0, octets.length), value];
  });
}

describe("the examples of RFC 7541 appendix C", () => {
  const first: readonly [string, string][] = [
    [":method", "GET"],
    [":scheme", "http"],
    [":path", "/"],
    [":authority", "www.example.com"],
  ];
  const requests = [first, [...first, ["cache-control", "no-cache"]]] as const;
  const third: readonly [string, string][] = [
    [":method", "GET"],
    [":scheme", "https"],
    [":path", "/index.html"],
    [":authority", "www.example.com"],
    ["custom-key", "custom-value"],
  ];
  const series: readonly [title: string, blocks: readonly string[]][] = [
    [
      "C.3, without Huffman coding",
      [
        "828684410f7777772e6578616d706c652e636f6d",
        "828684be58086e6f2d6361636865",
        "828785bf400a637573746f6d2d6b65790c637573746f6d2d76616c7565",
      ],
    ],
    [
      "C.4, with Huffman coding",
      [
        "828684418cf1e3c2e5f23a6ba0ab90f4ff",
        "828684be5886a8eb10649cbf",
        "828785bf408825a849e95ba97d7f8925a849e95bb8e8b4bf",
      ],
    ],
  ];
  for (const [title, blocks] of series) {
    it(`decodes ${title}`, () => {
      const decoder = newDecoder();
      for (const [i, block] of blocks.entries()) {
        const { result, kept } = decode(decoder, block);
        assert.equal(result, "ok");
        assert.deepEqual(kept.fields, numbered([...requests, third][i]!));
      }
    });
  }

  it("evicts as C.5 does, with a table of 256 octets", () => {
    const decoder = newDecoder(256);
    const blocks = [
      "4803333032580770726976617465611d4d6f6e2c203231204f637420323031332032303a31333a32312047" +
        "4d546e1768747470733a2f2f7777772e6578616d706c652e636f6d",
      "4803333037c1c0bf",
      "88c1611d4d6f6e2c203231204f637420323031332032303a31333a323220474d54c05a04677a69707738666f" +
        "6f3d4153444a4b48514b425a584f5157454f50495541585157454f49553b206d61782d6167653d3336" +
        "30303b2076657273696f6e3d31",
    ];
    const values = blocks.map((block) => decode(decoder, block).kept.fields.map(([, v]) => v));
    assert.deepEqual(values[1], [
      "307",
      "private",
      "Mon, 21 Oct 2013 20:13:21 GMT",
      "https://www.example.com",
    ]);
    assert.equal(values[2]?.[2], "Mon, 21 Oct 2013 20:13:22 GMT");
    // The newest field is now the cookie; behind it, the encoding and the date.
    assert.deepEqual(
      decode(decoder, "bebfc0").kept.fields.map(([, value]) => value),
      ["foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1", "gzip", values[2]?.[2]],
    );
    assert.equal(decode(decoder, "c1").result, "broken");
  });
});

describe("the stories of other encoders", { skip: !existsSync(STORIES) && `no ${STORIES}` }, () => {
  interface Story {
    cases: { wire: string; headers: Record<string, string>[]; header_table_size?: number }[];
  }
  const encoders = existsSync(STORIES)
    ? readdirSync(STORIES, { withFileTypes: true }).filter((entry) => entry.isDirectory())
    : [];
  for (const { name: encoder } of encoders) {
    for (const file of readdirSync(join(STORIES, encoder))) {
      it(`are read as they were meant: ${encoder}/${file}`, () => {
        const story = JSON.parse(readFileSync(join(STORIES, encoder, file), "utf8")) as Story;
        const sizes = story.cases.map((one) => one.header_table_size ?? TABLE_BYTES);
        const decoder = newDecoder(Math.max(...sizes));
        for (const { wire, headers } of story.cases) {
          const { result, kept } = decode(decoder, wire);
          assert.equal(result, "ok");
          const fields = headers.flatMap((header) => Object.entries(header));
          const proper = fields.filter(([, value]) => value.trim() === value);
          assert.deepEqual(kept.fields, numbered(proper));
          assert.equal(kept.malformed, fields.length - proper.length);
        }
      });
    }
  }
});

describe("broken blocks", () => {
  const blocks: readonly [title: string, hex: string][] = [
    ["an index of zero", "80"],
    ["an index beyond both tables", "be"],
    ["a literal with its name beyond both tables", "7e0161"],
    ["a number that never ends", "ffffffffffffff"],
    ["a number of five octets", "ff80808080 00"],
    ["a string longer than the block", "400a6162"],
    ["a name without a value", "400161"],
    ["a string with the end symbol in it", "4084ffffffff0161"],
    ["a table larger than allowed", "3fe21f"],
    ["a new table size behind a field", "8220"],
    ["a block that ends in a number", "ff"],
  ];
  for (const [title, hex] of blocks) {
    it(`are refused: ${title}`, () => assert.equal(decode(newDecoder(), hex).result, "broken"));
  }

  const malformed: readonly [title: string, hex: string][] = [
    ["a name in upper case", "400141 0161"],
    ["a name of nothing", "4000 0161"],
    ["a name with a blank", "40026120 0161"],
    ["a name with a colon inside", "40036 13a62 0161".replaceAll(" ", "")],
    ["a value with a line break", "400161 03610a62"],
    ["a value with a zero octet", "400161 0100"],
    ["a value that begins with a blank", "400161 022061"],
  ];
  for (const [title, hex] of malformed) {
    it(`let the block stand and are told: ${title}`, () => {
      const { result, kept } = decode(newDecoder(), hex);
      assert.deepEqual([result, kept.malformed], ["ok", 1]);
    });
  }

  it("of many repeated fields are too long, and the table stays in step", () => {
    const decoder = newDecoder();
    assert.equal(decode(decoder, "400161 0162").result, "ok");
    const { result } = decode(decoder, "be".repeat(LIST_BYTES / 34 + 1));
    assert.equal(result, "too-long");
    assert.deepEqual(decode(decoder, "be").kept.fields, [[0, "b"]]);
  });

  it("never throw, whatever they hold", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 100 }), { maxLength: 5 }), (list) => {
        const decoder = newDecoder(128);
        for (const block of list) decoder.decode(block, 0, block.length, new Kept());
      }),
    );
  });
});
