/**
 * The QUIC process over loopback, with a door that echoes: RFC 9250 as its clients see it.
 *
 * The client is the library's own, which knows nothing of DNS; others are in test/interop.
 */
import assert from "node:assert/strict";
import { Socket } from "node:net";
import { after, before, describe, it } from "node:test";
import { flag } from "@lethe/wire/header.ts";
import { limits } from "../src/base/limits.ts";
import { libc as systemLibc } from "../src/system/libc.ts";
import { DROPPED, type Door, type Reply, TAKEN } from "../src/transports/door.ts";
import { DohService } from "../src/transports/doh.ts";
import { HandedOver } from "../src/transports/quic/handed-over.ts";
import { loadQuic } from "../src/transports/quic/native.ts";
import { selfSigned } from "../src/transports/self-signed.ts";
import { QuicHost } from "../src/worker/quic-host.ts";
import { NO_QUIC, QuicClient, type QuicEnd } from "./quic-client.ts";
import { plainQuery } from "./quic-messages.ts";
import { until } from "./until.ts";

const skip = loadQuic() === undefined || systemLibc() === undefined ? NO_QUIC : false;
const listed = { ip: Uint8Array.of(127, 0, 0, 1), bits: 32 };
const waiting: Reply[] = [];
const asked: string[] = [];
const deaths: string[] = [];

/** Answers with the question and QR set; keeps one for `later.` waiting, drops one for `drop.`. */
const door: Door = {
  ask(frame, at, length, _capacity, from) {
    assert.throws(() => `${from.client as unknown as string}`);
    asked.push(from.transport);
    const first = Buffer.from(frame.subarray(at + 13, at + 18)).toString("latin1");
    if (first.startsWith("drop")) return DROPPED;
    if (first.startsWith("later")) {
      waiting.push(from.later());
      return TAKEN;
    }
    frame[at + 2]! |= flag.qr >>> 8;
    return length;
  },
};

