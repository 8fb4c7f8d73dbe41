/** The resolver behind its door, in a small world: both lanes, refusals, hostile bytes. */
import { rcode, rrType } from "@lethe/wire/codes.ts";
import { flag } from "@lethe/wire/header.ts";
import { type Message, fullRcode, readMessage } from "@lethe/wire/message.ts";
import { MessageWriter } from "@lethe/wire/writer.ts";
import fc from "fast-check";
import assert from "node:assert/strict";
import { test } from "node:test";
import { SmallWorld, type Server, name, seeded } from "../../test/small-world.ts";
import { limits } from "../base/limits.ts";
import { Client } from "../privacy/client.ts";
import { type Asked, DROPPED, type Reply, TAKEN } from "../transports/door.ts";
import { Resolver, type ResolverOptions } from "./resolver.ts";

const root: Server = (qname, qtype) => {
  if (qname === ".") {
    return { aa: true, answer: [". NS a.root"], additional: ["a.root A 10.0.0.1"] };
  }
  if (qname === "many.example.") {
    return { aa: true, answer: ["1", "2", "3"].map((i) => `many.example A 192.0.2.${i}`) };
  }
  if (qname === "big.example.") {
    return { aa: true, answer: Array.from({ length: 60 }, (_, i) => `${qname} A 192.0.2.${i}`) };
  }
  if (qname === "example.") return { aa: true, authority: ["example SOA 60"] };
  if (qname === "www.example." && qtype === rrType.A) {
    return { aa: true, answer: ["www.example A 192.0.2.4"] };
  }
  return { aa: true, rcode: rcode.NXDOMAIN, authority: [". SOA 60"] };
};

const recursor = {
  rootHints: [{ name: name("a.root"), ips: [Uint8Array.of(10, 0, 0, 1)] }],
  upstreamPort: 53,
  minimise: true,
  caseRandomisation: true,
  ipv4: true,
  ipv6: false,
  mayAskLoopback: false,
  fetchAhead: false,
  negativeTtlMaxS: 3600,
};

const options: ResolverOptions = {
  recursor,
  admit: { allow: [{ ip: Uint8Array.of(127, 0, 0, 0), bits: 8 }], refuse: [], others: "refuse" },
  slow: {
    identity: { server: "here", version: undefined },
    bounds: { minS: 0, maxS: 86400, negativeMaxS: 3600 },
    recursionWithoutRd: "refuse",
  },
  cacheBytes: 16 << 20,
};

/** A resolver in the small world, asked with bytes. */
class Desk {
  readonly world = new SmallWorld({ "10.0.0.1": root });
  readonly resolver = new Resolver(options, this.world);

  ask(message: Uint8Array, over: "udp" | "tcp" = "udp", ip = Uint8Array.of(127, 0, 0, 1)) {
    const frame = new Uint8Array(65535);
    frame.set(message);
    const answers: (Uint8Array | undefined)[] = [];
    const asked: Asked = {
      transport: over,
      listener: 0,
      client: Client.at(ip, 5353),
      idleTimeoutS: over === "tcp" ? 10 : 0,
      later: (): Reply => (answer) => answers.push(answer?.slice()),
    };
    const capacity = over === "udp" ? 2048 : frame.length;
    const length = this.resolver.ask(frame, 0, message.length, capacity, asked);
    this.world.run();
    if (length === TAKEN) assert.equal(answers.length, 1, "who is answered later is answered once");
    return { bytes: length === TAKEN ? answers[0]! : frame.slice(0, length), length };
  }
}

interface Wish {
  readonly type?: number;
  readonly class?: number;
  readonly flags?: number;
  readonly size?: number;
  readonly version?: number;
  readonly dnssecOk?: boolean;
  readonly id?: number;
}

function query(qname: string, wish: Wish = {}): Uint8Array {
  const bytes = new Uint8Array(512);
  const writer = new MessageWriter(bytes);
  const type = wish.type ?? rrType.A;
  writer.question({ name: name(qname), type, class: wish.class ?? 1 });
  if (wish.size !== undefined) {
    const { size: udpSize, version = 0, dnssecOk = false } = wish;
    writer.opt({ udpSize, extendedRcode: 0, version, dnssecOk, options: [] });
  }
  return bytes.slice(0, writer.finish(wish.id ?? 7, wish.flags ?? flag.rd));
}

function read(bytes: Uint8Array): Message {
  const message = readMessage(bytes);
  assert.ok(message.kind === "message", "every answer is a message");
  return message;
}

const CASES: [title: string, asked: Uint8Array, expected: number][] = [
  ["resolves from the root", query("www.example"), rcode.NOERROR],
  ["says no such name", query("nothing"), rcode.NXDOMAIN],
  ["refuses RD=0", query("www.example", { flags: 0 }), rcode.REFUSED],
  ["refuses transfers", query("www.example", { type: rrType.AXFR }), rcode.REFUSED],
  ["answers ANY with one record", query("www.example", { type: rrType.ANY }), rcode.NOERROR],
  ["knows no MAILB", query("www.example", { type: rrType.MAILB }), rcode.NOTIMP],
  ["knows no other opcode", query("example", { flags: 0x2800 }), rcode.NOTIMP],
  ["knows EDNS version 0 only", query("example", { size: 1232, version: 1 }), rcode.BADVERS],
  ["refuses other classes", query("example", { class: 4 }), rcode.REFUSED],
  ["tells its name", query("id.server", { class: 3, type: rrType.TXT }), rcode.NOERROR],
  ["keeps its version to itself", query("version.bind", { class: 3, type: 16 }), rcode.REFUSED],
  ["asks nobody for onion names", query("abc.onion"), rcode.NXDOMAIN],
  ["answers localhost by itself", query("a.localhost"), rcode.NOERROR],
];

