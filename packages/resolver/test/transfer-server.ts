/** A server on a loopback address that transfers a zone, as tests want it cut and changed. */
import { rrType } from "@lethe/wire/codes.ts";
import { flag } from "@lethe/wire/header.ts";
import { readMessage } from "@lethe/wire/message.ts";
import type { Question } from "@lethe/wire/question.ts";
import type { ResourceRecord } from "@lethe/wire/record.ts";
import { MessageWriter } from "@lethe/wire/writer.ts";
import { assert } from "../src/base/assert.ts";
import { type LoopbackServer, listen } from "./loopback-server.ts";

/** What the server does that others do not. */
export interface Ways {
  readonly rcode?: number;
  /** Records in a message; 100 where absent. */
  readonly perMessage?: number;
  /** Changes the list that is sent, the SOA record at both of its ends. */
  readonly change?: (records: ResourceRecord[]) => ResourceRecord[];
  /** Changes a message before it is sent; undefined is not sent. */
  readonly spoil?: (message: Uint8Array, i: number) => Uint8Array | undefined;
}

export interface TransferServer extends LoopbackServer {
  /** Types of what was asked, in order. */
  readonly asked: number[];
}

/** Serves a zone, whose first record of type SOA is its own, at `ip`. */
export async function transferServer(
  zone: () => readonly ResourceRecord[],
  ways: Ways = {},
  ip = "127.0.0.1",
): Promise<TransferServer> {
  const asked: number[] = [];
  const server = await listen(
    ip,
    () => {},
    ({ query, reply }) => {
      const message = readMessage(query);
      assert(message.kind === "message", "transfers are asked for by messages");
      const question = message.questions[0]!;
      asked.push(question.type);
      const parts = partsOf(question, zone(), ways);
      for (const [i, records] of parts.entries()) {
        const bytes = write(message.header.id, question, records, i === 0, ways.rcode ?? 0);
        const sent = ways.spoil === undefined ? bytes : ways.spoil(bytes, i);
        if (sent !== undefined) reply(sent);
      }
    },
  );
  return { ...server, asked };
}

function partsOf(
  question: Question,
  zone: readonly ResourceRecord[],
  { perMessage = 100, change }: Ways,
): ResourceRecord[][] {
  const soa = zone.find((record) => record.type === rrType.SOA);
  assert(soa !== undefined, "a zone has a SOA record");
  if (question.type === rrType.SOA) return [[soa]];
  const plain = [soa, ...zone.filter((record) => record !== soa), soa];
  const all = change === undefined ? plain : change(plain);
  const parts: ResourceRecord[][] = [];
  for (let at = 0; at < all.length; at += perMessage) parts.push(all.slice(at, at + perMessage));
  return parts;
}

/** One message; those after the first have no question. */
function write(
  id: number,
  question: Question,
  records: readonly ResourceRecord[],
  isFirst: boolean,
  rcode: number,
): Uint8Array {
  const bytes = new Uint8Array(65_535);
  const writer = new MessageWriter(bytes);
  if (isFirst) writer.question(question);
  for (const { name, type, class: rrclass, ttl, rdata } of rcode === 0 ? records : []) {
    const fits = writer.record("answer", name, type, rrclass, ttl, rdata);
    assert(fits, "messages of tests are short");
  }
  return bytes.slice(0, writer.finish(id, flag.qr | flag.aa | rcode));
}
