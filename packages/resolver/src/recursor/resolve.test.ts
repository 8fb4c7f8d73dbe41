/** The algorithm as a whole, in a small world: referrals, aliases, denials, broken servers. */
import { extendedError, rcode, rrType } from "@lethe/wire/codes.ts";
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Said, type Server, SmallWorld, line } from "../../test/small-world.ts";
import { limits } from "../base/limits.ts";

const root: Server = (qname) => {
  if (qname === ".") {
    return { aa: true, answer: [". NS a.root"], additional: ["a.root A 10.0.0.1"] };
  }
  if (qname.endsWith("com.")) {
    return { authority: ["com NS ns.com"], additional: ["ns.com A 10.0.0.2"] };
  }
  if (qname.endsWith("net.")) {
    return { authority: ["net NS ns.com"], additional: ["ns.com A 10.0.0.2"] };
  }
  return { aa: true, rcode: rcode.NXDOMAIN, authority: [". SOA 60"] };
};

const denial: Said = { aa: true, rcode: rcode.NXDOMAIN, authority: ["example.com SOA 60"] };

const com: Server = (qname) => {
  if (qname.endsWith("example.com.")) {
    return {
      authority: ["example.com NS ns.example.com"],
      additional: ["ns.example.com A 10.0.0.3"],
    };
  }
  if (qname.endsWith("glueless.com.")) return { authority: ["glueless.com NS ns.example.com"] };
  if (qname.endsWith("circle.com.")) return { authority: ["circle.com NS ns.circle.net"] };
  if (qname.endsWith("circle.net.")) return { authority: ["circle.net NS ns.circle.com"] };
  return { aa: true, rcode: rcode.NXDOMAIN, authority: ["com SOA 60"] };
};

const example: Server = (qname, qtype) => {
  switch (qname) {
    case "ns.example.com.":
      return { aa: true, answer: ["ns.example.com A 10.0.0.3"] };
    case "www.example.com.":
      return { aa: true, answer: ["www.example.com CNAME a.b.example.com"] };
    case "a.b.example.com.":
      return { aa: true, answer: ["a.b.example.com A 192.0.2.4"] };
    case "b.example.com.":
    case "d.example.com.":
      return { aa: true, authority: ["example.com SOA 60"] };
    case "loop.example.com.":
      return {
        aa: true,
        answer: [
          "loop.example.com CNAME pool.example.com",
          "pool.example.com CNAME loop.example.com",
        ],
      };
    case "out.example.com.":
      return {
        aa: true,
        answer: ["out.example.com CNAME www.glueless.com", "www.glueless.com A 192.0.2.66"],
      };
    case "www.glueless.com.":
      return { aa: true, answer: ["www.glueless.com A 192.0.2.7"] };
    case "glueless.com.":
      return { aa: true, authority: ["glueless.com SOA 60"] };
    default:
      if (qname.endsWith(".d.example.com.")) {
        return { aa: true, answer: ["d.example.com DNAME b.example.com"] };
      }
      return qname.startsWith("chain") ? chained(qname, qtype) : denial;
  }
};

/** chain3 leads to chain2, and so on to chain0, which has an address. */
function chained(qname: string, qtype: number): Said {
  const left = Number(/^chain([0-9]+)/.exec(qname)![1]);
  if (left === 0) return { aa: true, answer: [`${qname} A 192.0.2.9`] };
  assert.notEqual(qtype, rrType.CNAME);
  return { aa: true, answer: [`${qname} CNAME chain${left - 1}.example.com`] };
}

const servers = { "10.0.0.1": root, "10.0.0.2": com, "10.0.0.3": example };

const CASES: [title: string, qname: string, expected: string][] = [
  ["follows referrals to an answer", "a.b.example.com", "0 | a.b.example.com. 1 192.0.2.4"],
  [
    "follows an alias in the same zone",
    "www.example.com",
    "0 | www.example.com. 5 a.b.example.com. | a.b.example.com. 1 192.0.2.4",
  ],
  [
    "makes the CNAME of a DNAME itself",
    "a.d.example.com",
    "0 | d.example.com. 39 b.example.com. | a.d.example.com. 5 a.b.example.com. | " +
      "a.b.example.com. 1 192.0.2.4",
  ],
  ["says no data", "b.example.com", "0"],
  ["says no such name", "nothing.example.com", "3"],
  ["believes the root about a part of a name", "www.nothing", "3"],
  ["finds name servers without glue", "www.glueless.com", "0 | www.glueless.com. 1 192.0.2.7"],
  [
    "does not believe a server about another zone",
    "out.example.com",
    "0 | out.example.com. 5 www.glueless.com. | www.glueless.com. 1 192.0.2.7",
  ],
  ["ends where aliases go round", "loop.example.com", "alias-chain-too-long"],
  ["ends where delegations go round", "www.circle.com", "no-reachable-server"],
];

