/** Tests of purging: what is forgotten, what is told of it, and how often it may be asked for. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { rrType } from "@lethe/wire/codes.ts";
import { nameToText } from "@lethe/wire/name-text.ts";
import { type TestRequest, request } from "../../test/http-requests.ts";
import { limits } from "../base/limits.ts";
import { SystemRandom } from "../system/random.ts";
import type { HttpResponse } from "./http/service.ts";
import { PurgeService } from "./purge.ts";

/** A service whose clock the test sets. */
function newService(serves = true) {
  const purged: string[] = [];
  let nowMs = 0;
  const service = new PurgeService({
    serves: () => serves,
    purge: (name, type) => purged.push(`${nameToText(name)} ${type ?? "all"}`),
    random: new SystemRandom(),
    nowMs: () => nowMs,
  });
  const post = (query: string, more: Partial<TestRequest> = {}): HttpResponse =>
    request(service, { method: "POST", target: `/api/v1/purge${query}`, ...more })!;
  return { purged, post, at: (ms: number) => (nowMs = ms) };
}

const textOf = (response: HttpResponse): string => Buffer.from(response.body).toString();

describe("POST /api/v1/purge", () => {
  it("has a name forgotten, of one type or all, and does not tell of it", () => {
    const { purged, post } = newService();
    const replies = [
      "?domain=www.example.com&type=TXT",
      "?domain=Www.Example.com.",
      "?domain=x&type=",
    ];
    const bodies = replies.map((query) => {
      const response = post(query);
      assert.deepEqual([response.status, response.type], [200, "application/json"]);
      return textOf(response);
    });
    assert.deepEqual(purged, [`www.example.com. ${rrType.TXT}`, "Www.Example.com. all", "x. all"]);
    assert.deepEqual(new Set(bodies), new Set(['{"msg":"the name will be asked for anew"}']));
  });

  const refused: readonly [title: string, status: number, query: string, more: object][] = [
    ["a request without a name", 400, "", {}],
    ["a name that is none", 400, "?domain=a..b", {}],
    ["a name that is not ASCII", 400, "?domain=%C3%A9", {}],
    ["a type that nobody knows", 400, "?domain=example&type=NOSUCH", {}],
    ["GET", 405, "?domain=example", { method: "GET" }],
  ];
  for (const [title, status, query, more] of refused) {
    it(`refuses ${title}`, () => {
      const { purged, post } = newService();
      const response = post(query, more);
      assert.equal(response.status, status);
      assert.doesNotMatch(textOf(response), /example|a\.\.b/);
      assert.deepEqual(purged, []);
    });
  }

  it("refuses who gets no answers here", () => {
    const { purged, post } = newService(false);
    assert.equal(post("?domain=example").status, 403);
    assert.deepEqual(purged, []);
  });

  it("takes purgesPerNetworkMax of a network in a minute, and purgesPerMinuteMax of all", () => {
    const { purged, post, at } = newService();
    const perNetwork = limits.purgesPerNetworkMax.value;
    const most = limits.purgesPerMinuteMax.value;
    for (let i = 0; i < perNetwork; i++) assert.equal(post("?domain=a").status, 200);
    assert.equal(post("?domain=a", { ip: [127, 0, 0, 99] }).status, 429);
    for (let i = perNetwork; i < most; i++) {
      assert.equal(post("?domain=a", { ip: [10, 0, i, 1] }).status, 200);
    }
    assert.equal(post("?domain=a", { ip: [10, 1, 0, 1] }).status, 429);
    assert.equal(purged.length, most);
    at(60_000);
    assert.equal(post("?domain=a").status, 200);
  });
});
