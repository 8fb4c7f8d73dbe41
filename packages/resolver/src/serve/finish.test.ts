/** Tests of what one client gets of a packed answer: sizes, OPT, flags, TTLs, rotation. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { getU16 } from "@lethe/wire/bytes.ts";
import { optionCode, rcode } from "@lethe/wire/codes.ts";
import { findOption } from "@lethe/wire/edns.ts";
import { flag } from "@lethe/wire/header.ts";
import { readMessage } from "@lethe/wire/message.ts";
import { type Wish, question, read } from "../../test/small-resolver.ts";
import { limits } from "../base/limits.ts";
import { type AnswerParts, noRotation, packAnswer } from "../cache/packed-answer.ts";
import type { ClientTransport } from "../transports/door.ts";
import { Asking } from "./asking.ts";
import { Finish } from "./finish.ts";

const parts: AnswerParts = {
  ttlS: 60,
  flags: flag.qr | flag.ra,
  rcode: rcode.NOERROR,
  counts: [0, 0, 0],
  body: new Uint8Array(0),
  ttlPlaces: [],
  rotation: noRotation,
  errors: [],
};

const finish = new Finish(new TextEncoder().encode("here"));

interface How {
  readonly transport?: ClientTransport;
  readonly idleTimeoutS?: number;
  readonly ageS?: number;
  readonly finish?: Finish;
}

/** What the client who sent `message` gets of `packed`. */
function finished(message: Uint8Array, packed: Uint8Array, how: How = {}): Uint8Array {
  const frame = new Uint8Array(70_000);
  frame.set(message, 3);
  const asking = new Asking();
  const whole = readMessage(message);
  asking.readAny(frame, 3, message.length, whole.kind === "message" ? whole.opt : undefined);
  const { idleTimeoutS = 0, ageS = 0 } = how;
  const { transport = idleTimeoutS > 0 ? "tcp" : "udp" } = how;
  const by = how.finish ?? finish;
  const way = { transport, idleTimeoutS };
  const size = by.write(frame, 3, 66_000, asking, way, packed, 0, ageS);
  return frame.slice(3, 3 + size);
}

/** An answer of which header, question, body and OPT are `size` bytes in all. */
function answerOf(size: number, wish: Wish): Uint8Array {
  return packAnswer({
    ...parts,
    counts: [1, 0, 0],
    body: new Uint8Array(size - question(wish).length),
  });
}

const sizes: [string, Wish, number, number][] = [
  ["answerUdpBytesMin without EDNS", {}, limits.answerUdpBytesMin.value, 0],
  [
    "answerUdpBytesMin where a client names less",
    { udpSize: 100 },
    limits.answerUdpBytesMin.value,
    0,
  ],
  ["the size that a client names", { udpSize: 800 }, 800, 0],
  [
    "answerUdpBytesMax where a client names more",
    { udpSize: 4096 },
    limits.answerUdpBytesMax.value,
    0,
  ],
  ["answerStreamBytesMax over a stream", {}, limits.answerStreamBytesMax.value, 10],
];

for (const [title, wish, size, idleTimeoutS] of sizes) {
  test(`an answer is as long as ${title} and no longer`, () => {
    const message = question(wish);
    const fits = finished(message, answerOf(size, wish), { idleTimeoutS });
    assert.equal(fits.length, size);
    assert.equal(getU16(fits, 2) & flag.tc, 0);
    assert.equal(getU16(fits, 6), 1);
    const tooLong = finished(message, answerOf(size + 1, wish), { idleTimeoutS });
    assert.equal(tooLong.length, message.length);
    const { header, answer, authority, questions } = read(tooLong);
    assert.equal(header.flags & flag.tc, flag.tc);
    assert.deepEqual([questions.length, answer.length, authority.length], [1, 0, 0]);
  });
}

test("a client gets its own RD and CD, letter case and id", () => {
  const wish = { id: 77, name: "wWw.ExAmple", flags: flag.cd, rd: false };
  const answer = finished(question(wish), packAnswer(parts));
  assert.equal(getU16(answer, 0), 77);
  assert.equal(getU16(answer, 2), flag.qr | flag.ra | flag.cd);
  assert.deepEqual(answer.slice(12), question(wish).slice(12));
});

