/** TuDoor: a wrong reply that comes first is neither believed nor the end of the wait. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { setU16 } from "@lethe/wire/bytes.ts";
import { HEADER_BYTES, countAt, flag } from "@lethe/wire/header.ts";
import { limits } from "../../src/base/limits.ts";
import { type Host, SimWorld } from "../../sim/net.ts";
import { Dice } from "../../sim/seeded.ts";
import { questionEnd } from "../../src/upstream/match.ts";
import { writeQuery } from "../../src/recursor/query.ts";
import { type Server, SmallWorld, line, name } from "../small-world.ts";
import { assertTold, costOf, refersTo } from "./attacked.ts";

const SERVER = "192.0.2.1";
const link = { rttMs: 20, jitterMs: 0, lossShare: 0, duplicateShare: 0, spoofShare: 0 };

function answered(query: Uint8Array): Uint8Array {
  const reply = query.slice(0, questionEnd(query));
  setU16(reply, 2, flag.qr | flag.aa);
  setU16(reply, countAt.additional, 0);
  return reply;
}

function changed(query: Uint8Array, change: (reply: Uint8Array) => void): Uint8Array {
  const reply = answered(query);
  change(reply);
  return reply;
}

const first: readonly (readonly [string, (query: Uint8Array) => Uint8Array])[] = [
  ["nothing", () => new Uint8Array(0)],
  ["half a header", (query) => query.slice(0, 7)],
  ["another id", (query) => changed(query, (reply) => setU16(reply, 0, 1 + reply[0]! * 256))],
  ["a question, not a reply", (query) => query.slice()],
  ["no question with an answer", (query) => changed(query, (reply) => setU16(reply, 4, 0))],
  ["two questions", (query) => changed(query, (reply) => setU16(reply, 4, 2))],
  ["another name", (query) => changed(query, (reply) => void (reply[HEADER_BYTES + 1]! ^= 1))],
  ["half a question", (query) => answered(query).slice(0, HEADER_BYTES + 3)],
];

for (const [title, wrong] of first) {
  test(`${title} before the reply is ignored: the reply is waited for`, () => {
    const host: Host = {
      link,
      tcp: "refused",
      serve: (query) => ({ delayMs: 0, messages: [wrong(query), wrong(query), answered(query)] }),
    };
    const world = new SimWorld(new Dice(1), new Map([[SERVER, host]]));
    const asked = { name: name("www.example."), type: 1, class: 1 };
    const form = { edns: true, randomCase: true, recursionDesired: false };
    const query = writeQuery(asked, form, world.random);
    const results: string[] = [];
    const server = { ip: Uint8Array.of(192, 0, 2, 1), port: 53 };
    world.ask({ kind: "ask", server, transport: "udp", query, timeoutMs: 400 }, ({ kind }) => {
      results.push(kind);
    });
    world.time.runUntil(1000);
    assert.deepEqual(results, ["reply"]);
    assert.equal(world.counters.ignored, 2);
    assert.ok(limits.nearMissesMax.value >= 2, "two wrong ones are borne on the real wire too");
  });
}

test("a reply that belongs to the question and cannot be read costs one server, not the answer", () => {
  const junk: Server = (_qname, _qtype, { message }) => {
    const form = { edns: false, randomCase: false, recursionDesired: false };
    const query = writeQuery(message.questions[0]!, form, new Dice(1));
    const reply = answered(query);
    setU16(reply, 0, message.header.id);
    setU16(reply, countAt.answer, 3); // of which none is there
    return { kind: "reply", message: reply, rttMs: 10 };
  };
  const good: Server = (qname) => ({ aa: true, answer: [`${qname} A 192.0.2.1`] });
  const two: Server = (qname, qtype, asked) =>
    qname === "."
      ? refersTo({})(qname, qtype, asked)
      : {
          authority: ["good. NS a.good.", "good. NS b.good."],
          additional: ["a.good. A 10.0.0.2", "b.good. A 10.0.0.3"],
        };
  const world = new SmallWorld({ "10.0.0.1": two, "10.0.0.2": junk, "10.0.0.3": good });
  // The one that sends junk is the faster: it is asked first.
  world.memory.servers.noteReply({ ip: Uint8Array.of(10, 0, 0, 2), port: 53 }, 1, 0);
  world.memory.servers.noteReply({ ip: Uint8Array.of(10, 0, 0, 3), port: 53 }, 900, 0);
  const cost = costOf(world, () => {
    assert.equal(line(world.resolve("t.good.")), "0 | t.good. 1 192.0.2.1");
  });
  assertTold("TuDoor, one server of two sends junk", cost);
  for (const one of ["u.good.", "v.good.", "w.good.", "x.good."]) {
    assert.equal(line(world.resolve(one)), `0 | ${one} 1 192.0.2.1`);
  }
  assert.ok(world.asked.length <= 2 + 2 * 5, `${world.asked.length} questions`);
});
