/** `lethe query` over TLS and HTTPS: what a server must prove, and what is said else. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { once } from "node:events";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import type { IncomingHttpHeaders } from "node:http";
import type { ServerHttp2Stream } from "node:http2";
import { afterEach, describe, test } from "node:test";
import { certificateFile, keyFile, keyPin, serverName } from "../../test/certificates.ts";
import { echo, listen } from "../../test/loopback-server.ts";
import { frame, listenHttps, listenTls } from "../../test/loopback-tls.ts";
import { limits } from "../base/limits.ts";
import { SystemRandom } from "../system/random.ts";
import { type Asked, askServer, writeClientQuery } from "./dns-client.ts";
import { readQueryArguments } from "./query-arguments.ts";

const toClose: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of toClose.splice(0).toReversed()) await close();
});

async function ask(...args: readonly string[]): Promise<Asked> {
  const plan = readQueryArguments(["www.example", ...args]);
  assert.ok(!("kind" in plan), "line" in plan ? plan.line : "");
  const brief = { ...plan, timeoutMs: 300 };
  return await askServer(brief, writeClientQuery(brief, new SystemRandom()));
}

const trusting = `+tls-ca=${certificateFile("authority")}`;

type Certificate = Parameters<typeof listenTls>[1];
type OnRequest = (stream: ServerHttp2Stream, headers: IncomingHttpHeaders, body: Buffer) => void;

async function serveTls(
  certificate: Certificate = "server",
  onQuery: Parameters<typeof listenTls>[0] = ({ query, reply }) => reply(echo(query)),
): Promise<number> {
  const server = await listenTls(onQuery, certificate);
  toClose.push(() => server.close());
  return server.address.port;
}

async function serveHttps(onRequest: OnRequest): Promise<string> {
  const server = await listenHttps(onRequest);
  toClose.push(() => server.close());
  return `https://127.0.0.1:${server.address.port}`;
}

const message = { ":status": 200, "content-type": "application/dns-message" };

const judged: readonly (readonly [string, Certificate, readonly string[], string | undefined])[] = [
  ["its address in the certificate", "server", [trusting], undefined],
  ["a name in the certificate", "server", [trusting, `+tls-host=${serverName}`], undefined],
  ["no authority that is known", "server", [], "its certificate is of an authority that is not"],
  ["another name", "other-name", [trusting], "its certificate is for another name"],
  ["an expired certificate", "expired", [trusting], "its certificate has expired"],
  ["a stranger's word", "stranger", [trusting], "its certificate is of an authority that is not"],
  ["its own word", "self-signed", [trusting], "its certificate is signed by itself"],
  ["its own word, unchecked", "self-signed", ["+tls-unchecked"], undefined],
  ["its own word, and the key that is pinned", "self-signed", [`+tls-pin=${keyPin}`], undefined],
  ["another key", "server", [`+tls-pin=${"A".repeat(43)}=`], "its key is not one that is pinned"],
];

describe("a server over TLS with", () => {
  for (const [title, certificate, args, why] of judged) {
    test(title, async () => {
      const asked = await ask(`@127.0.0.1:${await serveTls(certificate)}`, "+tls", ...args);
      if (why === undefined) assert.equal(asked.kind, "reply");
      else
        assert.ok(asked.kind === "no-answer" && asked.why.startsWith(why), JSON.stringify(asked));
    });
  }
});

test("a server is asked over TLS once, padded", async () => {
  const sizes: number[] = [];
  const port = await serveTls("server", ({ query, reply }) => {
    sizes.push(query.length);
    reply(echo(query));
  });
  const asked = await ask(`@tls://127.0.0.1:${port}#${serverName}`, trusting);
  assert.ok(asked.kind === "reply");
  assert.equal(asked.transport, "tls");
  assert.deepEqual(sizes, [128]);
});

const broken: readonly (readonly [string, () => Promise<number>, string])[] = [
  ["a port that is closed", closedPort, "nobody listens there"],
  ["a server that is slow", () => serveTls("server", () => {}), "no reply within 0.3 s"],
  [
    "a server that closes in the middle of a reply",
    () => serveTls("server", ({ query, stream }) => stream.end(frame(echo(query)).subarray(0, 9))),
    "the server closed the stream",
  ],
  [
    "half a handshake",
    async () => {
      const server = await listen("127.0.0.1");
      toClose.push(() => server.close());
      return server.address.port;
    },
    "no reply within 0.3 s",
  ],
  [
    "a server that speaks no TLS",
    async () => {
      const { createServer: plain } = await import("node:net");
      const server = plain((socket) => socket.end("220 welcome\r\n"));
      server.listen(0, "127.0.0.1");
      await once(server, "listening");
      toClose.push(() => void server.close());
      return (server.address() as AddressInfo).port;
    },
    "it does not speak TLS as we do",
  ],
];

async function closedPort(): Promise<number> {
  const port = await serveTls();
  await toClose.pop()!();
  return port;
}

describe("no reply comes from", () => {
  for (const [title, serve, why] of broken) {
    test(title, async () => {
      const asked = await ask(`@127.0.0.1:${await serve()}`, "+tls", trusting);
      assert.deepEqual(asked, { kind: "no-answer", why });
    });
  }
});

describe("over HTTPS", () => {
  test("a question is a POST with the media type of messages, and an id of zero", async () => {
    const seen: IncomingHttpHeaders[] = [];
    const at = await serveHttps((stream, headers, body) => {
      seen.push(headers);
      stream.respond(message);
      stream.end(echo(body));
    });
    const asked = await ask(`@${at}/dns-query`, trusting);
    assert.ok(asked.kind === "reply");
    assert.deepEqual([asked.transport, asked.message[0], asked.message[1]], ["https", 0, 0]);
    assert.equal(seen[0]![":method"], "POST");
    assert.equal(seen[0]!["content-type"], "application/dns-message");
  });

  test("a question by GET is in the path, in base64url", async () => {
    const at = await serveHttps((stream, headers) => {
      const path = String(headers[":path"]);
      assert.match(path, /^\/q\?dns=[\w-]+$/);
      stream.respond(message);
      stream.end(echo(Buffer.from(path.slice(7), "base64url")));
    });
    const asked = await ask(`@${at}/q`, trusting, "+https-get");
    assert.ok(asked.kind === "reply");
    assert.equal(asked.transport, "https-get");
  });

  test("a server without HTTP/2 is asked over HTTP/1.1", async () => {
    const identity = {
      cert: readFileSync(certificateFile("server")),
      key: readFileSync(keyFile),
    };
    const server = createServer(identity, (request, response) => {
      const parts: Buffer[] = [];
      request.on("data", (part: Buffer) => parts.push(part));
      request.on("end", () => {
        response.writeHead(200, { "content-type": "application/dns-message" });
        response.end(echo(Buffer.concat(parts)));
      });
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    toClose.push(() => {
      server.closeAllConnections();
      server.close();
    });
    const { port } = server.address() as AddressInfo;
    const asked = await ask(`@127.0.0.1:${port}`, "+https", trusting);
    assert.equal(asked.kind, "reply");
  });

  const useless: readonly (readonly [string, OnRequest, string])[] = [
    [
      "an error status",
      (stream) => stream.respond({ ":status": 415 }, { endStream: true }),
      "HTTP status 415",
    ],
    [
      "another media type",
      (stream) => {
        stream.respond({ ...message, "content-type": "text/html" });
        stream.end("<p>");
      },
      "no application/dns-message came back",
    ],
    [
      "a reply to another question",
      (stream, _, body) => {
        stream.respond(message);
        const reply = echo(body);
        reply[13]! ^= 1;
        stream.end(reply);
      },
      "what came back is no reply to the question",
    ],
    [
      "a body that never ends",
      (stream) => {
        stream.respond(message);
        stream.end(Buffer.alloc(limits.queryBodyBytesMax.value + 1));
      },
      "its answer is longer than any that makes sense",
    ],
    ["silence", () => {}, "no reply within 0.3 s"],
  ];
  for (const [title, onRequest, why] of useless) {
    test(`${title} is told in one line`, async () => {
      const asked = await ask(`@${await serveHttps(onRequest)}/dns-query`, trusting);
      assert.deepEqual(asked, { kind: "no-answer", why });
    });
  }

  test("a body of the greatest length is read", async () => {
    const at = await serveHttps((stream) => {
      stream.respond({ ":status": 200, "content-type": "application/dns-json" });
      stream.end(Buffer.alloc(limits.queryBodyBytesMax.value, 0x20));
    });
    const asked = await ask(`@${at}/dns-query`, trusting, "+json");
    assert.equal(asked.kind === "json" && asked.text.length, limits.queryBodyBytesMax.value);
  });

  test("a question in JSON has its name and type in the path", async () => {
    const at = await serveHttps((stream, headers) => {
      assert.equal(headers[":path"], "/resolve?name=www.example.&type=TYPE65280&do=1&cd=1");
      assert.equal(headers.accept, "application/dns-json");
      stream.respond({ ":status": 200, "content-type": "application/dns-json; charset=utf-8" });
      stream.end('{"Status":0}');
    });
    const asked = await ask(`@${at}/resolve`, trusting, "+json", "TYPE65280", "+dnssec", "+cd");
    assert.equal(asked.kind === "json" && asked.text, '{"Status":0}');
  });
});
