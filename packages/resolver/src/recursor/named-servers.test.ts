/** Configured servers that have names: looked up in the ordinary way, and never with themselves. */
import { rcode } from "@lethe/wire/codes.ts";
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type Server, SmallWorld, line, name } from "../../test/small-world.ts";
import type { SecureTerms } from "../base/secure-terms.ts";
import type { ConfiguredZone, NamedServer } from "./options.ts";

/** The root and `example`, and a server of `net` that has no glue. */
const root: Server = (qname) => {
  if (qname === ".") {
    return { aa: true, answer: [". NS a.root"], additional: ["a.root A 10.0.0.1"] };
  }
  if (qname.endsWith("example.")) {
    return { authority: ["example NS ns.net"], additional: [] };
  }
  if (qname.endsWith("net.")) {
    return { authority: ["net NS a.net"], additional: ["a.net A 10.0.0.2"] };
  }
  return { aa: true, rcode: rcode.NXDOMAIN, authority: [". SOA 60"] };
};

/** Has `net` and `example`. */
const authority: Server = (qname, qtype) => {
  const addresses: Readonly<Record<string, string>> = {
    "ns.net.": "10.0.0.2",
    "dns.example.": "10.0.0.9",
    "www.example.": "192.0.2.1",
  };
  const ip = addresses[qname];
  const apex = qname.endsWith("net.") ? "net" : "example";
  if (ip === undefined) return { aa: true, rcode: rcode.NXDOMAIN, authority: [`${apex} SOA 60`] };
  if (qtype !== 1) return { aa: true, authority: [`${apex} SOA 60`] };
  return { aa: true, answer: [`${qname} A ${ip}`] };
};

const resolver: Server = (qname) => ({ ra: true, answer: [`${qname} A 192.0.2.99`] });

function zone(of: string, ...servers: readonly (readonly [string, number])[]): ConfiguredZone {
  const named: NamedServer[] = servers.map(([host, port]) => ({ name: name(host), port }));
  return { zone: name(of), servers: [], named, recursive: true };
}

function worldWith(...configuredZones: readonly ConfiguredZone[]): SmallWorld {
  return new SmallWorld(
    { "10.0.0.1": root, "10.0.0.2": authority, "10.0.0.9": resolver },
    { configuredZones },
  );
}

describe("a server that has a name", () => {
  for (const above of [".", "example", "corp"]) {
    test(`is found and asked, though ${above} is forwarded to it`, () => {
      const world = worldWith(zone(above, ["dns.example", 53]));
      const asked = above === "corp" ? "www.corp" : "www.example";
      assert.equal(line(world.resolve(asked)), `0 | ${asked}. 1 192.0.2.99`);
      assert.ok(world.asked.includes("10.0.0.2 dns.example. 1"));
      const own = world.asked.filter((one) => one.startsWith("10.0.0.9 "));
      assert.deepEqual(own, [`10.0.0.9 ${asked}. 1`], "and is asked nothing else");
    });
  }

  test("is looked up once, and remembered for its TTL", () => {
    const world = worldWith(zone("corp", ["dns.example", 53]));
    for (const host of ["w1", "w2", "w3"]) world.resolve(`${host}.corp`);
    assert.equal(world.asked.filter((one) => one.startsWith("10.0.0.2 dns.example")).length, 1);
  });

  test("is asked at its own port and on its own terms", () => {
    const trust = { kind: "anyone" } as const;
    const secure: SecureTerms = { over: "tls", name: "dns.example", path: "", trust };
    const named = [{ name: name("dns.example"), port: 8853, secure }];
    const seen: string[] = [];
    const world = new SmallWorld(
      {
        "10.0.0.1": root,
        "10.0.0.2": authority,
        "10.0.0.9": (qname, qtype, asked) => {
          seen.push(asked.transport);
          return resolver(qname, qtype, asked);
        },
      },
      { configuredZones: [{ zone: name("corp"), servers: [], named, recursive: true }] },
    );
    assert.equal(line(world.resolve("www.corp")), "0 | www.corp. 1 192.0.2.99");
    assert.deepEqual(seen, ["tls"]);
    const step = world.steps.findLast((one) => one.kind === "asked");
    assert.equal(step?.kind === "asked" && step.server.port, 8853);
  });

  test("that does not exist fails the zone, and no other is asked", () => {
    const world = worldWith(zone("corp", ["none.example", 53]));
    const outcome = world.resolve("www.corp");
    assert.equal(outcome.kind === "failed" && outcome.why, "no-reachable-server");
    assert.ok(!world.asked.some((one) => one.includes("www.corp")));
  });

  test("that two zones find by each other is found by neither's servers", () => {
    const world = worldWith(zone("corp", ["dns.example", 53]), zone("example", ["dns.corp", 53]));
    assert.equal(line(world.resolve("www.corp")), "0 | www.corp. 1 192.0.2.99");
    const outcome = world.resolve("www.example");
    assert.equal(outcome.kind === "failed" && outcome.why, "no-reachable-server");
  });
});