for (const [title, qname, expected] of CASES) {
  test(title, () => {
    const world = new SmallWorld(servers);
    assert.equal(line(world.resolve(qname)), expected);
    assert.equal(world.mesh.tasksRunning, 0);
  });
}

test("aliases are followed up to aliasesPerQuestionMax, and no further", () => {
  const max = limits.aliasesPerQuestionMax.value;
  const reached = new SmallWorld(servers).resolve(`chain${max}.example.com`);
  assert.equal(reached.kind === "answered" && reached.answer.length, max + 1);
  const passed = new SmallWorld(servers).resolve(`chain${max + 1}.example.com`);
  assert.equal(line(passed), "alias-chain-too-long");
});

test("aliases that come together count like those that come alone", () => {
  const max = limits.aliasesPerQuestionMax.value;
  /** One reply with all aliases from the name on, as a server sends what is in its zone. */
  const whole: Server = (qname, qtype, asked) => {
    if (!/^l[0-9]/.test(qname)) return root(qname, qtype, asked);
    const answer: string[] = [];
    let left = Number(/[0-9]+/.exec(qname)![0]);
    for (; left > 0; left--) answer.push(`l${left} CNAME l${left - 1}`);
    return { aa: true, answer: [...answer, "l0 A 192.0.2.9"] };
  };
  const reached = new SmallWorld({ "10.0.0.1": whole });
  const outcome = reached.resolve(`l${max}`);
  assert.equal(outcome.kind === "answered" && outcome.answer.length, max + 1);
  for (const length of [max + 1, max + 2, 2 * max, 3 * max + 3]) {
    const world = new SmallWorld({ "10.0.0.1": whole });
    assert.equal(line(world.resolve(`l${length}`)), "alias-chain-too-long");
    assert.equal(world.asked.length, 2, "the root's servers, and the name");
    assert.equal(line(world.resolve(`l${length - 1}`)).startsWith("0 |"), length === max + 1);
  }
});

test("what was learnt is not asked again", () => {
  const world = new SmallWorld(servers);
  world.resolve("www.example.com");
  const before = world.asked.length;
  assert.equal(line(world.resolve("a.b.example.com")), "0 | a.b.example.com. 1 192.0.2.4");
  assert.equal(world.asked.length, before);
});

test("a name below one that does not exist is denied from the cache (RFC 8020 §2)", () => {
  const world = new SmallWorld(servers);
  world.resolve("nothing.example.com");
  const before = world.asked.length;
  assert.equal(line(world.resolve("deep.below.nothing.example.com")), "3");
  assert.equal(world.asked.length, before);
});

test("a failure is remembered (RFC 9520 §3.2)", () => {
  const world = new SmallWorld({ "10.0.0.1": root });
  assert.equal(line(world.resolve("www.example.com")), "no-reachable-server");
  const before = world.asked.length;
  assert.equal(line(world.resolve("www.example.com")), "cached-failure");
  assert.equal(world.asked.length, before);
});

test("that we were too busy is remembered of nobody", () => {
  let isBusy = true;
  const busy: Server = (qname, qtype, asked) =>
    isBusy && qname !== "." ? { kind: "busy" } : root(qname, qtype, asked);
  const world = new SmallWorld({ ...servers, "10.0.0.1": busy });
  assert.equal(line(world.resolve("a.b.example.com")), "too-busy");
  isBusy = false;
  assert.equal(line(world.resolve("a.b.example.com")), "0 | a.b.example.com. 1 192.0.2.4");
});

test("servers above the cut never see more than a label below their zone (RFC 9156 §2.3)", () => {
  const world = new SmallWorld(servers);
  world.resolve("a.b.example.com");
  assert.deepEqual(world.asked, [
    "10.0.0.1 . 2",
    "10.0.0.1 com. 1",
    "10.0.0.2 example.com. 1",
    "10.0.0.3 b.example.com. 1",
    "10.0.0.3 a.b.example.com. 1",
  ]);
});

