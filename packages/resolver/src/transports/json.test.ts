/** Tests of JSON: every example of its specification, byte by byte, and what is refused. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { rrType } from "@lethe/wire/codes.ts";
import { readMessage } from "@lethe/wire/message.ts";
import { rdataFromText } from "@lethe/wire/rdata-text.ts";
import fc from "fast-check";
import { type TestRequest, headOf, request } from "../../test/http-requests.ts";
import { SmallResolver } from "../../test/small-resolver.ts";
import type { Said } from "../../test/small-world.ts";
import { limits } from "../base/limits.ts";
import type { HttpResponse } from "./http/service.ts";
import { JsonService, wantsJson } from "./json.ts";

/** The data of `www.example` by type. */
const DATA: Readonly<Record<string, string>> = {
  A: "192.0.2.1",
  MX: "10 mail.example.",
  HTTPS: "1 . alpn=h3,h2 ipv4hint=192.0.2.1",
  CAA: '0 issue "letsencrypt.org"',
  TLSA: "3 1 1 aabbccdd",
  DS: "12345 8 2 aabb",
  DNSKEY: "257 3 8 AwEA",
  HINFO: '"a" "b c"',
  TXT: '"v=spf1 -all" "say \\"x\\" \\200"',
  NULL: "\\# 4 0A00000F",
};

function answerOf(qname: string, qtype: number): Said {
  if (qname.startsWith("broken")) return { rcode: 5 };
  if (qname.startsWith("alias")) return { aa: true, answer: [`${qname} CNAME www.example`] };
  const type = Object.keys(DATA).find((name) => rrType[name as keyof typeof rrType] === qtype);
  if (type === undefined) return { aa: true };
  const rdata = rdataFromText(qtype, DATA[type]!);
  assert.ok(rdata instanceof Uint8Array);
  return { aa: true, answer: [`${qname} ${type} #${rdata.toHex()}`] };
}

const small = new SmallResolver({ "10.0.0.1": answerOf });
const services = {
  "/dns-query": new JsonService(small.resolver, "cloudflare"),
  "/resolve": new JsonService(small.resolver, "google"),
} as const;

/** Sends a request to the service of its path. */
function ask(asked: TestRequest, capacity?: number): HttpResponse {
  const path = asked.target.startsWith("/resolve") ? "/resolve" : "/dns-query";
  const response = request(services[path], asked, () => small.world.run(), capacity);
  assert.ok(response !== undefined, "there is a response");
  return response;
}

const bodyOf = (response: HttpResponse): string => Buffer.from(response.body).toString("utf8");

const SPECIFICATION = join(import.meta.dirname, "../../../../docs/specs/json.md");
const EXAMPLE = /```example\nGET (\S+)\n(.+)\n```/g;

describe("the examples of docs/specs/json.md", () => {
  const examples = [...readFileSync(SPECIFICATION, "utf8").matchAll(EXAMPLE)];
  assert.equal(examples.length, 20);
  for (const [, target, body] of examples) {
    it(`answers ${target} with the bytes that stand there, also the second time`, () => {
      for (let i = 0; i < 2; i++) {
        const response = ask({ target: target! });
        assert.equal(bodyOf(response), body);
        assert.equal(response.status, body!.startsWith('{"error"') ? 400 : 200);
      }
    });
  }
});

