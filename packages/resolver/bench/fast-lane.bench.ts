/**
 * What the fast lane costs per question above the socket layer: CPU time and bytes allocated.
 *
 * A thousand names are in the cache; questions for them go through the door, one read of the clock
 * in each. A box for one number would be seen as 16 bytes. The first round is the compiler's.
 */
import { assert } from "../src/base/assert.ts";
import type { Resolver } from "../src/serve/resolver.ts";
import type { Asked } from "../src/transports/door.ts";
import { Client } from "../src/privacy/client.ts";
import { SmallResolver, type Wish, question } from "../test/small-resolver.ts";
import { Meter, tell } from "./figure.ts";

const NAMES = 1000;
const QUESTIONS = 1_000_000;
const ROUNDS = 5;
const FRAME_BYTES = 2048;
/** A header, a question and an A record take more than that. */
const ANSWER_BYTES_MIN = 40;

const asked: Asked = {
  transport: "udp",
  listener: 0,
  client: Client.at(Uint8Array.of(127, 0, 0, 1), 4000),
  idleTimeoutS: 0,
  later: () => {
    throw new Error("every name is in the cache");
  },
};

/** An RRSIG record by ECDSA of the names' zone; what it holds is not looked at. */
const SIGNATURE = `#00010d030000012c7000000060000000000107${hex("example")}03${hex("com")}00${"5a".repeat(64)}`;

function hex(text: string): string {
  return Buffer.from(text).toString("hex");
}

/** A title, the records of each answer, and what a client says of itself. */
const kinds: readonly (readonly [string, readonly string[], Wish])[] = [
  ["one A record, no EDNS", ["A 192.0.2.1"], {}],
  ["one A record, EDNS", ["A 192.0.2.1"], { udpSize: 1232 }],
  [
    "eight A records, EDNS",
    [1, 2, 3, 4, 5, 6, 7, 8].map((i) => `A 192.0.2.${i}`),
    { udpSize: 1232 },
  ],
  [
    "one A record with its signature, DO",
    ["A 192.0.2.1", `RRSIG ${SIGNATURE}`],
    { udpSize: 1232, dnssecOk: true },
  ],
];

for (const [title, records, client] of kinds) {
  const small = new SmallResolver(
    {
      "10.0.0.1": (qname) => ({ aa: true, answer: records.map((text) => `${qname} ${text}`) }),
    },
    {},
    { cacheBytes: 1 << 24 },
  );
  const wishes = Array.from({ length: NAMES }, (_, i) => ({
    name: `www${i}.example.com`,
    ...client,
  }));
  for (const wish of wishes) small.answer(wish);
  const messages = wishes.map(question);
  small.world.nowMs = () => Math.floor(performance.now());
  for (let round = 0; round < ROUNDS; round++) run(title, small.resolver, messages);
}

function run(title: string, resolver: Resolver, messages: readonly Uint8Array[]): void {
  const frame = new Uint8Array(FRAME_BYTES);
  const meter = new Meter();
  let bytes = 0;
  for (let i = 0; i < QUESTIONS; i++) {
    const message = messages[i % NAMES]!;
    for (let j = 0; j < message.length; j++) frame[j] = message[j]!;
    bytes += resolver.ask(frame, 0, message.length, FRAME_BYTES, asked);
  }
  const each = meter.each(QUESTIONS);
  assert(bytes > QUESTIONS * ANSWER_BYTES_MIN, "each question was answered");
  tell({ title: `fast lane, ${title}`, ...each });
}
