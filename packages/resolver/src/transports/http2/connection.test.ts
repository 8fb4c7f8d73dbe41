/** Tests of HTTP/2 over loopback, with the client of Node's. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { type ClientHttp2Session, connect } from "node:http2";
import { after, before, describe, it } from "node:test";
import { limits } from "../../base/limits.ts";
import { EchoServer } from "../../../test/http-echo.ts";
import { NOT_SAID, responseType } from "../http/service.ts";
import { Http2Connection } from "./connection.ts";

const server = new EchoServer(Http2Connection);
let port = 0;
before(async () => (port = await server.listening()));
after(() => server.close());

interface Got {
  readonly status: number;
  readonly headers: Record<string, unknown>;
  readonly body: string;
}

async function request(
  client: ClientHttp2Session,
  path: string,
  body?: string,
  headers: Record<string, string> = {},
): Promise<Got> {
  const stream = client.request({
    ":path": path,
    ":method": body === undefined ? "GET" : "POST",
    ...headers,
  });
  stream.end(body);
  let text = "";
  stream.setEncoding("latin1");
  stream.on("data", (chunk: string) => (text += chunk));
  const [response] = (await once(stream, "response")) as [Record<string, unknown>];
  if (!stream.readableEnded) await once(stream, "end");
  return { status: Number(response[":status"]), headers: response, body: text };
}

describe("a usual client", () => {
  let client: ClientHttp2Session;
  before(() => (client = connect(`http://127.0.0.1:${port}`)));
  after(() => client.close());

  it("gets what it asked for, with its length and age", async () => {
    const { status, headers, body } = await request(client, "/a?b=c");
    assert.deepEqual([status, body], [200, "GET /a?b=c 0"]);
    assert.equal(headers["content-length"], "12");
    assert.equal(headers["cache-control"], "max-age=60");
    assert.equal(headers["content-type"], "text/plain; charset=utf-8");
  });

  it("gets the fields of DNS answers by index, again and again", async () => {
    for (let i = 0; i < 5; i++) {
      const { headers, body } = await request(client, `/size/${i}`);
      assert.equal(body, "x".repeat(i));
      assert.equal(headers["content-type"], "application/dns-message");
      assert.equal(headers["access-control-allow-origin"], "*");
    }
  });

  it("posts a body, in one frame or in several", async () => {
    assert.equal((await request(client, "/p", "hello")).body, "POST /p 5");
    assert.equal((await request(client, "/p", "h".repeat(50_000))).body, "POST /p 50000");
    assert.equal((await request(client, "/p", "")).body, "POST /p 0");
  });

  it("gets a status that the static table does not have", async () => {
    assert.equal((await request(client, "/missing")).status, 404);
  });

  it("gets a hundred answers at once, in any order", async () => {
    const all = Array.from({ length: 100 }, (_, i) => request(client, `/n/${i}`));
    const got = await Promise.all(all);
    assert.deepEqual(
      got.map(({ body }) => body),
      got.map((_, i) => `GET /n/${i} 0`),
    );
  });

  it("gets answers longer than its window, as it makes room", async () => {
    const got = await Promise.all([1, 2, 3].map(() => request(client, "/size/65000")));
    assert.deepEqual(
      got.map(({ body }) => body.length),
      [65000, 65000, 65000],
    );
  });

  it("waits for answers that come later, and others overtake them", async () => {
    const slow = request(client, "/later");
    assert.equal((await request(client, "/fast")).body, "GET /fast 0");
    const respond = server.service.waiting.pop()!;
    const fields = [["allow", "GET"]] as const;
    const body = Buffer.from("done");
    respond({ status: 405, type: responseType.text, maxAgeS: NOT_SAID, body, fields });
    const { status, headers, body: text } = await slow;
    assert.deepEqual([status, headers["allow"], text], [405, "GET", "done"]);
    assert.equal(headers["cache-control"], undefined);
  });

  it("is told that a body is too long", async () => {
    const length = String(limits.httpBodyBytesMax.value + 1);
    const stream = client.request({ ":path": "/", ":method": "POST", "content-length": length });
    stream.on("error", () => {});
    const [response] = (await once(stream, "response")) as [Record<string, unknown>];
    assert.equal(response[":status"], 413);
    stream.close();
    assert.equal((await request(client, "/after")).status, 200);
  });

  it("is told that a target is too long", async () => {
    const longest = `/${"a".repeat(limits.httpTargetBytesMax.value - 1)}`;
    assert.equal((await request(client, longest)).status, 200);
    assert.equal((await request(client, `${longest}a`)).status, 414);
  });

  it("is told that its head is too long", async () => {
    const stuff = "a".repeat(limits.http2BlockBytesMax.value / 4);
    const fits = { "x-a": stuff, "x-b": stuff, "x-c": stuff };
    assert.equal((await request(client, "/", undefined, fits)).status, 200);
    const fields = { "x-a": stuff, "x-b": stuff, "x-c": stuff, "x-d": stuff };
    assert.equal((await request(client, "/", undefined, fields)).status, 431);
    assert.equal((await request(client, "/after")).status, 200);
  });

  it("without a table for fields gets them written out", async () => {
    const other = connect(`http://127.0.0.1:${port}`, { settings: { headerTableSize: 0 } });
    await once(other, "remoteSettings");
    for (let i = 0; i < 3; i++) assert.equal((await request(other, "/size/3")).body, "xxx");
    other.close();
  });

  it("leaves nothing held when it is gone", async () => {
    const other = connect(`http://127.0.0.1:${port}`);
    await request(other, "/p", "h".repeat(50_000));
    other.close();
    await once(other, "close");
    await new Promise((resolve) => setImmediate(resolve));
    assert.ok(server.held >= 0 && server.held < 1000, `${server.held} bytes`);
  });
});
