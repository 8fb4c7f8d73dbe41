/** Other options for a resolver that runs: nobody's question is lost. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { rcode, rrType } from "@lethe/wire/codes.ts";
import { optionCode } from "@lethe/wire/edns.ts";
import { SmallResolver, question, read } from "../../test/small-resolver.ts";
import { name } from "../../test/small-world.ts";
import { ipToText } from "../base/address.ts";
import { limits } from "../base/limits.ts";
import type { ResolverOptions } from "./resolver.ts";

const at = (address: string) => (qname: string) => ({
  aa: true,
  answer: [`${qname} A ${address}`],
});

function newResolver(): SmallResolver {
  return new SmallResolver({ "10.0.0.1": at("192.0.2.1"), "10.0.0.2": at("192.0.2.2") });
}

/** The options that a small resolver begins with, and others in their place. */
function options(small: SmallResolver, other: Partial<ResolverOptions> = {}): ResolverOptions {
  return {
    recursor: small.world.options,
    admit: { allow: [{ ip: Uint8Array.of(127, 0, 0, 1), bits: 8 }], refuse: [], others: "refuse" },
    slow: {
      identity: { server: undefined, version: undefined },
      bounds: { minS: 0, maxS: 86_400, negativeMaxS: 3600 },
      recursionWithoutRd: "refuse",
    },
    cacheBytes: 1 << 20,
    ...other,
  };
}

function stubbed(small: SmallResolver): ResolverOptions {
  const server = { ip: Uint8Array.of(10, 0, 0, 2), port: 53 };
  const zone = { zone: name("example"), servers: [server], recursive: false };
  return options(small, { recursor: { ...small.world.options, configuredZones: [zone] } });
}

function addressOf(small: SmallResolver): string {
  return ipToText(small.answer({}).answer[0]!.rdata);
}

test("another access list counts from the next question on", () => {
  const small = newResolver();
  small.answer({});
  const admit = { allow: [], refuse: [], others: "refuse" } as const;
  small.resolver.reconfigure(options(small, { admit }), false);
  assert.equal(small.answer({}).header.rcode, rcode.REFUSED);
  small.resolver.reconfigure(options(small), false);
  const put = small.put(question({}));
  assert.ok(put instanceof Uint8Array, "the caches were kept");
});

test("a stub zone is asked instead of what its parent named, and the caches forget", () => {
  const small = newResolver();
  assert.equal(addressOf(small), "192.0.2.1");
  small.resolver.reconfigure(stubbed(small), true);
  assert.equal(addressOf(small), "192.0.2.2");
  small.resolver.reconfigure(options(small), true);
  assert.equal(addressOf(small), "192.0.2.1");
});

test("who waits is answered; what an old task found is forgotten when all of these ended", () => {
  const small = newResolver();
  assert.equal(small.put(question({})), "taken");
  small.resolver.reconfigure(stubbed(small), true);
  const startMs = small.world.nowMs();
  small.world.run(startMs + 1000);
  assert.equal(read(small.later.at(-1)).answer.length, 1);
  small.world.run(startMs + limits.taskTimeMs.value);
  assert.equal(addressOf(small), "192.0.2.2");
});

test("identity, local zones and TTL bounds are those of the new options", () => {
  const small = newResolver();
  small.answer({});
  const owner = { name: name("www.example"), type: rrType.A, class: 1 };
  const record = { ...owner, ttl: 60, rdata: Uint8Array.of(10, 9, 9, 9) };
  small.resolver.reconfigure(
    options(small, {
      slow: {
        identity: { server: "second", version: undefined },
        bounds: { minS: 0, maxS: 5, negativeMaxS: 5 },
        recursionWithoutRd: "refuse",
        localZones: [{ zone: name("www.example"), records: [record], others: "resolve" }],
      },
    }),
    true,
  );
  assert.equal(addressOf(small), "10.9.9.9");
  const web = small.answer({
    name: "web.example",
    udpSize: 1232,
    options: [{ code: optionCode.nsid, data: new Uint8Array() }],
  });
  assert.equal(web.answer[0]!.ttl, 5);
  const nsid = web.opt?.options.find(({ code }) => code === optionCode.nsid);
  assert.equal(new TextDecoder().decode(nsid?.data), "second");
});

test("NSID may tell something else than the server's name", () => {
  const server = "lethe-1";
  const small = new SmallResolver(
    { "10.0.0.1": at("192.0.2.1") },
    { identity: { server, version: undefined, nsid: Uint8Array.of(1, 2, 255) } },
  );
  const asked = { code: optionCode.nsid, data: new Uint8Array() };
  const { opt } = small.answer({ udpSize: 1232, options: [asked] });
  const nsid = opt?.options.find(({ code }) => code === optionCode.nsid);
  assert.deepEqual(nsid?.data, Uint8Array.of(1, 2, 255));
});

test("a floor under the TTLs of denials is theirs alone", () => {
  const small = new SmallResolver({
    "10.0.0.1": (qname) =>
      qname === "no.example."
        ? { aa: true, rcode: rcode.NXDOMAIN, authority: ["example SOA 60"] }
        : at("192.0.2.1")(qname),
  });
  const ttls = (): unknown => {
    const { authority } = small.answer({ name: "no.example" });
    return [authority[0]!.ttl, small.answer({}).answer[0]!.ttl];
  };
  assert.deepEqual(ttls(), [60, 300]);
  const floored = { ...small.world.options, negativeTtlMinS: 400 };
  small.resolver.reconfigure(options(small, { recursor: floored }), true);
  assert.deepEqual(ttls(), [400, 300]);
  const capped = { ...floored, negativeTtlMaxS: 100 };
  small.resolver.reconfigure(options(small, { recursor: capped }), true);
  assert.deepEqual(ttls(), [100, 300]);
});
