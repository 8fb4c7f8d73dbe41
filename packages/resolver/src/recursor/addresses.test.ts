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

/** The zone own has two name servers inside itself, with glue, which say what `said` says. */
function worldOfOwn(said: (qname: string, ip: string) => ReturnType<Server>): SmallWorld {
  const root: Server = (qname) =>
    qname === "."
      ? { aa: true, answer: [". NS a.root"], additional: ["a.root A 10.0.0.1"] }
      : {
          authority: ["own NS n1.own", "own NS n2.own"],
          additional: ["n1.own A 10.0.0.2", "n2.own A 10.0.0.3"],
        };
  return new SmallWorld(
    {
      "10.0.0.1": root,
      "10.0.0.2": (qname) => said(qname, "10.0.0.2"),
      "10.0.0.3": (qname) => said(qname, "10.0.0.3"),
    },
    { ipv6: true },
  );
}

const useless: readonly (readonly [string, ReturnType<Server>, number])[] = [
  ["refuse", { rcode: rcode.REFUSED }, 6],
  ["refer upward", { authority: [". NS a.root"] }, 6],
  ["do not reply", undefined, 10],
];

for (const [title, said, asksMax] of useless) {
  test(`addresses inside a zone are not asked of its servers where all ${title}`, () => {
    const world = worldOfOwn(() => said);
    assert.equal(world.resolve("www.own").kind, "failed");
    const addresses = world.asked.filter((asked) => / n[12]\.own/.test(asked));
    assert.deepEqual(addresses, []);
    assert.ok(world.asked.length <= asksMax, world.asked.join("\n"));
  });
}

test("an address inside a zone is asked of a server of the zone that replies", () => {
  const world = worldOfOwn((qname, ip) => {
    if (ip === "10.0.0.3") return undefined;
    if (qname === "n2.own.") return { aa: true, answer: ["n2.own A 10.0.0.4"] };
    return { rcode: rcode.SERVFAIL };
  });
  world.resolve("www.own");
  assert.ok(world.asked.some((asked) => asked.startsWith("10.0.0.4 ")));
});

test("of several reasons the one that tells most is given, in whatever order they come", () => {
  for (const refusing of ["10.0.0.2", "10.0.0.3"]) {
    const world = worldOfOwn((_, ip) =>
      ip === refusing ? { rcode: rcode.REFUSED } : { authority: [". NS a.root"] },
    );
    assert.equal(line(world.resolve("www.own")), "servers-refuse");
  }
});

/**
 * The zone split has two name servers without glue, first one in the zone slow, which never
 * replies, then one at `second`, whose zone has it.
 */
function worldOfSplit(first: string, second: string): SmallWorld {
  const root: Server = (qname) => {
    if (qname === ".") {
      return { aa: true, answer: [". NS a.root"], additional: ["a.root A 10.0.0.1"] };
    }
    if (qname.endsWith("slow.")) {
      return { authority: ["slow NS ns.slow"], additional: ["ns.slow A 10.0.0.2"] };
    }
    if (qname.endsWith("far.")) {
      return { authority: ["far NS ns.far"], additional: ["ns.far A 10.0.0.3"] };
    }
    return { authority: [`split NS ${first}`, `split NS ${second}`] };
  };
  const far: Server = (qname) => ({ aa: true, answer: [`${qname} A 10.0.0.4`] });
  const split: Server = (qname) => ({ aa: true, answer: [`${qname} A 192.0.2.7`] });
  return new SmallWorld({ "10.0.0.1": root, "10.0.0.3": far, "10.0.0.4": split });
}

test("of name servers without addresses the one is looked up that is nearest to what is known", () => {
  const world = worldOfSplit("n1.a.b.slow", "n2.far");
  assert.equal(line(world.resolve("www.split")), "0 | www.split. 1 192.0.2.7");
  assert.ok(!world.asked.some((asked) => asked.includes("slow.")), world.asked.join("\n"));
});

test("no name server's address is waited for so long that no time is left for another's", () => {
  const world = worldOfSplit("n1.slow", "n2.far");
  assert.equal(line(world.resolve("www.split")), "0 | www.split. 1 192.0.2.7");
  assert.ok(world.nowMs() < limits.clientWaitMs.value, `${world.nowMs()} ms`);
});