/** One server for the root and for `soa`, each part of a name an empty name in it. */
function emptyNames(soa: string): SmallWorld {
  return new SmallWorld({
    "10.0.0.1": (qname, qtype, asked) => {
      if (qname === ".") return root(qname, qtype, asked);
      if (/^[xy]/.test(qname)) return { aa: true, answer: [`${qname} A 192.0.2.5`] };
      return { aa: true, authority: [`${soa} SOA 60`] };
    },
  });
}

test("a part that the zone was heard to deny is not shown again", () => {
  const world = emptyNames(".");
  world.resolve("x.b.lethe");
  const before = world.asked.length;
  assert.equal(line(world.resolve("y.b.lethe")), "0 | y.b.lethe. 1 192.0.2.5");
  assert.deepEqual(world.asked.slice(before), ["10.0.0.1 y.b.lethe. 1"]);
});

test("a part that a zone below denied is shown again: its parent sees one label more, not two", () => {
  const world = emptyNames("lethe");
  world.resolve("x.b.lethe");
  const before = world.asked.length;
  world.resolve("y.b.lethe");
  assert.equal(world.asked[before], "10.0.0.1 lethe. 1");
});

/** A world whose one server refers each question a label deeper, `depth` times, then answers. */
function referring(depth: number): SmallWorld {
  let given = 0;
  const deeper: Server = (qname, qtype, asked) => {
    if (qname === ".") return root(qname, qtype, asked);
    if (given === depth) return { aa: true, answer: [`${qname} A 192.0.2.5`] };
    given++;
    const zone = qname
      .split(".")
      .slice(-given - 1)
      .join(".");
    return { authority: [`${zone} NS ns.${zone}`], additional: [`ns.${zone} A 10.0.0.1`] };
  };
  return new SmallWorld({ "10.0.0.1": deeper }, { minimise: false });
}

test("referralsPerNameMax referrals are followed for one name, and no more", () => {
  const max = limits.referralsPerNameMax.value;
  const qname = Array.from({ length: max + 5 }, (_, i) => `l${i}`).join(".");
  assert.equal(line(referring(max).resolve(qname)), `0 | ${qname}. 1 192.0.2.5`);
  assert.equal(line(referring(max + 1).resolve(qname)), "referral-loop");
});

test("glue that a parent left out is asked of it", () => {
  const parent: Server = (qname, qtype, asked) => {
    if (qname === ".") return root(qname, qtype, asked);
    return qname === "ns.bare." && qtype === rrType.A
      ? { answer: ["ns.bare A 10.0.0.9"] }
      : { authority: ["bare NS ns.bare"] };
  };
  const bare: Server = (qname) => ({ aa: true, answer: [`${qname} A 192.0.2.12`] });
  const world = new SmallWorld({ "10.0.0.1": parent, "10.0.0.9": bare });
  assert.equal(line(world.resolve("www.bare")), "0 | www.bare. 1 192.0.2.12");
});

test("delegations in a circle are left by glue from outside, which answers nobody", () => {
  const net: Server = (qname, qtype, asked) => {
    if (qname === ".") return root(qname, qtype, asked);
    return qname.endsWith("left.")
      ? { authority: ["left NS ns.left"], additional: ["ns.left A 10.0.0.2"] }
      : { authority: ["right NS ns.right"], additional: ["ns.right A 10.0.0.3"] };
  };
  const referringTo = (side: string, other: string, ip: string): Server => {
    const ns = `ns.a.${other}`;
    return () => ({ authority: [`a.${side} NS ${ns}`], additional: [`${ns} A ${ip}`] });
  };
  const world = new SmallWorld({
    "10.0.0.1": net,
    "10.0.0.2": referringTo("left", "right", "10.0.0.9"),
    "10.0.0.3": referringTo("right", "left", "10.0.0.8"),
    "10.0.0.9": (qname) => ({ aa: true, answer: [`${qname} A 192.0.2.20`] }),
  });
  assert.equal(line(world.resolve("www.a.left")), "0 | www.a.left. 1 192.0.2.20");
  assert.notEqual(line(world.resolve("ns.a.right")), "0 | ns.a.right. 1 10.0.0.9");
});

