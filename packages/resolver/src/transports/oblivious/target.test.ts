/** Tests of the target of oblivious DNS: questions through a resolver, and what is refused. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { readMessage } from "@lethe/wire/message.ts";
import { type TestRequest, headOf, request } from "../../../test/http-requests.ts";
import { SmallResolver, question } from "../../../test/small-resolver.ts";
import { limits } from "../../base/limits.ts";
import { SystemRandom } from "../../system/random.ts";
import type { HttpResponse } from "../http/service.ts";
import { derivePrivateKey } from "./hpke.ts";
import { type Opened, firstConfig, openResponse, sealQuery } from "./message.ts";
import { ObliviousConfigs, ObliviousTarget, isOblivious } from "./target.ts";
import { TargetKeys } from "./target-keys.ts";

const [oldKey, newKey] = [1, 2].map((i) => derivePrivateKey(new Uint8Array(32).fill(i)));
const TYPE = "application/oblivious-dns-message";

function newTarget(): { keys: TargetKeys; small: SmallResolver; target: ObliviousTarget } {
  const keys = new TargetKeys();
  keys.replace([oldKey!]);
  const small = new SmallResolver({
    "10.0.0.1": (qname) => ({ aa: true, answer: [`${qname} A 192.0.2.1`] }),
  });
  return { keys, small, target: new ObliviousTarget(small.resolver, keys, new SystemRandom()) };
}

function post(
  { target, small }: ReturnType<typeof newTarget>,
  body: Uint8Array,
  more: Partial<TestRequest> = {},
): HttpResponse {
  const asked = { method: "POST", target: "/dns-query", contentType: TYPE, body, ...more };
  const response = request(target, asked, () => small.world.run());
  assert.ok(response !== undefined);
  return response;
}

function sealed(keys: TargetKeys, message: Uint8Array): { octets: Uint8Array; sent: Opened } {
  return sealQuery(firstConfig(keys.published!)!, message, 128)!;
}

describe("an oblivious target", () => {
  it("answers what it has and what it must ask for, each with another nonce", () => {
    const all = newTarget();
    const nonces = new Set<string>();
    for (let i = 0; i < 3; i++) {
      const { octets, sent } = sealed(all.keys, question({ id: 77 + i, udpSize: 1232 }));
      const response = post(all, octets);
      assert.deepEqual([response.status, response.type, response.maxAgeS], [200, TYPE, -1]);
      const answer = readMessage(openResponse(sent, response.body)!);
      assert.ok(answer.kind === "message");
      assert.deepEqual([answer.header.id, answer.answer.length], [77 + i, 1]);
      nonces.add(response.body.slice(3, 19).toHex());
    }
    assert.equal(nonces.size, 3);
  });

  it("opens what was sealed with the key before, until that is gone, then says 401", () => {
    const all = newTarget();
    const { octets, sent } = sealed(all.keys, question({}));
    all.keys.replace([newKey!, oldKey!]);
    assert.notDeepEqual(firstConfig(all.keys.published!), undefined);
    assert.equal(openResponse(sent, post(all, octets).body) instanceof Uint8Array, true);
    const now = sealed(all.keys, question({}));
    assert.notDeepEqual(now.octets.slice(3, 35), octets.slice(3, 35));
    all.keys.replace([newKey!]);
    assert.equal(post(all, octets).status, 401);
    assert.equal(post(all, now.octets).status, 200);
  });

  it("asks as the relay: who may not ask gets REFUSED, sealed", () => {
    const all = newTarget();
    const { octets, sent } = sealed(all.keys, question({}));
    const response = post(all, octets, { ip: [192, 0, 2, 1] });
    assert.equal(openResponse(sent, response.body)![3]! & 15, 5);
  });

  it("says 400 to what is no sealed question", () => {
    const all = newTarget();
    const { octets } = sealed(all.keys, question({}));
    const broken = Uint8Array.from(octets);
    broken[broken.length - 1]! ^= 1;
    const asResponse = Uint8Array.from(octets);
    asResponse[0] = 2;
    const response = question({ flags: 0x8000 });
    const bodies = [
      new Uint8Array(0),
      octets.subarray(0, 60),
      broken,
      asResponse,
      sealed(all.keys, new Uint8Array(11)).octets, // shorter than a header
      sealed(all.keys, response).octets,
    ];
    for (const body of bodies) assert.equal(post(all, body).status, 400);
  });

  it("says 504 where nothing comes", () => {
    const all = newTarget();
    const { octets } = sealed(all.keys, question({ name: "late.example" }));
    const asked = { method: "POST", target: "/dns-query", contentType: TYPE, body: octets };
    assert.equal(request(all.target, asked, () => all.small.resolver.close())?.status, 504);
  });

  it("publishes the first key for obliviousConfigAgeS, and 404 without keys", () => {
    const { keys } = newTarget();
    const configs = new ObliviousConfigs(keys);
    const target = "/.well-known/odohconfigs";
    const response = request(configs, { target })!;
    assert.deepEqual(response.body, Uint8Array.from(keys.published!));
    assert.equal(response.maxAgeS, limits.obliviousConfigAgeS.value);
    assert.equal(request(configs, { target, method: "POST" })!.status, 405);
    assert.equal(request(new ObliviousConfigs(new TargetKeys()), { target })!.status, 404);
  });

  it("takes by POST and type only", () => {
    const is = (asked: Partial<TestRequest>): boolean =>
      isOblivious(headOf({ target: "/dns-query", ...asked }));
    assert.equal(is({ method: "POST", contentType: TYPE }), true);
    assert.equal(is({ method: "GET", contentType: TYPE }), false);
    assert.equal(is({ method: "POST", contentType: "application/dns-message" }), false);
  });
});
