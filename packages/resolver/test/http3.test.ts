/**
 * HTTP/3 over loopback, with a door that echoes: requests come to the services that the other
 * versions have.
 *
 * The client is the library's own; others are in test/interop.
 */
import assert from "node:assert/strict";
import { Socket } from "node:net";
import { after, before, describe, it } from "node:test";
import { connectAsync } from "@currentspace/http3";
import { flag } from "@lethe/wire/header.ts";
import { limits } from "../src/base/limits.ts";
import { libc as systemLibc } from "../src/system/libc.ts";
import type { Door } from "../src/transports/door.ts";
import { DohService } from "../src/transports/doh.ts";
import { HandedOver } from "../src/transports/quic/handed-over.ts";
import { loadQuic } from "../src/transports/quic/native.ts";
import { selfSigned } from "../src/transports/self-signed.ts";
import { QuicHost } from "../src/worker/quic-host.ts";
import { NO_QUIC } from "./quic-client.ts";
import { plainQuery } from "./quic-messages.ts";

const skip = loadQuic() === undefined || systemLibc() === undefined ? NO_QUIC : false;
const listed = { ip: Uint8Array.of(127, 0, 0, 1), bits: 32 };

const door: Door = {
  ask(frame, at, length) {
    frame[at + 2]! |= flag.qr >>> 8;
    return length;
  },
};

interface Answered {
  readonly status: number;
  readonly fields: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

describe("HTTP/3", { skip }, () => {
  let host: QuicHost;
  let port = 0;
  let worker: HandedOver;

  before(async () => {
    const pair = await selfSigned(["127.0.0.1"], Date.now());
    const admit = { allow: [listed], refuse: [], others: "drop" } as const;
    const rows = [{ ip: "127.0.0.1", port: 0, speaks: "h3", listener: 0 }] as const;
    const workers = {
      serving: [0],
      giveQuic(_worker: number, fd: number) {
        worker = new HandedOver(new Socket({ fd }), door, new DohService(door));
      },
    };
    host = new QuicHost(systemLibc()!, { rows, pair, admit }, workers, () => {});
    const told = await host.start();
    assert.equal(told.kind, "listening");
    if (told.kind === "listening") port = told.ports[0]!;
  });
  after(async () => {
    await host.end();
    worker.close();
  });

  async function request(
    method: string,
    path: string,
    fields: Record<string, string> = {},
    body: Buffer = Buffer.alloc(0),
  ): Promise<Answered> {
    const session = await connectAsync(`127.0.0.1:${port}`, {
      rejectUnauthorized: false,
      runtimeMode: "portable",
    });
    const head = {
      ":method": method,
      ":path": path,
      ":authority": "dns.example",
      ":scheme": "https",
    };
    const stream = session.request({ ...head, ...fields }, { endStream: body.length === 0 });
    const chunks: Buffer[] = [];
    const answered = new Promise<Answered>((resolve, reject) => {
      let got: Record<string, string> = {};
      stream.on("response", (headers: Record<string, string>) => (got = headers));
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      stream.on("end", () => {
        resolve({ status: Number(got[":status"]), fields: got, body: Buffer.concat(chunks) });
      });
      stream.on("error", reject);
    });
    if (body.length > 0) stream.end(body);
    const result = await answered;
    await session.close();
    return result;
  }

  const message = plainQuery("www.example", 0);

  it("answers a question by GET, and by POST", async () => {
    const got = await request("GET", `/dns-query?dns=${message.toString("base64url")}`);
    assert.equal(got.status, 200);
    assert.equal(got.fields["content-type"], "application/dns-message");
    assert.equal(got.body[2]! & 0x80, 0x80);
    const type = { "content-type": "application/dns-message" };
    const posted = await request("POST", "/dns-query", type, message);
    assert.deepEqual(posted.body, got.body);
  });

  it("gives a head without a body for HEAD", async () => {
    const got = await request("HEAD", `/dns-query?dns=${message.toString("base64url")}`);
    assert.equal(got.status, 200);
    assert.equal(got.body.length, 0);
  });

  const refused: readonly [title: string, status: number, () => Promise<Answered>][] = [
    ["no question", 400, () => request("GET", "/dns-query")],
    ["another method", 405, () => request("PUT", "/dns-query")],
    ["another type", 415, () => request("POST", "/dns-query", { "content-type": "x/y" }, message)],
    [
      "a body that is too long",
      413,
      () => request("POST", "/dns-query", {}, Buffer.alloc(limits.httpBodyBytesMax.value + 1)),
    ],
    [
      "a target that is too long",
      414,
      () => request("GET", `/dns-query?dns=${"A".repeat(limits.httpTargetBytesMax.value)}`),
    ],
    [
      "a length that is not the body's",
      400,
      () => request("POST", "/dns-query", { "content-length": "5" }, message),
    ],
  ];
  for (const [title, status, ask] of refused) {
    it(`refuses ${title} with ${status}`, async () => {
      assert.equal((await ask()).status, status);
    });
  }
});
