/**
 * The test that pins the two lanes together: the same client gets the same bytes from either.
 *
 * The fast lane answers from packed answers; the slow lane, which has none here, recalls the sets
 * that these were made from and composes anew. Time and the turn of rotated sets are held equal.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { rrType } from "@lethe/wire/codes.ts";
import { flag } from "@lethe/wire/header.ts";
import { type Wish, question } from "../../test/small-resolver.ts";
import { type Said, SmallWorld } from "../../test/small-world.ts";
import { AnswerCache } from "../cache/answer-cache.ts";
import { Client } from "../privacy/client.ts";
import type { Asked, Way } from "../transports/door.ts";
import { Asking } from "./asking.ts";
import { ClientCookies } from "./client-cookies.ts";
import { CopiedZones } from "./copied-zones.ts";
import { Counters } from "./counters.ts";
import { FastLane } from "./fast.ts";
import { Finish } from "./finish.ts";
import { LocalZones } from "./local-zones.ts";
import { PrivateAddresses } from "./private-addresses.ts";
import { Refresher } from "./refresh.ts";
import { SlowLane, wallOf } from "./slow.ts";
import { SpecialNames } from "./special-names.ts";

const addresses = (owner: string, count: number): string[] =>
  Array.from({ length: count }, (_, i) => `${owner} A 192.0.2.${i}`);

const soa = ["example SOA 60"];

/** What the one server says, by name. */
const zone: Readonly<Record<string, Said>> = {
  "one.example.": { answer: ["one.example A 192.0.2.1"] },
  "several.example.": { answer: addresses("several.example", 7) },
  "many.example.": { answer: addresses("many.example", 40) },
  "alias.example.": {
    answer: ["alias.example CNAME b.Example", "b.example CNAME c.example", "c.example A 192.0.2.9"],
  },
  "b.example.": { answer: ["b.example CNAME c.example", "c.example A 192.0.2.9"] },
  "c.example.": { answer: ["c.example A 192.0.2.9"] },
  "turned.example.": { answer: ["turned.example CNAME d.example", ...addresses("d.example", 3)] },
  "d.example.": { answer: addresses("d.example", 3) },
  "x.moved.example.": { answer: ["moved.example DNAME far.example", "x.far.example A 192.0.2.3"] },
  "x.far.example.": { answer: ["x.far.example A 192.0.2.3"] },
  "nodata.example.": { authority: soa },
  "nothing.example.": { rcode: 3, authority: soa },
  "lost.example.": { rcode: 3, answer: ["lost.example CNAME gone.example"], authority: soa },
  "gone.example.": { rcode: 3, authority: soa },
};

/** Names that only others lead to are not asked for: their sets would be renewed in between. */
const inner = new Set([
  "b.example.",
  "c.example.",
  "d.example.",
  "x.far.example.",
  "gone.example.",
]);
const names = Object.keys(zone).filter((name) => !inner.has(name));
const nsid = new TextEncoder().encode("lethe-1");
const cookies = new ClientCookies(new Uint8Array(16));

function newWorld(): SmallWorld {
  return new SmallWorld({
    "10.0.0.1": (qname, qtype) =>
      qtype === rrType.A ? { aa: true, ...zone[qname] } : { aa: true, authority: soa },
  });
}

/** A slow lane over the mesh of a world, and what its clients got. */
function slowLane(
  world: SmallWorld,
  answers: AnswerCache,
): { lane: SlowLane; asked: Asked; got: Uint8Array[] } {
  const got: Uint8Array[] = [];
  const finish = new Finish(nsid);
  const identity = { server: undefined, version: undefined };
  const { mesh } = world;
  const lane: SlowLane = new SlowLane({
    rules: {
      localZones: new LocalZones([]),
      copiedZones: new CopiedZones([], world.memory.copies, () => world.nowMs()),
      specialNames: new SpecialNames([]),
      identity,
      recursionWithoutRd: "refuse",
    },
    privateAddresses: new PrivateAddresses(undefined, []),
    bounds: { minS: 0, maxS: 86_400 },
    answers,
    fast: new FastLane(answers, finish),
    finish,
    mesh,
    world,
    counters: new Counters(),
    stale: undefined,
    refresher: new Refresher({
      answers,
      world,
      lane: () => lane,
    }),
    cookies,
  });
  const asked: Asked = {
    transport: "udp",
    listener: 0,
    client: Client.at(Uint8Array.of(127, 0, 0, 1), 4000),
    idleTimeoutS: 0,
    later: () => (answer) => {
      if (answer !== undefined) got.push(answer);
    },
  };
  return { lane, asked, got };
}