const adCases: [string, Wish, boolean][] = [
  ["neither", {}, false],
  ["AD", { flags: flag.ad }, true],
  ["DO", { udpSize: 1232, dnssecOk: true }, true],
  ["an OPT without DO", { udpSize: 1232 }, false],
  ["DO and CD", { udpSize: 1232, dnssecOk: true, flags: flag.cd }, false],
  ["AD and CD", { flags: flag.ad | flag.cd }, false],
];

for (const [title, wish, isSet] of adCases) {
  test(`a secure answer to a question with ${title} ${isSet ? "has" : "lacks"} AD`, () => {
    // RFC 6840 §5.8
    const packed = packAnswer({ ...parts, flags: parts.flags | flag.ad });
    assert.equal((getU16(finished(question(wish), packed), 2) & flag.ad) !== 0, isSet);
    assert.equal(getU16(finished(question(wish), packAnswer(parts)), 2) & flag.ad, 0);
  });
}

test("only who sent an OPT gets one, with our size, DO as sent, and the upper RCODE", () => {
  const packed = packAnswer({ ...parts, rcode: rcode.BADVERS });
  assert.equal(read(finished(question({}), packed)).opt, undefined);
  const { opt, header } = read(finished(question({ udpSize: 4096, dnssecOk: true }), packed));
  assert.deepEqual(opt, {
    udpSize: 1232,
    extendedRcode: 1,
    version: 0,
    dnssecOk: true,
    options: [],
  });
  assert.equal(header.rcode, 0);
});

test("NSID is told to who asks for it, where there is one (RFC 5001 §2.2)", () => {
  const asks = { udpSize: 1232, options: [{ code: optionCode.nsid, data: new Uint8Array(0) }] };
  const packed = packAnswer(parts);
  const told = (message: Uint8Array, by?: Finish): Uint8Array | undefined =>
    findOption(read(finished(message, packed, by && { finish: by })).opt, optionCode.nsid)?.data;
  assert.deepEqual(told(question(asks)), new TextEncoder().encode("here"));
  assert.equal(told(question({ udpSize: 1232 })), undefined);
  assert.equal(told(question(asks), new Finish(new Uint8Array(0))), undefined);
});

test("NSID and errors are left out where they do not fit; the answer is not", () => {
  const wish = { udpSize: 600, options: [{ code: optionCode.nsid, data: new Uint8Array(0) }] };
  const message = question(wish);
  const plain = { ...parts, body: new Uint8Array(600 - (message.length - 4)) };
  const packed = packAnswer({ ...plain, errors: [{ code: 22, text: "" }] });
  const answer = finished(message, packed);
  assert.equal(answer.length, 600);
  assert.equal(getU16(answer, 2) & flag.tc, 0);
});

test("of several Extended DNS Errors the first are told where not all fit", () => {
  const message = question({ udpSize: 600 });
  const errors = [
    { code: 22, text: "a" },
    { code: 23, text: "b".repeat(20) },
  ];
  const bytesOfErrors = (spare: number): number => {
    const body = new Uint8Array(600 - spare - message.length);
    return finished(message, packAnswer({ ...parts, body, errors })).length - (600 - spare);
  };
  assert.deepEqual([6, 7, 32, 33].map(bytesOfErrors), [0, 7, 7, 33]);
});

test("Extended DNS Errors stand in the OPT", () => {
  const packed = packAnswer({ ...parts, errors: [{ code: 22, text: "why" }] });
  const { opt } = read(finished(question({ udpSize: 1232 }), packed));
  const error = findOption(opt, optionCode.extendedError);
  assert.deepEqual(error?.data, Uint8Array.of(0, 22, ...new TextEncoder().encode("why")));
});

const keepalive = [{ code: optionCode.tcpKeepalive, data: new Uint8Array(0) }];
const idleCases: [string, Wish, number, number | undefined][] = [
  ["in tenths of a second to who speaks of it", { udpSize: 1232, options: keepalive }, 12, 120],
  ["at most 6553.5 seconds", { udpSize: 1232, options: keepalive }, 10_000, 65_535],
  ["not over UDP", { udpSize: 1232, options: keepalive }, 0, undefined],
  ["not to who does not speak of it", { udpSize: 1232 }, 12, undefined],
];

test("over HTTPS answers are long, and no idle time is told: that is HTTP's (RFC 8484 §6)", () => {
  const wish = { udpSize: 512, options: keepalive };
  const answer = finished(question(wish), answerOf(9000, wish), { transport: "https" });
  assert.equal(getU16(answer, 2) & flag.tc, 0);
  assert.equal(answer.length, 9000 - 4);
});

