/** One question to the servers of one zone: retries, fallbacks, and when to give up. */
import { rcode, rrType } from "@lethe/wire/codes.ts";
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Server, SmallWorld, line, name, trailIn } from "../../test/small-world.ts";
import { limits } from "../base/limits.ts";
import type { Delegation } from "./delegation.ts";
import type { Outcome } from "./outcome.ts";
import { exchange } from "./exchange.ts";
import type { Trail } from "./trail.ts";
import type { Task } from "./effect.ts";

const question = { name: name("www.com"), type: rrType.A, class: 1 };
const answer = { aa: true, answer: ["www.com A 192.0.2.1"] };

/** A world in which a task is one exchange of www.com with the zone com at these servers. */
function worldOf(
  servers: Readonly<Record<string, Server>>,
  options: { readonly isPart?: boolean; readonly caseRandomisation?: boolean } = {},
): SmallWorld {
  function* program(trail: Trail): Task<Outcome> {
    const ips = Object.keys(servers).map((text) => Uint8Array.from(text.split("."), Number));
    const from: Delegation = {
      zone: name("com"),
      targets: [{ name: name("ns.com"), ips, spareIps: [], lookedUp: [rrType.A, rrType.AAAA] }],
      configured: undefined,
      learntMs: 0,
      whole: false,
      childAdded: true,
    };
    const reply = yield* exchange(from, question, options.isPart ?? false, trail);
    if (reply.kind === "failed") {
      return { kind: "failed", why: reply.why, errors: [], ttlS: 0 };
    }
    const answered = { kind: "answered", rcode: 0, authority: [], errors: [], ttlS: 1 } as const;
    const sets = reply.kind === "telling" ? reply.sets : [];
    return { ...answered, answer: sets, verdict: "indeterminate" };
  }
  const caseRandomisation = options.caseRandomisation ?? false;
  return new SmallWorld(servers, { caseRandomisation }, { program });
}

const silent: Server = () => undefined;
const good: Server = () => answer;
const YES = "0 | www.com. 1 192.0.2.1";

test("the next server is asked where one is silent, refuses, fails or speaks of others", () => {
  const bad: Server[] = [
    silent,
    () => ({ rcode: rcode.REFUSED }),
    () => ({ rcode: rcode.SERVFAIL }),
    () => ({ aa: true, answer: ["www.net A 192.0.2.9"], rcode: rcode.YXDOMAIN }),
    () => ({ authority: [". NS a.root"] }),
    () => ({ kind: "unreachable" }),
    () => ({ kind: "reply", message: new Uint8Array(5), rttMs: 1 }),
  ];
  for (const server of bad) {
    assert.equal(line(worldOf({ "10.0.0.1": server, "10.0.0.2": good }).resolve("a")), YES);
  }
});

test("a silent server is asked triesPerServerMax times, and no more", () => {
  const world = worldOf({ "10.0.0.1": silent });
  world.memory.servers.noteEdns({ ip: Uint8Array.of(10, 0, 0, 1), port: 53 }, "works", 0);
  assert.equal(line(world.resolve("a")), "no-reachable-server");
  assert.equal(world.asked.length, limits.triesPerServerMax.value);
  let tries = 0;
  const late: Server = () => (++tries < limits.triesPerServerMax.value ? undefined : answer);
  assert.equal(line(worldOf({ "10.0.0.1": late }).resolve("a")), YES);
});

test("after triesBeforeMoreAddresses silences further addresses are looked up", () => {
  const max = limits.triesBeforeMoreAddresses.value;
  const root: Server = (qname) =>
    qname === "."
      ? { aa: true, answer: [". NS a.root"], additional: ["a.root A 10.0.0.1"] }
      : qname === "ns.far."
        ? { aa: true, answer: ["ns.far A 10.0.0.3"] }
        : {
            authority: ["com NS ns.com", "com NS ns.far"],
            additional: ["ns.com A 10.0.0.2"],
          };
  for (const [replies, lookups] of [
    [max, 0],
    [max + 1, 1],
  ] as const) {
    let tries = 0;
    const late: Server = () => (++tries < replies ? undefined : answer);
    const world = new SmallWorld({ "10.0.0.1": root, "10.0.0.2": late, "10.0.0.3": good });
    world.memory.servers.noteEdns({ ip: Uint8Array.of(10, 0, 0, 2), port: 53 }, "works", 0);
    assert.equal(line(world.resolve("www.com")), YES);
    const asked = world.asked.filter((one) => one.includes("ns.far."));
    assert.equal(asked.length > 0, lookups > 0, world.asked.join("\n"));
  }
});

