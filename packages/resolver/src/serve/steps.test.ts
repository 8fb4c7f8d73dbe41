/** Tests of the slow lane's list: what each kind of message gets, through the door. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { getU16 } from "@lethe/wire/bytes.ts";
import { extendedError, opcode, rcode, rrClass, rrType } from "@lethe/wire/codes.ts";
import { findOption } from "@lethe/wire/edns.ts";
import { flag, opcodeBits, opcodeOf } from "@lethe/wire/header.ts";
import type { Message } from "@lethe/wire/message.ts";
import { type Way, type Wish, SmallResolver, question, read } from "../../test/small-resolver.ts";

const servers = { "10.0.0.1": () => ({ aa: true, answer: ["www.example A 192.0.2.1"] }) };
const identity = { server: "here", version: "Lethe" };
const small = new SmallResolver(servers, { identity });
const stranger: Way = { ip: [192, 0, 2, 1] };

/** The whole RCODE and the first INFO-CODE, -1 where there is none. */
function codes({ header, opt }: Message): [number, number] {
  const error = findOption(opt, 15);
  return [header.rcode | ((opt?.extendedRcode ?? 0) << 4), error ? getU16(error.data, 0) : -1];
}

const E = { udpSize: 1232 };
const { FORMERR, NOTIMP, REFUSED, BADVERS, NOERROR } = rcode;
const { notSupported, invalidQueryType, notAuthoritative, prohibited } = extendedError;

const cases: [string, Wish, number, number][] = [
  ["IQUERY", { ...E, flags: opcodeBits(opcode.IQUERY) }, NOTIMP, notSupported],
  ["STATUS", { ...E, flags: opcodeBits(opcode.STATUS) }, NOTIMP, notSupported],
  ["NOTIFY", { ...E, flags: opcodeBits(opcode.NOTIFY) }, NOTIMP, notSupported],
  ["UPDATE", { ...E, flags: opcodeBits(opcode.UPDATE) }, NOTIMP, notSupported],
  ["DSO", { ...E, flags: opcodeBits(opcode.DSO) }, NOTIMP, notSupported],
  ["opcode 15", { ...E, flags: opcodeBits(15) }, NOTIMP, notSupported],
  ["EDNS version 1", { ...E, version: 1 }, BADVERS, -1],
  [
    "EDNS version 1 with a type that is refused",
    { ...E, version: 1, type: rrType.AXFR },
    BADVERS,
    -1,
  ],
  ["class HS", { ...E, class: rrClass.HS }, REFUSED, notSupported],
  ["class ANY", { ...E, class: rrClass.ANY }, REFUSED, notSupported],
  ["class NONE", { ...E, class: rrClass.NONE }, REFUSED, notSupported],
  [
    "a CH name that tells nothing",
    { ...E, class: rrClass.CH, type: rrType.TXT },
    REFUSED,
    notSupported,
  ],
  ["id.server CH A", { ...E, class: rrClass.CH, name: "id.server" }, REFUSED, notSupported],
  ["AXFR", { ...E, type: rrType.AXFR }, REFUSED, notSupported],
  ["IXFR", { ...E, type: rrType.IXFR }, REFUSED, notSupported],
  ["RRSIG", { ...E, type: rrType.RRSIG }, REFUSED, notSupported],
  ["MAILA", { ...E, type: rrType.MAILA }, NOTIMP, notSupported],
  ["MAILB", { ...E, type: rrType.MAILB }, NOTIMP, notSupported],
  ["TKEY", { ...E, type: rrType.TKEY }, NOTIMP, notSupported],
  ["type 200", { ...E, type: 200 }, NOTIMP, notSupported],
  ["type OPT", { ...E, type: rrType.OPT }, FORMERR, invalidQueryType],
  ["type TSIG", { ...E, type: rrType.TSIG }, FORMERR, invalidQueryType],
  ["type NXNAME", { ...E, type: rrType.NXNAME }, FORMERR, invalidQueryType],
  ["type 0", { ...E, type: 0 }, FORMERR, invalidQueryType],
  ["RD=0", { ...E, rd: false }, REFUSED, notAuthoritative],
  ["RD=0 for a name that is in the cache", { ...E, rd: false }, REFUSED, notAuthoritative],
  ["RD=0 for a special name", { ...E, rd: false, name: "localhost" }, NOERROR, -1],
  ["type 127", { ...E, type: 127 }, NOERROR, -1],
  ["type 256", { ...E, type: 256 }, NOERROR, -1],
];

