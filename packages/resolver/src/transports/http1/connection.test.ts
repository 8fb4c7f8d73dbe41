/** Tests of HTTP/1.1 over loopback: what is served, and what is refused lest it be smuggled. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { type Socket, createConnection } from "node:net";
import { after, before, describe, it } from "node:test";
import fc from "fast-check";
import { EchoServer } from "../../../test/http-echo.ts";
import { limits } from "../../base/limits.ts";
import { NOT_SAID, responseType } from "../http/service.ts";
import { Http1Connection } from "./connection.ts";

const server = new EchoServer(Http1Connection);
let port = 0;
before(async () => (port = await server.listening()));
after(() => server.close());

const connect = (): Socket => createConnection(port, "127.0.0.1");

/** Sends octets, and all that came back when the server closed. */
async function exchange(text: string, socket = connect()): Promise<string> {
  let got = "";
  socket.on("data", (chunk) => (got += chunk.toString("latin1")));
  socket.on("error", () => {});
  socket.write(Buffer.from(text, "latin1"));
  await new Promise((resolve) => socket.once("close", resolve));
  return got;
}

const statuses = (text: string): string[] =>
  [...text.matchAll(/HTTP\/1\.1 (\d+) /g)].map((match) => match[1]!);
const bodies = (text: string): string[] =>
  [...text.matchAll(/(GET|POST) \S+ \d+(?=HTTP|$)/g)].map((match) => match[0]);

const LAST = "GET /last HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n";

describe("HTTP/1.1", () => {
  const served: readonly [title: string, text: string, body: string][] = [
    ["a path with a query", "GET /a?b=c HTTP/1.1\r\nhost: a\r\n\r\n", "GET /a?b=c 0"],
    ["a whole URI", "GET https://a.b/c HTTP/1.1\r\nHost: a.b\r\n\r\n", "GET /c 0"],
    ["a body", "POST /p HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc", "POST /p 3"],
    ["no body", "POST /p HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n", "POST /p 0"],
    [
      "a body in chunks, with an extension and a trailer",
      "POST /p HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" +
        "3;x=y\r\nabc\r\nA\r\n0123456789\r\n0\r\nx-y: z\r\n\r\n",
      "POST /p 13",
    ],
    [
      "the same length twice",
      "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\ncontent-length: 1\r\n\r\nx",
      "POST / 1",
    ],
    ["blanks around values", "GET / HTTP/1.1\r\nhost: \t a \t\r\n\r\n", "GET / 0"],
  ];
  for (const [title, text, body] of served) {
    it(`serves ${title}, and the request behind it`, async () => {
      const got = await exchange(text + LAST);
      assert.deepEqual(statuses(got), ["200", "200"]);
      assert.deepEqual(bodies(got), [body, "GET /last 0"]);
    });
  }

  it("serves the same however the octets are cut", async () => {
    const text = `${served.map(([, one]) => one).join("")}${LAST}`;
    const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(sizes, async (cuts) => {
        const socket = connect();
        const done = exchange("", socket);
        for (let at = 0, i = 0; at < text.length; i++) {
          const size = cuts[i % cuts.length]!;
          socket.write(Buffer.from(text.slice(at, at + size), "latin1"));
          at += size;
          await new Promise((resolve) => setImmediate(resolve));
        }
        assert.deepEqual(bodies(await done), [...served.map(([, , body]) => body), "GET /last 0"]);
      }),
      { numRuns: 10 },
    );
  });

  it("answers an old client and closes", async () => {
    const got = await exchange("GET /old HTTP/1.0\r\n\r\n");
    assert.deepEqual(bodies(got), ["GET /old 0"]);
    assert.match(got, /^connection: close\r$/m);
  });

  it("sends the head alone where the head is asked for", async () => {
    const got = await exchange(`HEAD /h HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n`);
    assert.match(got, /content-length: 8\r\n/);
    assert.ok(got.endsWith("\r\n\r\n"));
  });

  it("asks for a body that waits to be asked for", async () => {
    const socket = connect();
    socket.write(
      "POST /p HTTP/1.1\r\nhost: a\r\nexpect: 100-continue\r\ncontent-length: 1\r\n\r\n",
    );
    const [first] = (await once(socket, "data")) as [Buffer];
    assert.equal(first.toString(), "HTTP/1.1 100 Continue\r\n\r\n");
    assert.match(await exchange(`x${LAST}`, socket), /POST \/p 1/);
  });

  it("answers in order, though the first answer comes later", async () => {
    const later = "GET /later HTTP/1.1\r\nhost: a\r\n\r\n";
    const done = exchange(`${later}GET /b HTTP/1.1\r\nhost: a\r\n\r\n${LAST}`);
    while (server.service.waiting.length === 0) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    const body = Buffer.from("GET /later 9");
    server.service.waiting.pop()!({
      status: 200,
      type: responseType.text,
      maxAgeS: NOT_SAID,
      body,
    });
    assert.deepEqual(bodies(await done), ["GET /later 9", "GET /b 0", "GET /last 0"]);
  });
});