function newAnswers(world: SmallWorld): AnswerCache {
  return new AnswerCache({ sizeBytes: 1 << 18 }, world.random);
}

/** A world that knows all names, and their packed answers in all four variants. */
function warm(): { world: SmallWorld; answers: AnswerCache } {
  const world = newWorld();
  const answers = newAnswers(world);
  const { lane, asked } = slowLane(world, answers);
  for (const name of names) {
    for (const flags of [0, flag.cd]) {
      for (const dnssecOk of [false, true]) {
        const message = question({ name, flags, udpSize: 1232, dnssecOk });
        lane.answer(message, 0, message.length, message.length, asked, 0);
      }
    }
    world.run(); // at one moment: virtual time stands still but for the first question's replies
  }
  return { world, answers };
}

const option = fc.oneof(
  fc.record({
    code: fc.constantFrom(3, 8, 11, 12, 15, 65_001),
    data: fc.uint8Array({ maxLength: 9 }),
  }),
  fc.record({
    code: fc.constant(10),
    data: fc.constantFrom(new Uint8Array(8), new Uint8Array(24), new Uint8Array(40)),
  }),
);

/** A client's question, before letter case. */
const wishes = fc.record(
  {
    name: fc.constantFrom(...names),
    id: fc.nat(0xffff),
    flags: fc.constantFrom(0, flag.cd, flag.ad, flag.ad | flag.cd, flag.z, flag.tc | flag.aa),
    udpSize: fc.constantFrom(0, 511, 512, 600, 1232, 4096, 65_535),
    dnssecOk: fc.boolean(),
    options: fc.array(option, { maxLength: 3 }),
  },
  { requiredKeys: ["name", "id", "flags"] },
) as fc.Arbitrary<Wish>;

/** Turns the letters of a question's name that `mask` has a bit for. */
function withCase(message: Uint8Array, mask: number): Uint8Array {
  const turned = message.slice();
  for (let i = 13; turned[i] !== 0; i++) {
    const isLetter = /[a-z]/i.test(String.fromCharCode(turned[i]!));
    if (isLetter && ((mask >>> (i % 31)) & 1) === 1) turned[i]! ^= 0x20;
  }
  return turned;
}

const ways: readonly Way[] = [
  { transport: "udp", idleTimeoutS: 0 },
  { transport: "tcp", idleTimeoutS: 30 },
  { transport: "tls", idleTimeoutS: 30 },
  { transport: "https", idleTimeoutS: 0 },
];

test("both lanes give each client the same bytes, at any time and over any transport", () => {
  let answered = 0;
  fc.assert(
    fc.property(
      wishes,
      fc.nat(0x7fffffff),
      fc.integer({ min: 0, max: 59_000 }),
      fc.constantFrom(...ways),
      (wish, mask, passedMs, way) => {
        const { world, answers } = warm();
        const atMs = world.nowMs() + passedMs;
        world.run(atMs);
        const message = withCase(question(wish), mask);
        const frame = new Uint8Array(65_535);
        frame.set(message);
        const asking = new Asking();
        assert.ok(asking.readPlain(frame, 0, message.length));
        const { client } = slowLane(world, answers).asked;
        if (asking.cookieBytes > 0) cookies.renew(asking, client, wallOf(world));
        const fast = new FastLane(answers, new Finish(nsid));
        const length = fast.answer(frame, 0, frame.length, asking, 0, way, atMs);
        if (length === 0) return; // its smallest TTL was over
        answered++;
        const { lane, asked, got } = slowLane(world, newAnswers(world));
        const by = { ...asked, ...way };
        assert.equal(lane.answer(message, 0, message.length, message.length, by, 0), 0);
        world.run();
        assert.deepEqual(frame.slice(0, length), got[0]);
      },
    ),
    { numRuns: 150 },
  );
  assert.ok(answered > 75, "most variants are answered by the fast lane");
});