for (const [title, wish, code, infoCode] of cases) {
  test(`${title} gets RCODE ${code}`, () => {
    small.answer({}); // in the cache from here on
    const answer = small.answer({ ...wish, id: 99 });
    assert.deepEqual(codes(answer), [code, infoCode]);
    assert.equal(answer.header.id, 99);
    assert.equal(answer.header.flags & flag.qr, flag.qr);
    assert.equal(answer.header.opcode, opcodeOf(wish.flags ?? 0));
    assert.equal(answer.questions.length, 1);
    assert.equal(answer.opt?.version, 0);
  });
}

function patched(message: Uint8Array, at: number, ...bytes: number[]): Uint8Array {
  const copy = message.slice();
  copy.set(bytes, at);
  return copy;
}

const bare = question({});
const opt = question({ udpSize: 1232 }).slice(bare.length);
const record = Uint8Array.of(0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 9, 0, 4, 1, 2, 3, 4);
const join = (...parts: Uint8Array[]): Uint8Array =>
  Uint8Array.of(...parts.flatMap((part) => [...part]));

/** RCODE and questions that are echoed; undefined is silence. */
const malformed: [string, Uint8Array, [number, number] | undefined][] = [
  ["nothing", new Uint8Array(0), undefined],
  ["eleven bytes", bare.slice(0, 11), undefined],
  ["a response", patched(bare, 2, 0x81, 0x80), undefined],
  ["a broken response", patched(bare, 2, 0x80, 0, 0, 9), undefined],
  ["a header alone", patched(bare.slice(0, 12), 4, 0, 0), [FORMERR, 0]],
  ["a question that is not there", bare.slice(0, 12), [FORMERR, 0]],
  ["a question that ends early", bare.slice(0, -1), [FORMERR, 0]],
  ["two questions", join(patched(bare, 4, 0, 2), bare.slice(12)), [FORMERR, 0]],
  ["a name that points at itself", patched(bare, 12, 0xc0, 12), [FORMERR, 0]],
  [
    "a name that points into the header",
    join(bare.slice(0, 12), Uint8Array.of(0xc0, 4, 0, 1, 0, 1)),
    [FORMERR, 0],
  ],
  ["bytes behind", join(bare, Uint8Array.of(0)), [FORMERR, 1]],
  ["two OPT records", join(patched(bare, 10, 0, 2), opt, opt), [FORMERR, 1]],
  ["an OPT record in the answer", join(patched(bare, 6, 0, 1), opt), [FORMERR, 1]],
  ["an answer", join(patched(bare, 6, 0, 1), record), [FORMERR, 1]],
  ["an authority record", join(patched(bare, 8, 0, 1), record), [FORMERR, 1]],
  [
    "an OPT with half an option",
    join(patched(bare, 10, 0, 1), patched(opt, 10, 2), Uint8Array.of(0, 3)),
    [FORMERR, 1],
  ],
  [
    "UPDATE with a body that is no message",
    patched(bare, 2, 0x28, 0, 0, 1, 0xff, 0xff),
    [NOTIMP, 1],
  ],
  [
    "an additional record that nobody asked for",
    join(patched(bare, 10, 0, 1), record),
    [NOERROR, 1],
  ],
];

for (const [title, message, expected] of malformed) {
  test(`${title}: ${expected === undefined ? "silence" : `RCODE ${expected[0]}`}`, () => {
    const answer = small.ask(message);
    if (expected === undefined) {
      assert.equal(answer, undefined);
      return;
    }
    const { header, questions } = read(answer);
    assert.deepEqual([header.rcode, questions.length], expected);
    assert.equal(header.id, 1234);
  });
}

test("an IXFR question with its SOA is refused, not malformed", () => {
  const message = join(patched(question({ type: rrType.IXFR }), 8, 0, 1), record);
  assert.equal(read(small.ask(message)).header.rcode, REFUSED);
});