for (const [title, asked, expected] of CASES) {
  test(title, () => {
    const answer = read(new Desk().ask(asked).bytes);
    assert.equal(fullRcode(answer), expected);
    assert.equal(answer.header.id, 7);
  });
}

test("another network is refused", () => {
  const answer = read(new Desk().ask(query("www.example"), "udp", Uint8Array.of(8, 8, 8, 8)).bytes);
  assert.equal(fullRcode(answer), rcode.REFUSED);
});

test("answers are never answered, nor are fragments of a header", () => {
  const desk = new Desk();
  assert.equal(desk.ask(query("www.example", { flags: flag.qr })).length, DROPPED);
  assert.equal(desk.ask(new Uint8Array(11)).length, DROPPED);
});

test("the second to ask is answered in place, in his own letter case, with equal records", () => {
  const desk = new Desk();
  const first = desk.ask(query("www.example"));
  const second = desk.ask(query("WWW.eXample", { id: 9 }));
  assert.equal(first.length, TAKEN);
  assert.ok(second.length > 0);
  const answer = read(second.bytes);
  assert.equal(answer.header.id, 9);
  assert.equal(String.fromCharCode(...answer.questions[0]!.name.subarray(1, 4)), "WWW");
  assert.deepEqual(answer.answer[0]!.rdata, read(first.bytes).answer[0]!.rdata);
});

test("an answer longer than the client takes is sent empty with TC, and whole over TCP", () => {
  const desk = new Desk();
  const short = read(desk.ask(query("big.example")).bytes);
  assert.ok((short.header.flags & flag.tc) !== 0 && short.answer.length === 0);
  assert.equal(read(desk.ask(query("big.example"), "tcp").bytes).answer.length, 60);
});

test("answers keep to answerUdpBytesMin, answerUdpBytesMax and answerStreamBytesMax", () => {
  const desk = new Desk();
  const sizes = [undefined, 100, 512, 1232, 4096].map((size) => {
    const asked = query("big.example", size === undefined ? {} : { size });
    return desk.ask(asked).bytes.length;
  });
  assert.ok(sizes[0]! <= limits.answerUdpBytesMin.value && sizes[1]! <= sizes[2]!);
  assert.ok(sizes[2]! <= limits.answerUdpBytesMin.value);
  assert.ok(sizes[3]! > limits.answerUdpBytesMin.value);
  assert.ok(sizes[3]! <= limits.answerUdpBytesMax.value && sizes[4] === sizes[3]);
  const streamed = desk.ask(query("big.example"), "tcp").bytes.length;
  assert.ok(streamed <= limits.answerStreamBytesMax.value);
});

test("record sets are turned", () => {
  const desk = new Desk();
  desk.ask(query("many.example"));
  const firsts = Array.from({ length: 3 }, () =>
    read(desk.ask(query("many.example")).bytes).answer.map((record) => record.rdata[3]),
  );
  assert.deepEqual(firsts.map((order) => order[0]).toSorted(), [1, 2, 3]);
  for (const order of firsts) assert.deepEqual(order.toSorted(), [1, 2, 3]);
});

test("both lanes give equal bytes to whatever variant of a client", () => {
  const wishes = fc.record({
    id: fc.integer({ min: 0, max: 65535 }),
    flags: fc.constantFrom(flag.rd, flag.rd | flag.ad, flag.rd | flag.cd, flag.rd | 0x30),
    size: fc.option(fc.integer({ min: 0, max: 4096 }), { nil: undefined }),
    dnssecOk: fc.boolean(),
  });
  const transport = fc.constantFrom("udp" as const, "tcp" as const);
  fc.assert(
    fc.property(
      fc.constantFrom("www.example", "big.example", "none"),
      wishes,
      transport,
      (n, w, t) => {
        const { size, ...rest } = w;
        const asked = query(n, size === undefined ? rest : { ...rest, size });
        const desk = new Desk();
        const slow = desk.ask(asked, t);
        const fast = desk.ask(asked, t);
        assert.equal(slow.length, TAKEN);
        assert.ok(fast.length > 0);
        assert.deepEqual(untimed(fast.bytes), untimed(slow.bytes));
      },
    ),
    { numRuns: 60, seed: 1 },
  );
});

/** The message with each record's TTL taken out and records in one order: time and turn apart. */
function untimed(bytes: Uint8Array): unknown {
  const { kind: _, answer, ...rest } = read(bytes);
  const rows = answer.map((record) => ({ ...record, ttl: 0 }));
  return { ...rest, answer: rows.toSorted((a, b) => (a.rdata[3] ?? 0) - (b.rdata[3] ?? 0)) };
}

test("no bytes throw, and every answer to them is a message", () => {
  const desk = new Desk();
  const good = query("www.example", { size: 1232 });
  const dice = seeded(3);
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255))), (changes) => {
      const bytes = good.slice();
      for (const [at, value] of changes) bytes[at] = value;
      const cut = bytes.subarray(0, dice.uint32() % (bytes.length + 1));
      for (const sent of [bytes, cut]) {
        const answer = desk.ask(sent);
        if (answer.length !== DROPPED) read(answer.bytes);
      }
    }),
    { numRuns: 300, seed: 1 },
  );
});