test("one exchange asks asksPerExchangeMax times, and no more", () => {
  const max = limits.asksPerExchangeMax.value;
  const refusing: Server = () => ({ rcode: rcode.REFUSED });
  const many = (count: number): [string, Server][] =>
    Array.from({ length: count }, (_, i) => [`10.0.1.${i}`, refusing]);
  const world = worldOf(Object.fromEntries(many(max + 4)));
  assert.equal(line(world.resolve("a")), "servers-refuse");
  assert.equal(world.asked.length, max);
});

test("after timeoutsBeforePlainDns silences a server is asked without EDNS", () => {
  const forms: boolean[] = [];
  const dropsOpt: Server = (_qname, _qtype, { message }) => {
    forms.push(message.opt !== undefined);
    return message.opt === undefined ? answer : undefined;
  };
  const world = worldOf({ "10.0.0.1": dropsOpt });
  assert.equal(line(world.resolve("a")), YES);
  const withOpt = Array.from({ length: limits.timeoutsBeforePlainDns.value }, () => true);
  assert.deepEqual(forms, [...withOpt, false]);
  world.resolve("b");
  assert.deepEqual(forms, [...withOpt, false, false], "it is remembered");
});

test("a reply to a question without EDNS does not undo that EDNS works", () => {
  const at = { ip: Uint8Array.of(10, 0, 0, 1), port: 53 };
  const busy: Server = (_qname, _qtype, { message }) => {
    if (message.opt !== undefined) return undefined;
    // Another task has heard from it in the meantime.
    world.memory.servers.noteEdns(at, "works", world.nowMs());
    return answer;
  };
  const world = worldOf({ "10.0.0.1": busy });
  assert.equal(line(world.resolve("a")), YES);
  assert.equal(world.memory.servers.edns(at, world.nowMs()), "works");
});

const DISLIKES: [title: string, code: number][] = [
  ["FORMERR", rcode.FORMERR],
  ["NOTIMP", rcode.NOTIMP],
  ["SERVFAIL without OPT", rcode.SERVFAIL],
];

for (const [title, code] of DISLIKES) {
  test(`a server that says ${title} to EDNS is asked without (RFC 6891 §6.2.2)`, () => {
    const server: Server = (_qname, _qtype, { message }) =>
      message.opt === undefined ? answer : { rcode: code };
    const world = worldOf({ "10.0.0.1": server });
    assert.equal(line(world.resolve("a")), YES);
    assert.equal(world.asked.length, 2);
    assert.equal(line(world.resolve("b")), YES);
    assert.equal(world.asked.length, 3, "it is remembered");
  });
}

test("a server that says FORMERR to everything is not thought to lack EDNS", () => {
  const world = worldOf({ "10.0.0.1": () => ({ rcode: rcode.FORMERR }) });
  assert.equal(line(world.resolve("a")), "servers-fail");
  const server = { ip: Uint8Array.of(10, 0, 0, 1), port: 53 };
  assert.equal(world.memory.servers.edns(server, world.nowMs()), "unknown");
});

test("a truncated reply is asked for again over TCP (RFC 7766 §5)", () => {
  const transports: string[] = [];
  const server: Server = (_qname, _qtype, { transport }) => {
    transports.push(transport);
    return transport === "udp" ? { aa: true, tc: true } : answer;
  };
  assert.equal(line(worldOf({ "10.0.0.1": server }).resolve("a")), YES);
  assert.deepEqual(transports, ["udp", "tcp"]);
});

test("a reply that is truncated over TCP too is of no use", () => {
  const server: Server = () => ({ ...answer, tc: true });
  assert.equal(line(worldOf({ "10.0.0.1": server }).resolve("a")), "malformed-replies");
});

test("where TCP fails after a truncated reply the next server is asked", () => {
  const server: Server = (_qname, _qtype, { transport }) =>
    transport === "udp" ? { aa: true, tc: true } : { kind: "unreachable" };
  assert.equal(line(worldOf({ "10.0.0.1": server, "10.0.0.2": good }).resolve("a")), YES);
  assert.equal(line(worldOf({ "10.0.0.1": server }).resolve("a")), "no-reachable-server");
});

test("a reply in other letter case is asked for again over TCP", () => {
  const server: Server = (_qname, _qtype, { transport }) =>
    transport === "udp" ? { kind: "case-mismatch", rttMs: 5 } : answer;
  const world = worldOf({ "10.0.0.1": server }, { caseRandomisation: true });
  assert.equal(line(world.resolve("a")), YES);
});

test("a server that folds letter case and speaks no TCP is asked in plain letters", () => {
  const server: Server = (_qname, _qtype, { transport, message }) => {
    if (transport === "tcp") return { kind: "unreachable" };
    const isPlain = message.questions[0]!.name.every((byte) => byte < 0x41 || byte > 0x5a);
    return isPlain ? answer : { kind: "case-mismatch", rttMs: 5 };
  };
  const world = worldOf({ "10.0.0.1": server }, { caseRandomisation: true });
  assert.equal(line(world.resolve("a")), YES);
});

