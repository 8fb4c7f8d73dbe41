/** A proxy before `lethe serve`: whose word counts, over UDP and TCP. */
import assert from "node:assert/strict";
import { type Socket as UdpSocket, createSocket } from "node:dgram";
import { once } from "node:events";
import { type Socket, connect } from "node:net";
import { after, before, describe, test } from "node:test";
import { fullRcode, readMessage } from "@lethe/wire/message.ts";
import { rcodeToText } from "@lethe/wire/codes-text.ts";
import { FrameReader } from "../src/upstream/frame-reader.ts";
import { frame } from "./loopback-server.ts";
import { type Header, proxyHeader } from "./proxied.ts";
import { type Served, serve } from "./served.ts";
import { question } from "./small-resolver.ts";

const PROXY = "127.0.0.7";
const CLIENT = "127.0.0.1";
const ALLOWED = "198.51.100.1";
const STRANGER = "203.0.113.1";
const TIMEOUT_MS = 10_000;

const NAME = "printer.home.test";

/** A question with this id behind a header, or bare. */
function asked(id: number, header?: Header): Uint8Array {
  const bare = question({ name: NAME, id, udpSize: 1232 });
  return header === undefined ? bare : Uint8Array.of(...proxyHeader(header), ...bare);
}

/** Id and RCODE of an answer. */
function told(bytes: Uint8Array): string {
  const message = readMessage(bytes);
  assert.ok(message.kind === "message");
  return `${message.header.id} ${rcodeToText(fullRcode(message))}`;
}

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

for (const systemCalls of [true, false]) {
  describe(`a proxy, ${systemCalls ? "with" : "without"} system calls`, () => {
    let served: Served;

    before(async () => {
      served = await serve(
        [
          "resolve.workers=1",
          `resolve.system-calls=${systemCalls}`,
          `listen.proxy-from=["${PROXY}"]`,
          `access.allow=["127.0.0.1", "${ALLOWED}", "2001:db8::/32"]`,
          'local=[{ zone = "home.test", records = ["printer A 192.0.2.1"] }]',
        ],
        ["--sandbox"],
      );
    });

    after(async () => {
      served.child.kill("SIGTERM");
      await once(served.child, "exit");
    });

    /** Sends datagrams from an address; the first answer that comes. */
    async function firstAnswer(from: string, datagrams: readonly Uint8Array[]): Promise<string> {
      const socket: UdpSocket = createSocket("udp4");
      socket.bind(0, from);
      await once(socket, "listening");
      for (const datagram of datagrams) socket.send(datagram, served.port, "127.0.0.1");
      const signal = AbortSignal.timeout(TIMEOUT_MS);
      const [bytes] = (await once(socket, "message", { signal })) as [Uint8Array];
      socket.close();
      return told(bytes);
    }

    /** Sends bytes over a stream, piece by piece; what comes until it ends or so many answers. */
    async function stream(
      from: string,
      pieces: readonly Uint8Array[],
      answersMax: number,
    ): Promise<string[]> {
      const answers: string[] = [];
      const socket: Socket = connect({
        port: served.port,
        host: "127.0.0.1",
        localAddress: from,
        noDelay: true,
      });
      socket.on("error", () => {});
      socket.setTimeout(TIMEOUT_MS, () => socket.destroy());
      const reader = new FrameReader((bytes) => {
        answers.push(told(bytes));
        if (answers.length === answersMax) socket.destroy();
      });
      socket.on("data", (chunk: Buffer) => reader.read(chunk));
      const closed = new Promise((resolve) => socket.on("close", resolve));
      await once(socket, "connect");
      for (const piece of pieces) {
        socket.write(piece);
        await new Promise((resolve) => setImmediate(resolve));
      }
      await closed;
      return answers;
    }

    test("names its clients, who are judged as themselves", async () => {
      assert.equal(await firstAnswer(PROXY, [asked(1, { from: ALLOWED })]), "1 NOERROR");
      assert.equal(await firstAnswer(PROXY, [asked(2, { from: STRANGER })]), "2 REFUSED");
      assert.equal(await firstAnswer(PROXY, [asked(3, { from: "2001:db8::1" })]), "3 NOERROR");
      assert.equal(await firstAnswer(PROXY, [asked(4, { from: "2001:db9::1" })]), "4 REFUSED");
      assert.equal(await firstAnswer(PROXY, [asked(5, { from: ALLOWED, tlvs: 99 })]), "5 NOERROR");
    });

    test("asks for itself with its own address", async () => {
      assert.equal(await firstAnswer(PROXY, [asked(1, { command: 0x20 })]), "1 REFUSED");
    });

    test("is not answered where its header is none", async () => {
      const good = asked(9, { from: ALLOWED });
      for (const bad of [
        asked(1),
        asked(2, { from: ALLOWED, family: 0 }),
        asked(3, { from: ALLOWED, command: 0x11 }),
        proxyHeader({ from: ALLOWED }).slice(0, 20),
        proxyHeader({ from: ALLOWED }),
        bytesOf("PROXY UDP4"),
      ]) {
        assert.equal(await firstAnswer(PROXY, [bad, good]), "9 NOERROR");
      }
    });

    test("is nobody else: a header of anybody's is no question", async () => {
      assert.equal(await firstAnswer(CLIENT, [asked(1)]), "1 NOERROR");
      const id = 0x0d0a; // what a header begins with
      assert.equal(await firstAnswer(CLIENT, [asked(2, { from: ALLOWED })]), `${id} NOTIMP`);
    });

    test("names the client of a stream once, at its beginning", async () => {
      const header = (from: string): Uint8Array => proxyHeader({ from, family: 0x11 });
      const questions = [frame(asked(1)), frame(asked(2))];
      const good = [header(ALLOWED), ...questions];
      assert.deepEqual(await stream(PROXY, good, 2), ["1 NOERROR", "2 NOERROR"]);
      const together = Uint8Array.of(...good.flatMap((piece) => [...piece]));
      assert.deepEqual(await stream(PROXY, [together], 2), ["1 NOERROR", "2 NOERROR"]);
      const cut = Array.from(together, (byte) => Uint8Array.of(byte));
      assert.deepEqual(await stream(PROXY, cut, 2), ["1 NOERROR", "2 NOERROR"]);
      const strange = [header(STRANGER), ...questions];
      assert.deepEqual(await stream(PROXY, strange, 2), ["1 REFUSED", "2 REFUSED"]);
    });

    test("has its stream closed where it does not say whose it is", async () => {
      assert.deepEqual(await stream(PROXY, [frame(asked(1))], 1), []);
      const nobody = proxyHeader({ family: 0 });
      assert.deepEqual(await stream(PROXY, [nobody, frame(asked(1))], 1), []);
      assert.deepEqual(await stream(CLIENT, [frame(asked(1))], 1), ["1 NOERROR"]);
    });
  });
}