describe("what could be understood in two ways is refused, and nothing behind it is served", () => {
  const start = "POST / HTTP/1.1\r\nhost: a\r\n";
  const cases: readonly [title: string, status: string, text: string][] = [
    ["two lengths", "400", `${start}content-length: 1\r\ncontent-length: 2\r\n\r\nx`],
    ["a list of lengths", "400", `${start}content-length: 1, 1\r\n\r\nx`],
    ["a length with a sign", "400", `${start}content-length: +1\r\n\r\nx`],
    [
      "a length and chunks",
      "400",
      `${start}content-length: 1\r\ntransfer-encoding: chunked\r\n\r\n`,
    ],
    ["another coding", "501", `${start}transfer-encoding: gzip, chunked\r\n\r\n`],
    ["two codings", "501", `${start}transfer-encoding: chunked\r\ntransfer-encoding: x\r\n\r\n`],
    ["chunks from an old client", "400", "POST / HTTP/1.0\r\ntransfer-encoding: chunked\r\n\r\n"],
    ["a blank before the colon", "400", `${start}content-length : 1\r\n\r\nx`],
    ["a folded line", "400", `${start}x: a\r\n b\r\n\r\n`],
    ["a lone line feed", "400", `${start}x: a\ncontent-length: 1\r\n\r\nx`],
    ["a lone carriage return", "400", `${start}x: a\rb\r\n\r\n`],
    ["a zero octet", "400", `${start}x: a\0b\r\n\r\n`],
    ["a field without a name", "400", `${start}: a\r\n\r\n`],
    ["a name with a blank", "400", `${start}a b: c\r\n\r\n`],
    ["no host", "400", "GET / HTTP/1.1\r\n\r\n"],
    ["two hosts", "400", "GET / HTTP/1.1\r\nhost: a\r\nhost: b\r\n\r\n"],
    ["a target with a blank", "400", "GET /a b HTTP/1.1\r\nhost: a\r\n\r\n"],
    ["a target that is no path", "400", "GET a HTTP/1.1\r\nhost: a\r\n\r\n"],
    ["a line of nothing", "400", "\r\n\r\nGET / HTTP/1.1\r\nhost: a\r\n\r\n"],
    ["another version", "505", "GET / HTTP/2.0\r\nhost: a\r\n\r\n"],
    ["another protocol", "400", "SSH-2.0-client\r\n\r\n"],
    ["an expectation that nobody knows", "417", `${start}expect: tea\r\n\r\n`],
    ["a chunk without its size", "400", `${start}transfer-encoding: chunked\r\n\r\nx\r\n`],
    [
      "a chunk longer than its size",
      "400",
      `${start}transfer-encoding: chunked\r\n\r\n1\r\nabc\r\n`,
    ],
    ["a size with a sign", "400", `${start}transfer-encoding: chunked\r\n\r\n+1\r\na\r\n`],
    ["a size with 0x", "400", `${start}transfer-encoding: chunked\r\n\r\n0x1\r\na\r\n`],
    ["chunks that are too long", "413", `${start}transfer-encoding: chunked\r\n\r\nFFFFFF\r\na`],
    [
      "a body that is too long",
      "413",
      `${start}content-length: ${limits.httpBodyBytesMax.value + 1}\r\n\r\nx`,
    ],
    [
      "a target that is too long",
      "414",
      `GET /${"a".repeat(limits.httpTargetBytesMax.value)} HTTP/1.1\r\nhost: a\r\n\r\n`,
    ],
    [
      "a head that is too long",
      "431",
      `${start}x: ${"a".repeat(limits.http1HeadBytesMax.value)}\r\n\r\n`,
    ],
  ];
  for (const [title, status, text] of cases) {
    it(title, async () => {
      assert.deepEqual(statuses(await exchange(text + LAST)), [status]);
    });
  }

  it("never throws, whatever comes", async () => {
    const parts = "GET |POST |/a| HTTP/1.1|\r\n|\n|host: a|content-length: |1|0|A|:|;| |\0";
    const word = fc.constantFrom(...parts.split("|"), "transfer-encoding: chunked");
    await fc.assert(
      fc.asyncProperty(fc.array(word, { maxLength: 40 }), async (words) => {
        const socket = connect();
        const done = exchange(words.join(""), socket);
        socket.end();
        await done;
      }),
      { numRuns: 200 },
    );
    assert.equal(statuses(await exchange(LAST)).length, 1);
  });
});
