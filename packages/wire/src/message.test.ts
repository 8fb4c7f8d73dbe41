/** Tests of whole messages: structure that is refused, and messages that come back. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as fc from "fast-check";
import { fromHex, toHex } from "./bytes.ts";
import { rrClass, rrType } from "./codes.ts";
import { type Opt, optionCode } from "./edns.ts";
import { wireLimits } from "./limits.ts";
import { type Message, fullRcode, readMessage } from "./message.ts";
import { FOLD, type Name, nameFromLabels } from "./name.ts";
import { nameFromText, nameToText } from "./name-text.ts";
import type { ResourceRecord } from "./record.ts";
import { MessageWriter } from "./writer.ts";

const header = (counts: string, flags = "8000"): string => `0007${flags}${counts}`;
const OPT = "00002904d0000000000000";
const A = "016100000100010000003c0004c0000201";

describe("a message is refused", () => {
  const rows: readonly (readonly [string, string, string])[] = [
    ["nothing", "", "short-header"],
    ["eleven bytes", "00".repeat(11), "short-header"],
    ["a question that is missing", header("0001000000000000"), "bad-question"],
    ["a question without a class", `${header("0001000000000000")}000001`, "bad-question"],
    ["more records than are there", `${header("0000000200000000")}${A}`, "bad-record"],
    ["65535 records said", `${header("0000ffff00000000")}${A}`, "bad-record"],
    ["a record cut in its TTL", `${header("0000000100000000")}00000100010000`, "bad-record"],
    [
      "RDATA that leaves the message",
      `${header("0000000100000000")}${A.slice(0, -2)}`,
      "bad-record",
    ],
    [
      "a name server's name that goes on behind its end",
      `${header("0000000100000000")}0000020001000000000003000000`,
      "bad-rdata",
    ],
    ["two OPT records", `${header("0000000000000002")}${OPT}${OPT}`, "two-opts"],
    ["OPT in the answer", `${header("0000000100000000")}${OPT}`, "bad-opt"],
    ["OPT in the authority", `${header("0000000000010000")}${OPT}`, "bad-opt"],
    ["OPT with an owner", `${header("0000000000000001")}0161${OPT}`, "bad-opt"],
    [
      "OPT whose option leaves it",
      `${header("0000000000000001")}00002904d00000000000020003`,
      "bad-opt",
    ],
  ];
  for (const [title, hex, why] of rows) {
    test(title, () => assert.deepEqual(readMessage(fromHex(hex)!), { kind: "malformed", why }));
  }
});

test("the response code is twelve bits, OPT stands apart, what is left over is counted", () => {
  const opt = "00002904d001008000000400030000";
  const message = readMessage(fromHex(`${header("0000000100000002", "8007")}${A}${A}${opt}00ff`)!);
  assert.ok(message.kind === "message");
  assert.equal(fullRcode(message), 0x17);
  assert.equal(message.answer.length, 1);
  assert.equal(message.additional.length, 1);
  assert.deepEqual(message.opt?.options, [{ code: optionCode.nsid, data: new Uint8Array(0) }]);
  assert.equal(message.trailingBytes, 2);
});

test("a TTL with its highest bit set counts as zero (RFC 2181 §8)", () => {
  const message = readMessage(
    fromHex(header("0000000100000000") + A.replace("0000003c", "80000001"))!,
  );
  assert.equal(message.kind === "message" ? message.answer[0]!.ttl : undefined, 0);
});

/** A message of `count` times the same bytes in a section, behind one long name at offset 12. */
function repeated(
  section: "question" | "answer",
  first: string,
  more: string,
  count: number,
): string {
  const size = (count + 1).toString(16).padStart(4, "0");
  const counts = section === "question" ? `${size}000000000000` : `0000${size}00000000`;
  return header(counts) + first + more.repeat(count);
}

test("owners that are the same pointer are the same name, and others are not", () => {
  const rest = "00010001000000000004c0000201";
  const owners = ["0161c00c", "c00c", "c00c", "c015", "0162c00c", "c00c"];
  const sections = owners.map((owner) => owner + rest).join("");
  const question = "03636f6d0000010001";
  const message = readMessage(fromHex(header("0001000600000000") + question + sections)!);
  assert.ok(message.kind === "message");
  assert.deepEqual(
    message.answer.map((record) => nameToText(record.name)),
    ["a.com.", "com.", "com.", "a.com.", "b.com.", "com."],
  );
});

