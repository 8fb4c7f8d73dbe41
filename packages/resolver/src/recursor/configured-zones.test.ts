/** Zones whose servers the operator names: stub zones and forward zones. */
import { rcode } from "@lethe/wire/codes.ts";
import { flag } from "@lethe/wire/header.ts";
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Server, SmallWorld, line, name } from "../../test/small-world.ts";
import type { ConfiguredZone, RecursorOptions } from "./options.ts";

const root: Server = (qname) =>
  qname === "."
    ? { aa: true, answer: [". NS a.root"], additional: ["a.root A 10.0.0.1"] }
    : { aa: true, rcode: rcode.NXDOMAIN, authority: [". SOA 60"] };

const zone = (of: string, ip: number[], port: number, recursive: boolean): ConfiguredZone => ({
  zone: name(of),
  servers: [{ ip: Uint8Array.from(ip), port }],
  recursive,
});

test("a stub zone's servers are asked instead of the root's, and refer to what is below", () => {
  const stub: Server = (qname) =>
    qname.endsWith("sub.corp.")
      ? { authority: ["sub.corp NS ns.sub.corp"], additional: ["ns.sub.corp A 10.0.0.8"] }
      : { aa: true, answer: [`${qname} A 192.0.2.10`] };
  const sub: Server = (qname) => ({ aa: true, answer: [`${qname} A 192.0.2.11`] });
  const world = new SmallWorld(
    { "127.0.0.53": stub, "10.0.0.8": sub },
    { configuredZones: [zone("corp", [127, 0, 0, 53], 5300, false)] },
  );
  assert.equal(line(world.resolve("www.corp")), "0 | www.corp. 1 192.0.2.10");
  assert.equal(line(world.resolve("www.sub.corp")), "0 | www.sub.corp. 1 192.0.2.11");
  assert.equal(line(world.resolve("w2.sub.corp")), "0 | w2.sub.corp. 1 192.0.2.11");
  assert.equal(world.asked.filter((asked) => asked.startsWith("10.0.0.8 w2")).length, 1);
});

test("what public zones deny or redirect above a configured zone does not concern it", () => {
  const stub: Server = (qname) =>
    qname.startsWith("none.")
      ? { aa: true, rcode: rcode.NXDOMAIN, authority: [`${qname} SOA 60`] }
      : { aa: true, answer: [`${qname} A 192.0.2.10`] };
  const open: Server = (qname, qtype, asked) =>
    qname.endsWith("moved.")
      ? { aa: true, answer: ["moved DNAME elsewhere"] }
      : root(qname, qtype, asked);
  const world = new SmallWorld(
    { "10.0.0.1": open, "127.0.0.53": stub },
    {
      configuredZones: [
        zone("corp.local", [127, 0, 0, 53], 53, false),
        zone("corp.moved", [127, 0, 0, 53], 53, false),
      ],
    },
  );
  assert.equal(line(world.resolve("www.local")), "3");
  assert.match(line(world.resolve("www.moved")), /39 elsewhere/);
  assert.equal(line(world.resolve("www.corp.local")), "0 | www.corp.local. 1 192.0.2.10");
  assert.equal(line(world.resolve("www.corp.moved")), "0 | www.corp.moved. 1 192.0.2.10");
  assert.equal(line(world.resolve("none.corp.local")), "3");
  const before = world.asked.length;
  assert.equal(line(world.resolve("www.none.corp.local")), "3");
  assert.equal(world.asked.length, before, "what it denies itself holds below");
});

test("a forward zone's resolvers are asked for everything below it, whole and with RD", () => {
  const seen: string[] = [];
  const resolver: Server = (qname, _qtype, { message }) => {
    seen.push(`${qname} ${(message.header.flags & flag.rd) !== 0}`);
    return qname.startsWith("none")
      ? { ra: true }
      : { ra: true, answer: [`${qname} CNAME x.net`, "x.net A 192.0.2.66"] };
  };
  const world = new SmallWorld(
    { "127.0.0.53": resolver, "10.0.0.1": root },
    { configuredZones: [zone("corp", [127, 0, 0, 53], 5300, true)] },
  );
  assert.equal(line(world.resolve("none.a.corp")), "0");
  assert.deepEqual(seen, ["none.a.corp. true"]);
  const outcome = world.resolve("b.corp");
  assert.equal(
    line(outcome),
    "3 | b.corp. 5 x.net.",
    "what a resolver of corp says of net is not believed",
  );
});

test("where a zone's servers fail, others are asked only if the operator says so", () => {
  const broken: Server = () => ({ rcode: rcode.SERVFAIL });
  const example: Server = (qname) =>
    qname === "."
      ? { aa: true, answer: [". NS a.root"], additional: ["a.root A 10.0.0.1"] }
      : { aa: true, answer: [`${qname} A 192.0.2.1`] };
  for (const [orOthers, expected] of [
    [true, "0 | www.corp. 1 192.0.2.1"],
    [false, "servers-fail"],
  ] as const) {
    const world = new SmallWorld(
      { "127.0.0.53": broken, "10.0.0.1": example },
      { configuredZones: [{ ...zone("corp", [127, 0, 0, 53], 53, true), orOthers }] },
    );
    assert.equal(line(world.resolve("www.corp")), expected);
    assert.equal(
      world.asked.some((asked) => asked.startsWith("10.0.0.1")),
      orOthers,
    );
  }
});

