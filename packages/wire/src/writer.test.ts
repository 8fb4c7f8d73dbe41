/** Tests of the message writer: compression, bounds, and that what does not fit leaves no trace. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { fromHex, toHex } from "./bytes.ts";
import { rrClass, rrType } from "./codes.ts";
import { wireLimits } from "./limits.ts";
import { readMessage } from "./message.ts";
import { type Name, ROOT, nameFromBytes } from "./name.ts";
import { nameFromText } from "./name-text.ts";
import { MessageWriter } from "./writer.ts";

const name = (text: string): Name => nameFromText(text)!;
const rdata = (hex: string): Uint8Array => fromHex(hex)!;

/** Writes names as owners of empty records and returns what stands where the owners do. */
function owners(names: readonly Name[], writer: MessageWriter, out: Uint8Array): string[] {
  return names.map((owner) => {
    const from = writer.length;
    writer.record("answer", owner, 65280, 1, 0, new Uint8Array(0));
    return toHex(out.subarray(from, writer.length - 10));
  });
}

describe("compression", () => {
  test("a name that stands in the message is a pointer, a suffix too, in any case", () => {
    const out = new Uint8Array(512);
    const writer = new MessageWriter(out);
    assert.deepEqual(
      owners(
        [name("a.example."), name("a.example."), name("b.EXAMPLE."), name("c.b.example."), ROOT],
        writer,
        out,
      ),
      ["0161076578616d706c6500", "c00c", "0162c00e", "0163c02d", "00"],
    );
  });

  test("RDATA of the types of RFC 1035 is compressed, that of others is not (RFC 3597 §4)", () => {
    const out = new Uint8Array(512);
    const writer = new MessageWriter(out);
    const owner = name("a.");
    writer.record("answer", owner, rrType.MX, rrClass.IN, 0, rdata("000a016100"));
    writer.record("answer", owner, rrType.SRV, rrClass.IN, 0, rdata("000000000000016100"));
    const size = writer.finish(0, 0);
    assert.equal(
      toHex(out.subarray(12, size)),
      "016100000f0001000000000004000ac00cc00c00210001000000000009000000000000016100",
    );
  });

  test("RDATA that is empty stays empty, as in an UPDATE", () => {
    const out = new Uint8Array(64);
    const writer = new MessageWriter(out);
    writer.record("authority", ROOT, rrType.NS, rrClass.ANY, 0, new Uint8Array(0));
    assert.equal(writer.finish(0, 0), 12 + 1 + 10);
  });

  test("a pointer never reaches beyond 14 bits", () => {
    const out = new Uint8Array(65535);
    const writer = new MessageWriter(out);
    writer.record("answer", ROOT, 65280, 1, 0, new Uint8Array(0x4000));
    assert.deepEqual(owners([name("a."), name("a.")], writer, out), ["016100", "016100"]);
  });

  test("compressionNamesMax: a name of the last place remembered is pointed at, later ones are not", () => {
    const max = wireLimits.compressionNamesMax.value;
    const out = new Uint8Array(65535);
    const writer = new MessageWriter(out);
    const numbered = Array.from({ length: max + 1 }, (_, i) => name(`n${i}.`));
    owners(numbered, writer, out);
    const [last, beyond] = owners([numbered[max - 1]!, numbered[max]!], writer, out);
    assert.match(last!, /^c/);
    assert.equal(beyond, toHex(numbered[max]!));
  });
});

describe("what does not fit", () => {
  const size = (text: string): number => name(text).length;
  const question = { name: name("a.example."), type: 1, class: 1 };
  test("a question, a record and an OPT are refused whole, and the next that fits is written", () => {
    for (let max = 12; max < 80; max++) {
      const out = new Uint8Array(100).fill(0xee);
      const writer = new MessageWriter(out, max);
      const isAsked = writer.question(question);
      assert.equal(isAsked, max >= 12 + size("a.example.") + 4);
      const ttls: number[] = [];
      const owner = name("b.example.");
      const isWritten = writer.record("answer", owner, rrType.NS, 1, 9, name("c.example."), ttls);
      assert.equal(ttls.length, isWritten ? 1 : 0);
      const isRoot = writer.record("authority", ROOT, rrType.A, 1, 9, rdata("c0000201"));
      const opt = { udpSize: 9, extendedRcode: 0, version: 0, dnssecOk: false, options: [] };
      const isOpt = writer.opt(opt);
      assert.ok(writer.length <= max && writer.room === max - writer.length);
      assert.ok(out.subarray(max).every((byte) => byte === 0xee));
      const message = readMessage(out.subarray(0, writer.finish(1, 0)));
      assert.ok(message.kind === "message", `${max}`);
      assert.equal(message.questions.length, Number(isAsked));
      assert.equal(message.answer.length, Number(isWritten));
      assert.equal(message.authority.length, Number(isRoot));
      assert.equal(message.opt !== undefined, isOpt);
      if (isWritten) assert.deepEqual(message.answer[0]!.rdata, new Uint8Array(name("c.example.")));
    }
  });

  test("a name of a record that was refused is no pointer's target", () => {
    const out = new Uint8Array(100);
    const writer = new MessageWriter(out, 40);
    const owner = name("a.example.");
    assert.ok(!writer.record("answer", owner, rrType.A, 1, 0, new Uint8Array(40)));
    assert.deepEqual(owners([owner], writer, out), [toHex(owner)]);
  });

  test("messageBytesMax is reached and not passed", () => {
    const max = wireLimits.messageBytesMax.value;
    const fits = new Uint8Array(max - 12 - 1 - 10);
    const out = new Uint8Array(70000);
    const writer = new MessageWriter(out);
    assert.ok(!writer.record("answer", ROOT, 65280, 1, 0, new Uint8Array(fits.length + 1)));
    assert.ok(writer.record("answer", ROOT, 65280, 1, 0, fits));
    assert.equal(writer.finish(0, 0), max);
    assert.equal(writer.room, 0);
  });
});

test("a TTL is found where the writer says it stands", () => {
  const out = new Uint8Array(100);
  const writer = new MessageWriter(out);
  const ttls: number[] = [];
  writer.record("answer", name("a."), rrType.A, 1, 0x01020304, rdata("c0000201"), ttls);
  writer.finish(0, 0);
  assert.equal(toHex(out.subarray(ttls[0], ttls[0]! + 4)), "01020304");
  assert.ok(nameFromBytes(out.subarray(12, 15)) !== undefined);
});