describe("DNS over QUIC", { skip }, () => {
  let host: QuicHost;
  let port = 0;
  const handedOver: HandedOver[] = [];

  before(async () => {
    const pair = await selfSigned(["127.0.0.1"], Date.now());
    const admit = { allow: [listed], refuse: [], others: "drop" } as const;
    const rows = [{ ip: "127.0.0.1", port: 0, speaks: "doq", listener: 0 }] as const;
    const workers = {
      serving: [0],
      giveQuic(_worker: number, fd: number) {
        const socket = new Socket({ fd });
        handedOver.push(new HandedOver(socket, door, new DohService(door)));
      },
    };
    host = new QuicHost(systemLibc()!, { rows, pair, admit }, workers, (why) => deaths.push(why));
    const told = await host.start();
    assert.equal(told.kind, "listening");
    if (told.kind === "listening") port = told.ports[0]!;
  });
  after(async () => {
    await host.end();
    for (const one of handedOver) one.close();
  });

  async function ask(octets: Buffer, isLast = true): Promise<QuicEnd> {
    const client = await QuicClient.connect(port, "doq");
    const end = await client.exchange(octets, isLast);
    await client.close();
    return end;
  }

  it("answers a question on its stream, and ends the stream", async () => {
    const message = plainQuery("www.example", 0);
    const end = await ask(framed(message));
    assert.equal(end.kind, "answer");
    if (end.kind !== "answer") return;
    assert.equal(end.octets.readUInt16BE(0), message.length);
    assert.equal(end.octets[4]! & 0x80, 0x80);
    assert.deepEqual(end.octets.subarray(14), message.subarray(12));
    assert.equal(asked.at(-1), "quic");
  });

  it("answers many streams of a connection, in any order", async () => {
    const client = await QuicClient.connect(port, "doq");
    const slow = client.exchange(framed(plainQuery("later.example", 0)), true);
    const quick = await Promise.all(
      Array.from({ length: 40 }, (_, i) => client.exchange(framed(plainQuery(`n${i}`, 0)), true)),
    );
    assert.ok(quick.every(({ kind }) => kind === "answer"));
    waiting.pop()!(plainQuery("later.example", 0));
    assert.equal((await slow).kind, "answer");
    await client.close();
  });

  const broken: readonly [title: string, octets: Buffer, isLast: boolean][] = [
    ["an id that is not 0", framed(plainQuery("www.example", 7)), true],
    [
      "a second message",
      Buffer.concat([framed(plainQuery("a", 0)), framed(plainQuery("b", 0))]),
      true,
    ],
    [
      "a stream that ends inside a message",
      framed(plainQuery("www.example", 0)).subarray(0, 9),
      true,
    ],
    ["a message without a header", Buffer.of(0, 2, 0, 0), true],
    ["the keepalive option", framed(plainQuery("www.example", 0, [0, 11, 0, 0])), true],
  ];
  for (const [title, octets, isLast] of broken) {
    it(`closes the connection for ${title}: DOQ_PROTOCOL_ERROR`, async () => {
      assert.deepEqual(await ask(octets, isLast), { kind: "closed", code: 2 });
    });
  }

  it("ends the stream of a question that nobody answers: DOQ_INTERNAL_ERROR", async () => {
    assert.equal((await ask(framed(plainQuery("drop.example", 0)))).kind, "reset");
  });

  it("goes on after garbage on its port", async () => {
    const { createSocket } = await import("node:dgram");
    const socket = createSocket("udp4");
    for (let i = 0; i < 200; i++) {
      socket.send(Buffer.alloc(1 + ((i * 37) % 1400), i), port, "127.0.0.1");
    }
    assert.equal((await ask(framed(plainQuery("www.example", 0)))).kind, "answer");
    socket.close();
  });

  it("forgets who waits when it takes another certificate, and answers the next", async () => {
    const client = await QuicClient.connect(port, "doq");
    const asking = client.exchange(framed(plainQuery("later.example", 0)), true);
    await until(() => waiting.length > 0);
    host.certify(await selfSigned(["127.0.0.1", "newer.example"], Date.now()));
    assert.equal((await asking).kind, "closed");
    waiting.pop()!(plainQuery("later.example", 0));
    assert.equal((await ask(framed(plainQuery("www.example", 0)))).kind, "answer");
    assert.deepEqual(deaths, []);
  });

  it("closes who is connected when others may ask, and lets them in by the new rules", async () => {
    const client = await QuicClient.connect(port, "doq");
    assert.equal((await client.exchange(framed(plainQuery("a", 0)), true)).kind, "answer");
    host.admit({ allow: [listed], refuse: [], others: "refuse" });
    const sinceMs = performance.now();
    assert.equal((await client.closed).kind, "closed");
    // Not for being idle.
    assert.ok(performance.now() - sinceMs < limits.streamIdleMs.value / 2);
    assert.equal((await ask(framed(plainQuery("www.example", 0)))).kind, "answer");
  });

  it("takes another certificate at the same port", async () => {
    host.certify(await selfSigned(["127.0.0.1", "new.example"], Date.now()));
    let end: QuicEnd | undefined;
    for (let tries = 0; tries < 20 && end?.kind !== "answer"; tries++) {
      end = await ask(framed(plainQuery("www.example", 0)));
    }
    assert.equal(end?.kind, "answer");
    // The library leaves a port within a fifth of a second.
    assert.ok(limits.quicPortTriesMax.value * limits.quicPortTryMs.value >= 1000);
  });

  it("has bounds for what a client may send", () => {
    const { quicConnectionBytesMax, quicStreamBytesMax } = limits;
    assert.ok(quicStreamBytesMax.value > limits.httpBodyBytesMax.value);
    assert.ok(quicConnectionBytesMax.value > quicStreamBytesMax.value);
  });
});

function framed(message: Buffer): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(message.length);
  return Buffer.concat([length, message]);
}