test("a zone's servers may be asked over TCP only", () => {
  const stub: Server = (qname, _type, { transport }) =>
    transport === "tcp" ? { aa: true, answer: [`${qname} A 192.0.2.10`] } : undefined;
  const world = new SmallWorld(
    { "127.0.0.53": stub },
    { configuredZones: [{ ...zone("corp", [127, 0, 0, 53], 53, false), overTcp: true }] },
  );
  assert.equal(line(world.resolve("www.corp")), "0 | www.corp. 1 192.0.2.10");
  assert.deepEqual(world.asked, ["127.0.0.53 www.corp. 1"]);
});

test("all servers may be asked over TCP only, and some addresses never", () => {
  const both: Server = (qname, _type, { transport }) =>
    transport === "tcp" ? { aa: true, answer: [`${qname} A 192.0.2.10`] } : undefined;
  const range = (ip: number[], bits: number): { ip: Uint8Array; bits: number } => {
    return { ip: Uint8Array.from(ip), bits };
  };
  const worldOf = (options: Partial<RecursorOptions>): SmallWorld =>
    new SmallWorld(
      {
        "10.0.0.1": (qname) =>
          qname === "."
            ? { aa: true, answer: [". NS a.root"], additional: ["a.root A 10.0.0.1"] }
            : {
                authority: ["net NS a.net", "net NS b.net"],
                additional: ["a.net A 10.1.0.2", "b.net A 10.2.0.2"],
              },
        "10.1.0.2": both,
        "10.2.0.2": both,
      },
      options,
    );
  const world = worldOf({ overTcp: true, neverAsk: [range([10, 1, 0, 0], 16)] });
  assert.equal(line(world.resolve("www.net")), "0 | www.net. 1 192.0.2.10");
  assert.ok(!world.asked.some((asked) => asked.startsWith("10.1.")), world.asked.join("\n"));
  const none = worldOf({ overTcp: true, neverAsk: [range([10, 0, 0, 0], 8)] });
  assert.equal(line(none.resolve("www.net")), "no-reachable-server");
  assert.deepEqual(none.asked, []);
});

test("of a zone that is not cached nothing is kept, and a failure is forgotten with an answer", () => {
  let count = 0;
  const stub: Server = (qname) =>
    qname.startsWith("none")
      ? { aa: true, rcode: rcode.NXDOMAIN, authority: ["corp SOA 60"] }
      : { aa: true, answer: [`${qname} A 192.0.2.${++count}`] };
  const world = new SmallWorld(
    { "127.0.0.53": stub },
    { configuredZones: [{ ...zone("corp", [127, 0, 0, 53], 53, false), isUncached: true }] },
  );
  assert.equal(line(world.resolve("www.corp")), "0 | www.corp. 1 192.0.2.1");
  const again = world.resolve("www.corp");
  assert.equal(line(again), "0 | www.corp. 1 192.0.2.2");
  assert.ok(again.kind === "answered" && again.isUncached === true);
  assert.equal(line(world.resolve("none.corp")), "3");
  assert.equal(line(world.resolve("none.corp")), "3");
  assert.equal(world.asked.length, 4);
});

test("a stub zone on a loopback address may have children there, and nobody else may", () => {
  const stub: Server = (qname) =>
    qname.endsWith("sub.corp.")
      ? { authority: ["sub.corp NS ns.sub.corp"], additional: ["ns.sub.corp A 127.0.0.54"] }
      : qname.endsWith("bare.corp.")
        ? { authority: ["bare.corp NS ns.corp"] }
        : { aa: true, answer: [`${qname} A 127.0.0.54`] };
  const below: Server = (qname) => ({ aa: true, answer: [`${qname} A 192.0.2.11`] });
  const publicRoot: Server = (qname) =>
    qname === "."
      ? { aa: true, answer: [". NS a.root"], additional: ["a.root A 10.0.0.1"] }
      : { authority: ["evil NS ns.evil"], additional: ["ns.evil A 127.0.0.54"] };
  const world = new SmallWorld(
    { "127.0.0.53": stub, "127.0.0.54": below, "10.0.0.1": publicRoot },
    { configuredZones: [zone("corp", [127, 0, 0, 53], 5300, false)] },
  );
  assert.equal(line(world.resolve("www.sub.corp")), "0 | www.sub.corp. 1 192.0.2.11");
  assert.equal(line(world.resolve("www.bare.corp")), "0 | www.bare.corp. 1 192.0.2.11");
  assert.equal(line(world.resolve("www.evil")), "no-reachable-server");
  assert.ok(!world.asked.some((asked) => asked.startsWith("127.0.0.54") && asked.includes("evil")));
});
