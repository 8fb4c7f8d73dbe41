/** Addresses of name servers that came without glue: found, counted, given up. */
import { rcode, rrType } from "@lethe/wire/codes.ts";
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Said, type Server, SmallWorld, line } from "../../test/small-world.ts";
import { limits } from "../base/limits.ts";

/**
 * The zone evil has `count` name servers without glue in the zone far, whose server says of their
 * addresses what `said` says.
 */
function worldOf(count: number, said: (qname: string, qtype: number) => Said): SmallWorld {
  const root: Server = (qname) => {
    if (qname === ".") {
      return { aa: true, answer: [". NS a.root"], additional: ["a.root A 10.0.0.1"] };
    }
    if (qname.endsWith("far.")) {
      return { authority: ["far NS ns.far"], additional: ["ns.far A 10.0.0.2"] };
    }
    return { authority: Array.from({ length: count }, (_, i) => `evil NS n${i}.far`) };
  };
  const far: Server = (qname, qtype) => said(qname, qtype);
  const evil: Server = (qname) => ({ aa: true, answer: [`${qname} A 192.0.2.5`] });
  return new SmallWorld({ "10.0.0.1": root, "10.0.0.2": far, "10.0.0.3": evil });
}

const nowhere: Said = { aa: true, rcode: rcode.NXDOMAIN, authority: ["far SOA 60"] };

function lookups(world: SmallWorld): number {
  return world.asked.filter((asked) => /^10\.0\.0\.2 n[0-9]/.test(asked)).length;
}

test("a name server without glue is looked up", () => {
  const world = worldOf(3, (qname) => ({ aa: true, answer: [`${qname} A 10.0.0.3`] }));
  assert.equal(line(world.resolve("www.evil")), "0 | www.evil. 1 192.0.2.5");
  assert.equal(lookups(world), 1);
});

test("addressLookupsFailedMax names without address end the search", () => {
  const max = limits.addressLookupsFailedMax.value;
  const good = (qname: string, last: number): Said =>
    qname === `n${last}.far.` ? { aa: true, answer: [`${qname} A 10.0.0.3`] } : nowhere;
  const reached = worldOf(20, (qname) => good(qname, max - 1));
  assert.equal(line(reached.resolve("www.evil")), "0 | www.evil. 1 192.0.2.5");
  const passed = worldOf(20, (qname) => good(qname, max));
  assert.equal(line(passed.resolve("www.evil")), "no-reachable-server");
  assert.equal(lookups(passed), max);
});

test("addressLookupsPerTaskMax lookups are made for one task, and no more", () => {
  const max = limits.addressLookupsPerTaskMax.value;
  // Each has an address, of a server that never answers.
  const world = worldOf(20, (qname) => {
    const last = Number(/^n([0-9]+)/.exec(qname)![1]);
    return { aa: true, answer: [`${qname} A 10.0.9.${last}`] };
  });
  assert.equal(world.resolve("www.evil").kind, "failed");
  assert.ok(lookups(world) > 0 && lookups(world) <= max, `${lookups(world)} lookups`);
  // Those who refuse at once leave time to look up all that may be.
  const refusing = Object.fromEntries(
    Array.from({ length: 20 }, (_, i): [string, Server] => [
      `10.0.9.${i}`,
      () => ({ rcode: rcode.REFUSED }),
    ]),
  );
  const fast = new SmallWorld({
    "10.0.0.1": (qname) =>
      qname === "."
        ? { aa: true, answer: [". NS a.root"], additional: ["a.root A 10.0.0.1"] }
        : qname.endsWith("far.")
          ? { authority: ["far NS ns.far"], additional: ["ns.far A 10.0.0.2"] }
          : { authority: Array.from({ length: 20 }, (_, i) => `evil NS n${i}.far`) },
    "10.0.0.2": (qname) => ({
      aa: true,
      answer: [`${qname} A 10.0.9.${/^n([0-9]+)/.exec(qname)![1]}`],
    }),
    ...refusing,
  });
  assert.equal(line(fast.resolve("www.evil")), "servers-refuse");
  assert.equal(lookups(fast), max);
});

test("where a server's IPv4 address is dead its IPv6 address is looked up", () => {
  const v6Server: Server = (qname) => ({ aa: true, answer: [`${qname} A 192.0.2.6`] });
  const world = new SmallWorld(
    {
      "10.0.0.1": (qname) =>
        qname === "."
          ? { aa: true, answer: [". NS a.root"], additional: ["a.root A 10.0.0.1"] }
          : qname.endsWith("far.")
            ? { authority: ["far NS ns.far"], additional: ["ns.far A 10.0.0.2"] }
            : { authority: ["dual NS ns.two.far"] },
      "10.0.0.2": (qname, qtype) =>
        qname === "two.far."
          ? { aa: true, authority: ["far SOA 60"] }
          : qtype === rrType.A
            ? { aa: true, answer: [`${qname} A 10.9.9.9`] }
            : { aa: true, answer: [`${qname} AAAA 2001:db8::3`] },
      "10.9.9.9": () => ({ kind: "unreachable" }),
      "2001:db8::3": v6Server,
    },
    { ipv6: true },
  );
  assert.equal(line(world.resolve("www.dual")), "0 | www.dual. 1 192.0.2.6");
});
