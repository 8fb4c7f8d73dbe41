/** Tests of the whole resolver: questions through the door, and what is kept of them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { rcode } from "@lethe/wire/codes.ts";
import { ipToText } from "../base/address.ts";
import { SmallResolver, question, read } from "../../test/small-resolver.ts";

const servers = {
  "10.0.0.1": () => ({ aa: true, answer: ["www.example A 192.0.2.1"] }),
};

test("a question is resolved once, and answered from the cache afterwards", () => {
  const small = new SmallResolver(servers);
  const first = small.answer({ id: 7 });
  assert.equal(first.header.id, 7);
  assert.equal(first.header.rcode, rcode.NOERROR);
  assert.deepEqual(
    first.answer.map(({ rdata }) => ipToText(rdata)),
    ["192.0.2.1"],
  );
  const asks = small.world.asked.length;
  const put = small.put(question({ id: 8, name: "WWW.eXample" }));
  assert.ok(put instanceof Uint8Array);
  const second = read(put);
  assert.equal(second.header.id, 8);
  assert.equal(second.answer[0]!.ttl, 300);
  assert.equal(small.world.asked.length, asks);
  assert.equal(small.resolver.stats.counts["fast"], 1);
});
