/** Tests of looking names up by the resolver. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { rrType } from "@lethe/wire/codes.ts";
import { SmallResolver } from "../../test/small-resolver.ts";
import { lookUpBy } from "./look-up.ts";

const small = new SmallResolver({
  "10.0.0.1": (qname, qtype) => {
    if (qname.startsWith("none")) return { rcode: 3 };
    if (qtype === rrType.A) return { aa: true, answer: [`${qname} A 192.0.2.1`] };
    return { aa: true, answer: [`${qname} AAAA 2001:db8::1`] };
  },
});

/** What a connection is told: a code, or addresses. */
async function lookUp(host: string, all: boolean): Promise<unknown> {
  const told = Promise.withResolvers<unknown>();
  lookUpBy(small.resolver)(host, { all }, (error, address) => {
    told.resolve(error === null ? address : error.code);
  });
  small.world.run();
  return await told.promise;
}

describe("a name is looked up by the resolver", () => {
  it("all addresses, or the first", async () => {
    assert.deepEqual(await lookUp("www.example", true), [
      { address: "192.0.2.1", family: 4 },
      { address: "2001:db8::1", family: 6 },
    ]);
    assert.equal(await lookUp("www.example", false), "192.0.2.1");
  });

  it("ENOTFOUND where there are none, or the text is no name", async () => {
    assert.equal(await lookUp("none.example", true), "ENOTFOUND");
    assert.equal(await lookUp("a..b", true), "ENOTFOUND");
  });
});