/** com refers to example.com at a server of sibling.com, with an old address as glue. */
function staleGlue(siblingSays: Said): { [ip: string]: Server } {
  const host =
    (last: number): Server =>
    (qname) => ({ aa: true, answer: [`${qname} A 192.0.2.${last}`] });
  const tld: Server = (qname) =>
    qname.endsWith("sibling.com.")
      ? { authority: ["sibling.com NS ns.sibling.com"], additional: ["ns.sibling.com A 10.0.0.3"] }
      : { authority: ["example.com NS ns.sibling.com"], additional: ["ns.sibling.com A 10.0.0.8"] };
  const sibling: Server = () => siblingSays;
  return {
    "10.0.0.1": root,
    "10.0.0.2": tld,
    "10.0.0.3": sibling,
    "10.0.0.8": host(8),
    "10.0.0.9": host(9),
  };
}

const moved: Said = { aa: true, answer: ["ns.sibling.com A 10.0.0.9"] };
const mute: Said = { rcode: rcode.SERVFAIL };
const GLUE: [title: string, said: Said, verifyGlue: boolean, last: number][] = [
  ["glue is believed", moved, false, 8],
  ["glue is verified where the operator wants it", moved, true, 9],
  ["glue that cannot be verified serves all the same", mute, true, 8],
];

for (const [title, said, verifyGlue, last] of GLUE) {
  test(title, () => {
    const world = new SmallWorld(staleGlue(said), { verifyGlue });
    assert.equal(line(world.resolve("www.example.com")), `0 | www.example.com. 1 192.0.2.${last}`);
    assert.equal(line(world.resolve("w2.example.com")), `0 | w2.example.com. 1 192.0.2.${last}`);
  });
}

test("an address of a wrong length is left out, and the client is told, later ones too", () => {
  const damaged: Server = (qname, qtype, asked) =>
    qname === "bad."
      ? { aa: true, answer: [`${qname} A #0a0200`, `${qname} A 10.2.0.1`] }
      : root(qname, qtype, asked);
  const world = new SmallWorld({ "10.0.0.1": damaged });
  for (let i = 0; i < 2; i++) {
    const outcome = world.resolve("bad");
    assert.equal(line(outcome), "0 | bad. 1 10.2.0.1");
    assert.deepEqual(
      outcome.errors.map(({ code }) => code),
      [extendedError.other],
    );
  }
});

test("where a child's address of a shared server is wrong, its parent's glue serves", () => {
  const parent: Server = (qname, qtype, asked) => {
    if (qname === ".") return root(qname, qtype, asked);
    return qname.endsWith("host.")
      ? { authority: ["host NS ns.host"], additional: ["ns.host A 10.0.0.8"] }
      : { authority: ["guest NS ns.host"] };
  };
  const host: Server = (qname) =>
    qname === "ns.host."
      ? { aa: true, answer: ["ns.host A 10.9.9.9"] }
      : { aa: true, answer: [`${qname} A 192.0.2.13`] };
  const world = new SmallWorld({ "10.0.0.1": parent, "10.0.0.8": host });
  assert.equal(line(world.resolve("www.guest")), "0 | www.guest. 1 192.0.2.13");
});

test("a cut learnt just now is not asked for again, an old one is, once", () => {
  let isMoved = false;
  const parent: Server = (qname, qtype, asked) => {
    if (qname === ".") return root(qname, qtype, asked);
    const ip = isMoved ? "10.0.0.9" : "10.0.0.8";
    return { authority: ["moved NS ns.moved"], additional: [`ns.moved A ${ip}`] };
  };
  const serving =
    (here: boolean): Server =>
    (qname) =>
      isMoved === here ? { aa: true, answer: [`${qname} A 192.0.2.14`] } : { rcode: rcode.REFUSED };
  const world = new SmallWorld({
    "10.0.0.1": parent,
    "10.0.0.8": serving(false),
    "10.0.0.9": serving(true),
  });
  assert.equal(line(world.resolve("a.moved")), "0 | a.moved. 1 192.0.2.14");
  isMoved = true;
  assert.equal(line(world.resolve("b.moved")), "servers-refuse");
  world.run(60_000);
  assert.equal(line(world.resolve("c.moved")), "0 | c.moved. 1 192.0.2.14");
});