describe("JSON", () => {
  it("has the type of its dialect, and lives as long as the answer", () => {
    const cloudflare = ask({ target: "/dns-query?name=www.example" });
    assert.deepEqual([cloudflare.type, cloudflare.maxAgeS], ["application/dns-json", 300]);
    const google = ask({ target: "/resolve?name=www.example" });
    assert.deepEqual([google.type, google.maxAgeS], ["application/json; charset=UTF-8", 300]);
  });

  it("gives Google's clients the message itself where they want it", () => {
    const response = ask({ target: "/resolve?name=www.example&ct=application/dns-message" });
    assert.equal(response.type, "application/dns-message");
    const message = readMessage(response.body);
    assert.ok(message.kind === "message" && message.answer.length === 1);
  });

  it("takes no client subnet but the one that tells nothing", () => {
    for (const subnet of ["0.0.0.0/0", "::/0", "0.0.0.0%2F0"]) {
      const target = `/resolve?name=www.example&edns_client_subnet=${subnet}&random_padding=xxx`;
      assert.equal(ask({ target }).status, 200);
    }
  });

  it("decodes names as forms write them, and escapes behind that", () => {
    const names: readonly [encoded: string, name: string][] = [
      ["www%2Eexample", "www.example"],
      ["a+b.example", "a\\ b.example"],
      ["a%5C.b.example", "a\\.b.example"],
      ["%5C000.example", "\\000.example"],
      ["www.example.", "www.example"],
    ];
    for (const [encoded, name] of names) {
      const body = bodyOf(ask({ target: `/dns-query?name=${encoded}` }));
      const [question] = (JSON.parse(body) as { Question: { name: string }[] }).Question;
      assert.equal(question!.name, name.toLowerCase());
    }
  });

  const refused: readonly [title: string, query: string][] = [
    ["an empty name", "name="],
    ["an empty label", "name=.example"],
    ["a label of 64 octets", `name=${"a".repeat(64)}.example`],
    ["a name that is not ASCII", "name=%C3%A9.example"],
    ["a broken encoding", "name=%zz.example"],
    ["a control character", "name=a%0Ab"],
    ["a type that nobody knows", "name=www.example&type=NOTATYPE"],
    ["a type beyond 65535", "name=www.example&type=65536"],
    ["a DO flag that is none", "name=www.example&do=yes"],
    ["a content type that is not had", "name=www.example&ct=text/html"],
  ];
  for (const [title, query] of refused) {
    it(`refuses ${title}, and repeats no name`, () => {
      for (const path of Object.keys(services)) {
        const response = ask({ target: `${path}?${query}` });
        assert.equal(response.status, 400);
        assert.doesNotMatch(bodyOf(response), /example|%|aaaa/);
        assert.equal(typeof (JSON.parse(bodyOf(response)) as { error: string }).error, "string");
      }
    });
  }

  it("refuses values of more than queryValueCharsMax characters", () => {
    const most = limits.queryValueCharsMax.value;
    const padded = (chars: number): string => `%${"61".repeat(1)}`.repeat(chars / 3);
    const long = ask({ target: `/dns-query?name=www.example&do=${padded(3000)}` });
    assert.equal(long.status, 400);
    // A name whose octets are all escaped, and encoded: as long as one can be.
    const label = "%5C097".repeat(63);
    const name = `${label}.${label}.${label}.${"%5C097".repeat(61)}`;
    assert.ok(name.length <= most);
    assert.equal(ask({ target: `/dns-query?name=${name}` }).status, 200);
  });

  it("shows jsonShownCharsMax characters of what is wrong, and nothing that is markup", () => {
    const most = limits.jsonShownCharsMax.value;
    const { error } = JSON.parse(
      bodyOf(ask({ target: `/dns-query?name=a&cd=${"x".repeat(most)}<b>` })),
    ) as { error: string };
    assert.match(error, new RegExp(`^Invalid CD flag \`x{${most}}\`\\.`));
    const marked = bodyOf(ask({ target: "/dns-query?name=a&cd=<script>" }));
    assert.doesNotMatch(marked, /[<>]/);
  });

  it("serves GET and HEAD only", () => {
    for (const path of Object.keys(services)) {
      assert.equal(ask({ method: "PUT", target: `${path}?name=www.example` }).status, 405);
      assert.equal(ask({ method: "HEAD", target: `${path}?name=www.example` }).status, 200);
    }
  });

  it("refuses clients as every transport does", () => {
    const stranger = ask({ target: "/dns-query?name=www.example", ip: [192, 0, 2, 9] });
    assert.equal((JSON.parse(bodyOf(stranger)) as { Status: number }).Status, 5);
  });

  it("sends a body that is longer than a message by itself", () => {
    const response = ask({ target: "/dns-query?name=www.example" }, 120);
    assert.match(bodyOf(response), /192\.0\.2\.1/);
  });

  it("says 504 where nothing comes", () => {
    const silent = new SmallResolver({ "10.0.0.1": answerOf });
    const service = new JsonService(silent.resolver, "cloudflare");
    const response = request(service, { target: "/dns-query?name=late.example" }, () =>
      silent.resolver.close(),
    );
    assert.equal(response?.status, 504);
  });

  it("never throws, whatever stands in the query", () => {
    const words = fc.constantFrom(
      "name=",
      "type=",
      "&",
      "%",
      "5C",
      "a",
      ".",
      "do=",
      "ct=",
      "=",
      "+",
    );
    const query = fc.oneof(
      fc.string(),
      fc.array(words).map((some) => some.join("")),
    );
    fc.assert(
      fc.property(query, (text) => {
        const latin = Buffer.from(text).toString("latin1");
        assert.ok([200, 400].includes(ask({ target: `/resolve?${latin}` }).status));
      }),
      { numRuns: 300 },
    );
  });
});

describe("a request at /dns-query", () => {
  const requests: readonly [title: string, request: TestRequest, wants: boolean][] = [
    ["wants JSON by accept", { target: "/dns-query?name=a", accept: "application/dns-json" }, true],
    [
      "wants JSON by a list in accept",
      { target: "/dns-query?name=a", accept: "text/html, application/dns-json;q=0.5" },
      true,
    ],
    ["wants JSON by ct", { target: "/dns-query?ct=application/dns-json&name=a" }, true],
    ["wants none without either", { target: "/dns-query?name=a" }, false],
    [
      "wants none with a message",
      { target: "/dns-query?dns=AAAA", accept: "application/dns-json" },
      false,
    ],
    [
      "wants none as a POST",
      { method: "POST", target: "/dns-query", accept: "application/dns-json" },
      false,
    ],
  ];
  for (const [title, asked, wants] of requests) {
    it(title, () => assert.equal(wantsJson(headOf(asked)), wants));
  }
});