for (const [title, wish, idleTimeoutS, expected] of idleCases) {
  test(`the idle time of a stream is told ${title} (RFC 7828 §3.3.2)`, () => {
    const { opt } = read(finished(question(wish), packAnswer(parts), { idleTimeoutS }));
    const data = findOption(opt, optionCode.tcpKeepalive)?.data;
    assert.equal(data && getU16(data, 0), expected);
  });
}

const padding = [{ code: optionCode.padding, data: new Uint8Array(9) }];
const padded: Wish = { udpSize: 1232, options: padding };
const LONGEST = limits.answerStreamBytesMax.value;
/** Octets of an answer without padding, and with it. */
const paddingCases: [string, Wish, ClientTransport, number, number][] = [
  ["over TLS to one block", padded, "tls", 100, 468],
  ["over HTTPS to one block", padded, "https", 100, 468],
  ["to two blocks where one has no room for the option", padded, "tls", 465, 936],
  ["with an empty option where only that has room", padded, "tls", 464, 468],
  ["as far as a message can be long", padded, "tls", LONGEST - 7, LONGEST],
  ["not where the option has no room", padded, "tls", LONGEST - 3, LONGEST - 3],
  ["never over UDP", padded, "udp", 100, 100],
  ["never over TCP", padded, "tcp", 100, 100],
  ["not to who did not pad", { udpSize: 1232 }, "tls", 100, 100],
];

for (const [title, wish, transport, size, expected] of paddingCases) {
  test(`answers are padded ${title} (RFC 8467 §4.1)`, () => {
    const message = question({ udpSize: 1232 });
    const packed = packAnswer({
      ...parts,
      counts: [1, 0, 0],
      body: new Uint8Array(size - message.length),
    });
    const answer = finished(question(wish), packed, { transport });
    assert.equal(answer.length, expected);
    if (expected === size) return;
    const at = size;
    assert.equal(getU16(answer, at), optionCode.padding);
    assert.equal(getU16(answer, at + 2), expected - size - 4);
    assert.ok(answer.subarray(at + 4).every((octet) => octet === 0));
  });
}

test("TTLs are lessened by the answer's age, and never below 0", () => {
  const body = new Uint8Array(8);
  body[3] = 100;
  body[7] = 40;
  const packed = packAnswer({ ...parts, body, ttlPlaces: [0, 4] });
  const start = question({}).length;
  const answer = finished(question({}), packed, { ageS: 41 });
  assert.deepEqual(answer.slice(start), Uint8Array.of(0, 0, 0, 59, 0, 0, 0, 0));
});

test("each record of a set that may be rotated comes first, in the set's own order", () => {
  const body = Uint8Array.of(9, 9, 1, 1, 2, 2, 3, 3, 8);
  const packed = packAnswer({ ...parts, body, rotation: { at: 2, records: 3, bytes: 2 } });
  const by = new Finish(new Uint8Array(0));
  const seen = new Set<string>();
  for (let i = 0; i < 50; i++) {
    seen.add(finished(question({}), packed, { finish: by }).slice(question({}).length).join(" "));
  }
  assert.deepEqual([...seen].toSorted(), [
    "9 9 1 1 2 2 3 3 8",
    "9 9 2 2 3 3 1 1 8",
    "9 9 3 3 1 1 2 2 8",
  ]);
});

test("two questions that are asked in turn do not fix each other's order", () => {
  const body = Uint8Array.of(1, 2);
  const packed = packAnswer({ ...parts, body, rotation: { at: 0, records: 2, bytes: 1 } });
  const by = new Finish(new Uint8Array(0));
  const firsts = Array.from({ length: 40 }, () =>
    finished(question({}), packed, { finish: by }).at(-1),
  );
  const everySecond = new Set(firsts.filter((_, i) => i % 2 === 0));
  assert.equal(everySecond.size, 2);
});

test("where there is no question to echo, an answer is a header", () => {
  const message = question({ udpSize: 1232 });
  message[5] = 2; // two questions, of which the second cannot be read
  const answer = finished(message, packAnswer({ ...parts, rcode: rcode.FORMERR }));
  assert.equal(answer.length, 12);
  assert.equal(getU16(answer, 4), 0);
});