describe("compression bombs", () => {
  const fixed = "00010001";
  const longest = `3f${"61".repeat(63)}`.repeat(3) + `3d${"61".repeat(61)}00`;

  test("pointersPerMessageMax is reached and not passed", () => {
    const max = wireLimits.pointersPerMessageMax.value;
    const reached = readMessage(
      fromHex(repeated("question", `016100${fixed}`, `c00c${fixed}`, max))!,
    );
    assert.equal(reached.kind, "message");
    const passed = fromHex(repeated("question", `016100${fixed}`, `c00c${fixed}`, max + 1))!;
    assert.deepEqual(readMessage(passed), { kind: "malformed", why: "too-many-pointers" });
  });

  test("expandedBytesMax is reached and not passed, by questions and by records", () => {
    const count = Math.floor(wireLimits.expandedBytesMax.value / 255);
    for (const [section, tail] of [
      ["question", fixed],
      ["answer", "000a0001000000000000"],
    ] as const) {
      const reached = repeated(section, longest + tail, `c00c${tail}`, count - 1);
      assert.equal(readMessage(fromHex(reached)!).kind, "message");
      const passed = repeated(section, longest + tail, `c00c${tail}`, count);
      assert.deepEqual(readMessage(fromHex(passed)!), {
        kind: "malformed",
        why: "too-much-expansion",
      });
    }
  });
});

const anyName: fc.Arbitrary<Name> = fc
  .array(fc.constantFrom("a", "B", "example", "\u0001"), { maxLength: 6 })
  .map((labels) => nameFromLabels(labels.map((label) => new TextEncoder().encode(label)))!);

const anyRecord: fc.Arbitrary<ResourceRecord> = fc
  .tuple(anyName, fc.nat(0x7fffffff), fc.constantFrom("name", "mx", "txt", "any"), anyName)
  .map(([name, ttl, kind, target]) => {
    const record = (type: number, rdata: Uint8Array): ResourceRecord => {
      return { name, type, class: rrClass.IN, ttl, rdata };
    };
    if (kind === "name") return record(rrType.CNAME, target);
    if (kind === "mx") return record(rrType.MX, Uint8Array.of(0, 10, ...target));
    if (kind === "txt") return record(rrType.TXT, Uint8Array.of(1, 0xc0));
    return record(65280, target);
  });

const anyOption = fc.record(
  { code: fc.nat(70), data: fc.uint8Array({ maxLength: 9 }) },
  { noNullPrototype: true },
);

const anyOpt: fc.Arbitrary<Opt> = fc.record(
  {
    udpSize: fc.nat(0xffff),
    extendedRcode: fc.nat(255),
    version: fc.nat(255),
    dnssecOk: fc.boolean(),
    options: fc.array(anyOption),
  },
  { noNullPrototype: true },
);

/** Writes a message that fits into 65535 bytes. */
function written(message: Omit<Message, "kind" | "trailingBytes">): Uint8Array {
  const out = new Uint8Array(65535);
  const writer = new MessageWriter(out);
  for (const question of message.questions) writer.question(question);
  for (const section of ["answer", "authority", "additional"] as const) {
    for (const { name, type, class: rrclass, ttl, rdata } of message[section]) {
      assert.ok(writer.record(section, name, type, rrclass, ttl, rdata));
    }
  }
  if (message.opt !== undefined) writer.opt(message.opt);
  return out.slice(0, writer.finish(message.header.id, message.header.flags));
}

/** Anything as JSON in which the case of letters does not count. */
function folded(value: unknown): string {
  return JSON.stringify(value, (_, one: unknown) =>
    one instanceof Uint8Array ? toHex(one.map((byte) => FOLD[byte]!)) : one,
  );
}

test("a message that is written is read the same, but for the case of names", () => {
  const section = fc.array(anyRecord, { maxLength: 6 });
  const property = fc.property(
    section,
    section,
    section,
    fc.option(anyOpt),
    (answer, authority, additional, opt) => {
      const bytes = written({
        header: { id: 5, flags: 0x8180, opcode: 0, rcode: 0 },
        questions: [{ name: nameFromText("b.example.")!, type: 1, class: 1 }],
        answer,
        authority,
        additional,
        opt: opt ?? undefined,
      });
      const message = readMessage(bytes);
      assert.ok(message.kind === "message");
      assert.equal(message.trailingBytes, 0);
      assert.deepEqual(message.opt, opt ?? undefined);
      assert.equal(folded(message.answer), folded(answer));
      assert.equal(folded(message.authority), folded(authority));
      assert.equal(folded(message.additional), folded(additional));
    },
  );
  fc.assert(property, { numRuns: 300 });
});

test("no bytes make the reader throw, and what it reads is written and read again", () => {
  const byte = fc.oneof(fc.constantFrom(0, 0, 1, 2, 5, 12, 41, 0xc0), fc.nat(255));
  const body = fc.array(byte, { maxLength: 80 });
  const property = fc.property(
    fc.array(fc.nat(2), { minLength: 4, maxLength: 4 }),
    body,
    (counts, rest) => {
      const head = [0, 1, 0x80, 0, ...counts.flatMap((count) => [0, count])];
      const message = readMessage(Uint8Array.from([...head, ...rest]));
      if (message.kind === "malformed") return;
      const again = readMessage(written(message));
      assert.ok(again.kind === "message");
      const whole = (one: Message): string => folded({ ...one, trailingBytes: 0 });
      assert.equal(whole(again), whole(message));
    },
  );
  fc.assert(property, { numRuns: 5000 });
});
