/** Tests of what a client of HTTP/2 may do too much of, and of how a connection ends. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { after, before, describe, it } from "node:test";
import {
  GET,
  HELLO,
  POST,
  RawHttp2Client,
  SETTINGS,
  frame,
  headers,
} from "../../../test/http2-client.ts";
import { EchoServer } from "../../../test/http-echo.ts";
import { limits } from "../../base/limits.ts";
import { NOT_SAID, responseType } from "../http/service.ts";
import { frameFlag, frameType, h2Error } from "./frames.ts";
import { Http2Connection } from "./connection.ts";

const server = new EchoServer(Http2Connection);
let port = 0;
before(async () => (port = await server.listening()));
after(() => server.close());

describe("floods", () => {
  const ping = frame(frameType.ping, 0, 0, "0000000000000000");
  const GOODWILL = limits.http2GoodwillMax.value;
  const flood = async (...frames: Buffer[]): Promise<number | undefined> => {
    const client = new RawHttp2Client(port);
    client.send(HELLO, ...frames);
    return client.error();
  };
  const many = (count: number, make: (i: number) => Buffer): Buffer[] =>
    Array.from({ length: count }, (_, i) => make(i));

  const cases: readonly [title: string, frames: Buffer[]][] = [
    ["of pings", many(GOODWILL + 1, () => ping)],
    ["of settings", many(GOODWILL + 1, () => SETTINGS)],
    ["of frames of no known kind", many(GOODWILL + 1, () => frame(99, 0, 0))],
    ["of priorities", many(GOODWILL + 1, () => frame(frameType.priority, 0, 1, "0000000000"))],
    [
      "of continuations",
      [
        headers(1, "82", frameFlag.endStream),
        ...many(limits.http2ContinuationsMax.value + 1, () =>
          frame(frameType.continuation, 0, 1, ""),
        ),
      ],
    ],
    [
      "of long continuations",
      [
        headers(1, "82", frameFlag.endStream),
        ...many(2, () => frame(frameType.continuation, 0, 1, Buffer.alloc(9000))),
      ],
    ],
    [
      "of empty data",
      [
        headers(1, POST, frameFlag.endHeaders),
        ...many(GOODWILL + 1, () => frame(frameType.data, 0, 1)),
      ],
    ],
    [
      "of requests that are cancelled at once",
      many(GOODWILL, (i) =>
        Buffer.concat([
          headers(2 * i + 1, POST, frameFlag.endHeaders),
          frame(frameType.rstStream, 0, 2 * i + 1, "00000008"),
        ]),
      ),
    ],
  ];
  for (const [title, frames] of cases) {
    it(`${title} end the connection`, async () => {
      assert.equal(await flood(...frames), h2Error.enhanceYourCalm);
    });
  }

  it("a client that asks may ping as often as it asks, for ever", async () => {
    const client = new RawHttp2Client(port);
    client.send(HELLO);
    for (let i = 0; i < 2 * GOODWILL; i++) client.send(ping, headers(2 * i + 1, GET));
    for (let i = 0; i < 2 * GOODWILL; i++) await client.next(frameType.headers);
    client.socket.destroy();
  });

  it("requests that are abandoned count until they are answered", async () => {
    const client = new RawHttp2Client(port);
    client.send(HELLO);
    const later = `8287${"4486"}${"2f6c61746572"}`.replace("4486", "0406");
    const most = limits.http2StreamsMax.value;
    for (let i = 0; i < 50; i++) {
      client.send(headers(2 * i + 1, later), frame(frameType.rstStream, 0, 2 * i + 1, "00000008"));
    }
    for (let i = 50; i < most; i++) client.send(headers(2 * i + 1, later));
    client.send(headers(2 * most + 1, later));
    const { id, payload } = await client.next(frameType.rstStream);
    assert.deepEqual([id, payload.readUInt32BE(0)], [2 * most + 1, h2Error.refusedStream]);
    assert.equal(server.service.waiting.length, most);
    const body = Buffer.from("x");
    for (const respond of server.service.waiting.splice(0)) {
      respond({ status: 200, type: responseType.text, maxAgeS: NOT_SAID, body });
    }
    client.send(headers(2 * most + 3, GET));
    for (;;) if ((await client.next(frameType.headers)).id === 2 * most + 3) break;
    client.socket.destroy();
  });

  it("a client that does not read is not read from, and goes when it stays idle", async () => {
    const client = new RawHttp2Client(port);
    client.send(HELLO, frame(frameType.settings, 0, 0, "000400000000"), headers(1, GET));
    assert.equal((await client.next(frameType.headers)).id, 1);
    for (const session of server.sessions) session.closeIfIdle(Infinity);
    assert.equal(await client.error(), undefined);
  });

  it("a client that makes room octet by octet is sent octets, and then ended", async () => {
    const client = new RawHttp2Client(port);
    client.send(HELLO, frame(frameType.settings, 0, 0, "000400000000"), headers(1, GET));
    client.send(...many(GOODWILL, () => frame(frameType.windowUpdate, 0, 1, "00000001")));
    const { payload } = await client.next(frameType.data);
    assert.equal(payload.length, 1);
    client.socket.destroy();
  });
});

describe("ending", () => {
  it("tells an idle client, and one that waits gets its answer first", async () => {
    const idle = new RawHttp2Client(port);
    const waiting = new RawHttp2Client(port);
    idle.send(HELLO, headers(1, GET));
    waiting.send(HELLO, headers(1, "828704062f6c61746572"));
    await idle.next(frameType.headers);
    await waiting.next(frameType.settings);
    while (server.service.waiting.length === 0)
      await new Promise((resolve) => setImmediate(resolve));
    for (const session of server.sessions) session.end();
    assert.equal(await idle.error(), h2Error.noError);
    const { payload } = await waiting.next(frameType.goaway);
    assert.equal(payload.readUInt32BE(0), 1);
    const body = Buffer.from("x");
    server.service.waiting.pop()!({
      status: 200,
      type: responseType.text,
      maxAgeS: NOT_SAID,
      body,
    });
    assert.equal((await waiting.next(frameType.data)).payload.toString(), "x");
    await once(waiting.socket, "close");
  });
});