test("a server needs fallbacksPerServerMax fallbacks at most, or counts as broken", () => {
  const max = limits.fallbacksPerServerMax.value;
  /** Says it folds letter case for ever. */
  const endless: Server = () => ({ kind: "case-mismatch", rttMs: 5 });
  const world = worldOf({ "10.0.0.1": endless }, { caseRandomisation: true });
  assert.equal(line(world.resolve("a")), "malformed-replies");
  assert.equal(world.asked.length, max + 1);
  let asks = 0;
  const last: Server = () => (++asks <= max ? { kind: "case-mismatch", rttMs: 5 } : answer);
  assert.equal(line(worldOf({ "10.0.0.1": last }, { caseRandomisation: true }).resolve("a")), YES);
});

test("a stream is waited for twice as long as a datagram, and no longer than timeoutMaxMs", () => {
  const maxMs = limits.timeoutMaxMs.value;
  for (const rttMs of [20, 300, 10_000]) {
    const waits: Record<string, number> = {};
    const server: Server = (_qname, _qtype, { transport, timeoutMs }) => {
      waits[transport] ??= timeoutMs;
      return transport === "udp" ? { aa: true, tc: true } : undefined;
    };
    const world = worldOf({ "10.0.0.1": server });
    const address = { ip: Uint8Array.of(10, 0, 0, 1), port: 53 };
    const told = world.memory.servers;
    for (let i = 0; i < 30; i++) told.noteReply(address, rttMs, 0);
    world.resolve("a");
    assert.ok(waits["udp"]! >= limits.timeoutMinMs.value);
    assert.ok(waits["tcp"]! > waits["udp"]! || waits["udp"] === maxMs);
    assert.equal(waits["tcp"], Math.min(2 * told.timeoutMs(address, world.nowMs()), maxMs));
  }
});

test("where no socket is left the question fails at once, and no server is blamed", () => {
  const world = worldOf({ "10.0.0.1": () => ({ kind: "busy" }), "10.0.0.2": good });
  world.memory.servers.noteReply({ ip: Uint8Array.of(10, 0, 0, 1), port: 53 }, 1, 0);
  world.memory.servers.noteReply({ ip: Uint8Array.of(10, 0, 0, 2), port: 53 }, 900, 0);
  const outcome = world.resolve("a");
  assert.equal(line(outcome), "too-busy");
  assert.equal(outcome.ttlS, 0, "it is not kept");
  assert.equal(world.asked.length, 1);
  const server = { ip: Uint8Array.of(10, 0, 0, 1), port: 53 };
  assert.equal(world.memory.servers.timeouts(server, world.nowMs()), 0);
});

test("timeoutsWhileMinimisedMax silences end the asking for a part of a name", () => {
  const max = limits.timeoutsWhileMinimisedMax.value;
  const servers = Object.fromEntries(
    Array.from({ length: max + 2 }, (_, i): [string, Server] => [`10.0.0.${i + 1}`, silent]),
  );
  const part = worldOf(servers, { isPart: true });
  part.resolve("a");
  assert.equal(part.asked.length, max);
  const whole = worldOf(servers);
  whole.resolve("a");
  assert.ok(whole.asked.length > max + 2);
});

test("a resolver's answer serves where no authority gives one", () => {
  const resolver: Server = () => ({ ra: true, answer: ["www.com A 192.0.2.7"] });
  assert.equal(line(worldOf({ "10.0.0.1": resolver }).resolve("a")), "0 | www.com. 1 192.0.2.7");
  assert.equal(line(worldOf({ "10.0.0.1": resolver, "10.0.0.2": good }).resolve("a")), YES);
});

test("a server that refused one question is asked another when nobody else is left", () => {
  let asks = 0;
  const world = worldOf({ "10.0.0.1": () => (asks++ === 0 ? { rcode: rcode.REFUSED } : answer) });
  assert.equal(line(world.resolve("a")), "servers-refuse");
  const server = { ip: Uint8Array.of(10, 0, 0, 1), port: 53 };
  assert.equal(world.memory.servers.isLame(server, name("com"), world.nowMs()), true);
  assert.equal(line(world.resolve("b")), YES);
});

test("a family without a route costs one question, and none while that is remembered", () => {
  const world = worldOf({
    "10.0.0.1": () => ({ kind: "no-route" }),
    "10.0.0.2": () => ({ kind: "no-route" }),
  });
  assert.equal(line(world.resolve("a")), "no-reachable-server");
  assert.equal(world.asked.length, 1);
  world.resolve("b");
  assert.equal(world.asked.length, 1);
  assert.equal(trailIn(world).memory.servers.hasRoute(4, world.nowMs()), false);
});
