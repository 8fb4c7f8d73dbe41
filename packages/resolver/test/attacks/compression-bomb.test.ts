/** Compression bombs: messages that are short on the wire and long to whoever unpacks them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { setU16 } from "@lethe/wire/bytes.ts";
import { rcode } from "@lethe/wire/codes.ts";
import { fullRcode, readMessage } from "@lethe/wire/message.ts";
import { SmallResolver, question, read } from "../small-resolver.ts";
import type { Server } from "../small-world.ts";
import { assertTold, costOf, many, refersTo } from "./attacked.ts";

const ROOT = "10.0.0.1";
const EVIL = "10.0.0.2";
const OTHER = "10.0.0.3";

/** Labels of one letter up to the longest name, which every record then points to. */
const LONG = many(120, () => "a").join(".");

/** A reply of 64 kB: a long name once, and records whose owner and data point to it. */
function bomb(query: Uint8Array, nameAt: number): Uint8Array {
  const head = [query[0]!, query[1]!, 0x84, 0, 0, 1, 0, 0, 0, 0, 0, 0];
  const labels = LONG.split(".").flatMap((label) => [1, label.charCodeAt(0)]);
  const reply = new Uint8Array(65_500);
  reply.set([...head, ...labels, 0, 0, 2, 0, 1]);
  let at = head.length + labels.length + 5;
  let count = 0;
  for (; at + 14 <= reply.length; count++) {
    reply.set([0xc0, nameAt, 0, 2, 0, 1, 0, 0, 0, 60, 0, 2, 0xc0, nameAt], at);
    at += 14;
  }
  setU16(reply, 6, count);
  return reply.slice(0, at);
}

test("a reply of 64 kB that would unpack to megabytes is malformed", () => {
  const bytes = bomb(new Uint8Array(12), 12);
  const message = readMessage(bytes);
  assert.equal(message.kind, "malformed");
});

test("a server that sends bombs is left for another, and no client is kept waiting", () => {
  const evil: Server = (_qname, _type, { message }) => ({
    kind: "reply",
    message: bomb(Uint8Array.of(message.header.id >> 8, message.header.id & 255), 12),
    rttMs: 10,
  });
  const good: Server = (qname) => ({ aa: true, answer: [`${qname} A 192.0.2.1`] });
  const root: Server = (qname, qtype, asked) =>
    qname === "."
      ? refersTo({})(qname, qtype, asked)
      : {
          authority: ["evil. NS a.evil.", "evil. NS b.evil."],
          additional: [`a.evil. A ${EVIL}`, `b.evil. A ${OTHER}`],
        };
  const small = new SmallResolver({ [ROOT]: root, [EVIL]: evil, [OTHER]: good });
  const cost = costOf(small.world, () => {
    assert.equal(small.answer({ name: "y.evil." }).answer.length, 1);
  });
  assertTold("compression bomb, from one server of two", cost);
  for (const name of many(19, (index) => `x${index}.evil.`)) {
    assert.equal(small.answer({ name }).answer.length, 1);
  }
  assert.ok(small.world.asked.length <= 2 + 40, `${small.world.asked.length} questions`);
});

test("a client's bomb is a format error", () => {
  const small = new SmallResolver({});
  const asked = bomb(new Uint8Array(12), 12);
  asked[2] = 1;
  assert.equal(fullRcode(read(small.ask(asked, { idleTimeoutS: 10 }))), rcode.FORMERR);
});

test("an answer of hundreds of different names is written with bounded compression", () => {
  const evil: Server = (qname) => ({
    aa: true,
    answer: many(400, (index) => `${qname} PTR p${index}.${many(20, String).join(".")}.evil.`),
  });
  const small = new SmallResolver({ [ROOT]: refersTo({ "evil.": EVIL }), [EVIL]: evil });
  const answer = small.ask(question({ name: "www.evil.", type: 12 }), { idleTimeoutS: 10 });
  assert.equal(read(answer).answer.length, 400);
});
