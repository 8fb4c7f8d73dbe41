/** Tests of frames that break the rules of HTTP/2 (RFC 9113). */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import {
  GET,
  HELLO,
  POST,
  RawHttp2Client,
  WHOLE,
  frame,
  headers,
} from "../../../test/http2-client.ts";
import { EchoServer } from "../../../test/http-echo.ts";
import { PREFACE, frameFlag, frameType, h2Error } from "./frames.ts";
import { Http2Connection } from "./connection.ts";

const server = new EchoServer(Http2Connection);
let port = 0;
before(async () => (port = await server.listening()));
after(() => server.close());

describe("what breaks the protocol ends the connection", () => {
  const { protocolError, frameSizeError, flowControlError, compressionError } = h2Error;
  const cases: readonly [title: string, error: number, frames: Buffer[]][] = [
    ["no settings first", protocolError, [PREFACE as Buffer, headers(1, GET)]],
    ["a stream of an even number", protocolError, [HELLO, headers(2, GET)]],
    ["a head on stream 0", protocolError, [HELLO, headers(0, GET)]],
    ["data on stream 0", protocolError, [HELLO, frame(frameType.data, 0, 0, "00")]],
    [
      "data on a stream that was never opened",
      protocolError,
      [HELLO, frame(frameType.data, 1, 1, "00")],
    ],
    [
      "a frame that is too long",
      frameSizeError,
      [HELLO, frame(frameType.data, 0, 1, Buffer.alloc(16385))],
    ],
    ["a push from the client", protocolError, [HELLO, frame(frameType.pushPromise, 4, 1, "00")]],
    ["a block that is not compressed well", compressionError, [HELLO, headers(1, "80")]],
    [
      "a frame within a block",
      protocolError,
      [
        HELLO,
        headers(1, GET, frameFlag.endStream),
        frame(frameType.ping, 0, 0, "0000000000000000"),
      ],
    ],
    [
      "a block that goes on on another stream",
      protocolError,
      [
        HELLO,
        headers(1, "82", frameFlag.endStream),
        frame(frameType.continuation, frameFlag.endHeaders, 3, "8784"),
      ],
    ],
    [
      "a continuation of nothing",
      protocolError,
      [HELLO, frame(frameType.continuation, 4, 1, "82")],
    ],
    [
      "padding longer than its frame",
      protocolError,
      [HELLO, headers(1, `ff${GET}`, WHOLE | frameFlag.padded)],
    ],
    ["settings of a wrong length", frameSizeError, [HELLO, frame(frameType.settings, 0, 0, "00")]],
    ["settings on a stream", protocolError, [HELLO, frame(frameType.settings, 0, 1)]],
    [
      "an acknowledgement with settings in it",
      frameSizeError,
      [HELLO, frame(frameType.settings, 1, 0, "000300000001")],
    ],
    [
      "a window that begins too wide",
      flowControlError,
      [HELLO, frame(frameType.settings, 0, 0, "000480000000")],
    ],
    [
      "frames of a size that none may have",
      protocolError,
      [HELLO, frame(frameType.settings, 0, 0, "000500000001")],
    ],
    [
      "a push setting that is no truth value",
      protocolError,
      [HELLO, frame(frameType.settings, 0, 0, "000200000002")],
    ],
    ["a ping of a wrong length", frameSizeError, [HELLO, frame(frameType.ping, 0, 0, "00")]],
    [
      "a window widened by nothing",
      protocolError,
      [HELLO, frame(frameType.windowUpdate, 0, 0, "00000000")],
    ],
    [
      "a window widened too far",
      flowControlError,
      [HELLO, frame(frameType.windowUpdate, 0, 0, "7fffffff")],
    ],
    [
      "a reset of a stream that was never opened",
      protocolError,
      [HELLO, frame(frameType.rstStream, 0, 1, "00000008")],
    ],
  ];
  for (const [title, error, frames] of cases) {
    it(title, async () => {
      const client = new RawHttp2Client(port);
      client.send(...frames);
      assert.equal(await client.error(), error);
    });
  }

  it("another beginning is not answered at all", async () => {
    const client = new RawHttp2Client(port);
    client.send(Buffer.from("GET / HTTP/1.1\r\nhost: a\r\n\r\n"));
    assert.equal(await client.error(), undefined);
  });
});

describe("what breaks a stream's rules ends the stream only", () => {
  const cases: readonly [title: string, block: string][] = [
    ["no path", "8287"],
    ["two methods", "82838784"],
    ["no scheme", "8284"],
    ["an ordinary field before the path", "828750 00 84".replaceAll(" ", "")],
    ["a name in upper case", `${GET}0001410162`],
    ["a field about the connection", `${GET}000a636f6e6e656374696f6e0161`],
    ["te of something", `${GET}00027465046765697a`],
    ["a path that does not begin with a slash", "828704 0161".replaceAll(" ", "")],
    ["a status in a request", "88828784"],
    ["a body where the head says that there is one and none comes", `${GET}5c0135`],
    ["a length that is no number", `${GET}5c0161`],
    ["two lengths", `${GET}5c01305c0131`],
  ];
  for (const [title, block] of cases) {
    it(title, async () => {
      const client = new RawHttp2Client(port);
      client.send(HELLO, headers(1, block));
      const { id, payload } = await client.next(frameType.rstStream);
      assert.deepEqual([id, payload.readUInt32BE(0)], [1, h2Error.protocolError]);
      client.send(headers(3, GET));
      assert.equal((await client.next(frameType.headers)).id, 3);
      client.socket.destroy();
    });
  }

  it("a body that is shorter than its length", async () => {
    const client = new RawHttp2Client(port);
    client.send(
      HELLO,
      headers(1, `${POST}5c0135`, frameFlag.endHeaders),
      frame(frameType.data, frameFlag.endStream, 1, "aabb"),
    );
    assert.equal((await client.next(frameType.rstStream)).id, 1);
    client.socket.destroy();
  });

  it("a trailer ends a body, and one with a pseudo-header field is none", async () => {
    const client = new RawHttp2Client(port);
    client.send(HELLO);
    for (const [id, trailer] of [
      [1, "0001780179"],
      [3, "82"],
    ] as const) {
      client.send(
        headers(id, POST, frameFlag.endHeaders),
        frame(frameType.data, 0, id, "aabb"),
        headers(id, trailer),
      );
    }
    assert.equal((await client.next(frameType.headers)).id, 1);
    assert.equal((await client.next(frameType.rstStream)).id, 3);
    client.socket.destroy();
  });

  it("a body longer than the longest: 413, and what is on its way is passed over", async () => {
    const client = new RawHttp2Client(port);
    client.send(HELLO, headers(1, POST, frameFlag.endHeaders));
    const part = Buffer.alloc(16384);
    for (let i = 0; i < 5; i++) {
      client.send(frame(frameType.data, 0, 1, part));
      if (i === 2) await client.next(frameType.windowUpdate);
    }
    const { payload } = await client.next(frameType.headers);
    assert.equal(payload.includes("413"), true);
    const { payload: error } = await client.next(frameType.rstStream);
    assert.equal(error.readUInt32BE(0), h2Error.noError);
    client.socket.destroy();
  });
});
