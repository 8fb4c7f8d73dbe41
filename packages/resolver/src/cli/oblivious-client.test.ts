/** Tests of the oblivious client: where it sends what, and what it does not believe. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { question } from "../../test/small-resolver.ts";
import { derivePrivateKey, privateKeyOf, publicOctetsOf } from "../transports/oblivious/hpke.ts";
import {
  NONCE_BYTES,
  configContents,
  configsOf,
  openQuery,
  readSealed,
  sealResponse,
} from "../transports/oblivious/message.ts";
import { type Send, askObliviously, relayed } from "./oblivious-client.ts";
import type { HttpRequest } from "./secure-client.ts";

const TYPE = "application/oblivious-dns-message";
const key = privateKeyOf(derivePrivateKey(new Uint8Array(32)));
const configs = configsOf([configContents(publicOctetsOf(key))]);
const target = { authority: "target.test:8443", path: "/dns-query" };
const relay = { authority: "relay.test", path: "/proxy" };
const query = question({ id: 5 });

/** What is sent back; by default the question with QR set, sealed. */
interface Manner {
  readonly configs?: Uint8Array;
  readonly status?: number;
  readonly mediaType?: string;
  readonly answer?: (message: Uint8Array) => Uint8Array;
  readonly tamper?: (body: Uint8Array) => Uint8Array;
}

function sender(manner: Manner, sent: HttpRequest[] = []): Send {
  return async (request) => {
    sent.push(request);
    if (request.body === undefined) {
      return { status: 200, mediaType: "", body: manner.configs ?? configs };
    }
    const opened = openQuery(key, readSealed(request.body, 0, request.body.length)!)!;
    const echo = Uint8Array.from(opened.message);
    echo[2]! |= 0x80;
    const answer = manner.answer?.(echo) ?? echo;
    const body = sealResponse(opened, new Uint8Array(NONCE_BYTES), answer, 468);
    const { status = 200, mediaType = TYPE } = manner;
    return await Promise.resolve({ status, mediaType, body: manner.tamper?.(body) ?? body });
  };
}

describe("an oblivious question", () => {
  it("goes to the relay, sealed and padded; only the key comes from the target", async () => {
    const sent: HttpRequest[] = [];
    const reply = await askObliviously({ target, relay }, query, sender({}, sent));
    assert.ok(reply instanceof Uint8Array);
    assert.deepEqual(
      sent.map(({ method, authority, path }) => `${method} ${authority}${path}`),
      [
        "GET target.test:8443/.well-known/odohconfigs",
        "POST relay.test/proxy?targethost=target.test%3A8443&targetpath=%2Fdns-query",
      ],
    );
    const opened = openQuery(key, readSealed(sent[1]!.body!, 0, sent[1]!.body!.length)!)!;
    assert.equal((opened.plain.length - 4) % 128, 0);
    assert.deepEqual(sent[1]!.headers, { accept: TYPE, "content-type": TYPE });
  });

  it("goes by the relay's template, where it has one (RFC 9230 §4.1)", () => {
    const words = "targethost=target.test%3A8443&targetpath=%2Fdns-query";
    const templates: readonly [path: string, expanded: string][] = [
      ["/proxy", `/proxy?${words}`],
      ["/dns-query{?targethost,targetpath}", `/dns-query?${words}`],
      ["/p?a=b{&targethost,targetpath}", `/p?a=b&${words}`],
      ["/{targethost}/{targetpath}", "/target.test%3A8443/%2Fdns-query"],
    ];
    for (const [path, expanded] of templates) {
      assert.deepEqual(relayed({ ...relay, path }, target), { ...relay, path: expanded });
    }
  });

  const refused: readonly [title: string, manner: Manner, why: RegExp][] = [
    ["a target without a key", { configs: new Uint8Array(0) }, /the target has no key/],
    ["another status", { status: 401 }, /HTTP status 401/],
    ["another type", { mediaType: "text/html" }, /no sealed answer/],
    ["what was changed", { tamper: (body) => body.map((one) => one ^ 1) }, /no sealed answer/],
    ["the answer to another question", { answer: () => question({ id: 6 }) }, /no reply/],
  ];
  for (const [title, manner, why] of refused) {
    it(`is not answered by ${title}`, async () => {
      const reply = await askObliviously({ target, relay }, query, sender(manner));
      assert.ok("why" in reply);
      assert.match(reply.why, why);
    });
  }

  it("tells why nothing came", async () => {
    const silent: Send = async () => await Promise.resolve({ why: "nobody listens there" });
    const reply = await askObliviously({ target }, query, silent);
    assert.deepEqual(reply, { why: "the target: nobody listens there" });
  });
});