const identities: [string, string][] = [
  ["id.server", "here"],
  ["HOSTNAME.bind", "here"],
  ["version.server", "Lethe"],
  ["version.bind", "Lethe"],
];

for (const [name, expected] of identities) {
  test(`${name} CH TXT tells what is configured, and nothing where nothing is`, () => {
    const wish = { name, class: rrClass.CH, type: rrType.TXT };
    const { answer, header } = small.answer(wish);
    assert.equal(String.fromCharCode(...answer[0]!.rdata.slice(1)), expected);
    assert.equal(answer[0]!.ttl, 0);
    assert.equal(header.flags & flag.aa, flag.aa);
    assert.equal(new SmallResolver(servers).answer(wish).header.rcode, REFUSED);
  });
}

test("ANY gets one HINFO, whatever there is (RFC 8482 §4.2)", () => {
  const asks = small.world.asked.length;
  const { answer, header } = small.answer({ type: rrType.ANY });
  assert.equal(answer.length, 1);
  assert.equal(header.flags & flag.aa, 0);
  assert.equal(answer[0]!.type, rrType.HINFO);
  assert.equal(String.fromCharCode(...answer[0]!.rdata), "\u0007RFC8482\u0000");
  assert.equal(small.world.asked.length, asks);
});

test("ANY is resolved where the configuration says so, and not told of what else is cached", () => {
  const open = new SmallResolver(servers, { anyType: "all" });
  open.answer({});
  const before = open.world.asked.length;
  const { answer } = open.answer({ type: rrType.ANY });
  assert.ok(open.world.asked.length > before);
  assert.ok(answer.every(({ type }) => type !== rrType.HINFO));
});

test("a stranger is refused, before anything else is said", () => {
  for (const wish of [
    E,
    { ...E, type: 0 },
    { ...E, flags: opcodeBits(5) },
    { ...E, name: "localhost" },
  ]) {
    const answer = small.answer(wish, stranger);
    assert.deepEqual(codes(answer), [REFUSED, prohibited]);
    assert.equal(answer.header.flags & flag.ra, 0);
  }
  assert.equal(small.ask(question({ flags: flag.qr }), stranger), undefined);
});

test("a stranger is not answered at all where the configuration says so", () => {
  const dropping = new SmallResolver(
    servers,
    {},
    { admit: { allow: [], refuse: [], others: "drop" } },
  );
  assert.equal(dropping.ask(question({})), undefined);
});

test("RD=0 is resolved where the configuration says so", () => {
  const open = new SmallResolver(servers, { recursionWithoutRd: "answer" });
  const { header, answer } = open.answer({ rd: false });
  assert.deepEqual([header.rcode, answer.length, header.flags & flag.rd], [NOERROR, 1, 0]);
  assert.equal(open.answer({ rd: false }).answer.length, 1);
  assert.equal(open.resolver.stats.counts["resolved"], 1);
});

/** Bytes that are nearly a question. */
const nearly = fc
  .tuple(
    fc.constantFrom(question({}), question({ ...E, dnssecOk: true }), question({ type: 255 }), opt),
    fc.array(fc.tuple(fc.nat(60), fc.nat(255)), { maxLength: 4 }),
    fc.nat(70),
    fc.uint8Array({ maxLength: 6 }),
  )
  .map(([message, changes, keep, tail]) => {
    const bytes = join(message.slice(0, keep), tail);
    for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value;
    return bytes;
  });

test("whatever comes in is answered once or not at all, as its own id says", () => {
  const hostile = new SmallResolver(servers);
  fc.assert(
    fc.property(fc.oneof(nearly, fc.uint8Array({ maxLength: 64 })), (bytes) => {
      const answer = hostile.ask(bytes);
      const mayAnswer = bytes.length >= 12 && (bytes[2]! & 0x80) === 0;
      assert.equal(answer !== undefined, mayAnswer);
      if (answer === undefined) return;
      const { header } = read(answer);
      assert.equal(header.id, getU16(bytes, 0));
      assert.equal(header.flags & flag.qr, flag.qr);
      assert.ok(answer.length <= 1232);
    }),
    { numRuns: 500 },
  );
});
