/** Agents of zones are told of faults (RFC 9567): once, in the sandbox, and where it is wanted. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { setU16 } from "@lethe/wire/bytes.ts";
import { optionCode, rrType } from "@lethe/wire/codes.ts";
import { typeToText } from "@lethe/wire/codes-text.ts";
import { OPT_BYTES, type Opt } from "@lethe/wire/edns.ts";
import { nameToText } from "@lethe/wire/name-text.ts";
import { type Meddler, SandboxWorld } from "../../sim/sandbox-world.ts";
import { limits } from "../base/limits.ts";
import { name } from "../../test/small-world.ts";
import { agentIn, isReport } from "./report.ts";

const PAUSE_MS = limits.reportPauseS.value * 1000;
const SPACING_MS = limits.reportSpacingMs.value;
/** The server of bogus.lethe. */
const BOGUS_SERVER = "127.53.2.3";

/** A server names an agent in the OPT record that ends its replies. */
function naming(agent: string, server = BOGUS_SERVER): Meddler {
  const data = name(agent);
  return (reply, from) => {
    const optAt = reply.length - OPT_BYTES;
    if (from !== server || reply[optAt + 2] !== rrType.OPT) return reply;
    const longer = new Uint8Array(reply.length + 4 + data.length);
    longer.set(reply);
    setU16(longer, reply.length - 2, 4 + data.length);
    setU16(longer, reply.length, optionCode.reportChannel);
    setU16(longer, reply.length + 2, data.length);
    longer.set(data, reply.length + 4);
    return longer;
  };
}

function resolve(world: SandboxWorld, text: string, checkingDisabled = false): void {
  world.resolve({ name: name(text), type: rrType.A, class: 1 }, checkingDisabled);
  while (world.mesh.tasksRunning > 0 && world.time.step());
}

/** The reports that reached a server, with their transport. */
function reports(world: SandboxWorld): string[] {
  return world.steps.flatMap((step) => {
    if (step.kind !== "asked" || !isReport(step.question)) return [];
    const { name: of, type } = step.question;
    return [`${nameToText(of)} ${typeToText(type)} ${step.transport}`];
  });
}

const REPORT = "_er.1.www.bogus.lethe.6._er.example.com. TXT tcp";

test("a fault is reported to the agent of its zone, over TCP, once in reportPauseS", () => {
  const world = new SandboxWorld({ reportErrors: true, meddler: naming("example.com") });
  resolve(world, "www.bogus.lethe");
  assert.deepEqual(reports(world), [REPORT]);
  world.memory.bogus.clear();
  world.time.runUntil(world.nowMs() + SPACING_MS);
  resolve(world, "www.bogus.lethe");
  assert.deepEqual(reports(world), [REPORT]);
  world.time.runUntil(world.nowMs() + PAUSE_MS);
  resolve(world, "www.bogus.lethe");
  assert.deepEqual(reports(world), [REPORT, REPORT]);
});

describe("nothing is reported", () => {
  const rows: readonly (readonly [
    string,
    ConstructorParameters<typeof SandboxWorld>[0],
    string,
  ])[] = [
    ["unless the operator wants it", { meddler: naming("example.com") }, "www.bogus.lethe"],
    ["where the zone names no agent", { reportErrors: true }, "www.bogus.lethe"],
    [
      "where only the zone above names one",
      { reportErrors: true, meddler: naming("example.com", "127.53.1.1") },
      "www.bogus.lethe",
    ],
    [
      "to an agent in the zone that fails",
      { reportErrors: true, meddler: naming("agent.bogus.lethe") },
      "www.bogus.lethe",
    ],
    ["to the root", { reportErrors: true, meddler: naming("") }, "www.bogus.lethe"],
    [
      "of what is right",
      { reportErrors: true, meddler: naming("example.com", "127.53.2.1") },
      "www.good.lethe",
    ],
  ];
  for (const [title, options, text] of rows) {
    test(title, () => {
      const world = new SandboxWorld(options);
      resolve(world, text);
      assert.deepEqual(reports(world), []);
    });
  }

  test("of what nobody judged", () => {
    const world = new SandboxWorld({ reportErrors: true, meddler: naming("example.com") });
    resolve(world, "www.bogus.lethe", true);
    assert.deepEqual(reports(world), []);
  });

  test("of a report that fails itself", () => {
    const world = new SandboxWorld({ reportErrors: true, meddler: naming("example.com") });
    const report = name("_er.1.x.test.6._er.bogus.lethe");
    world.resolve({ name: report, type: rrType.TXT, class: 1 });
    while (world.mesh.tasksRunning > 0 && world.time.step());
    const others = reports(world).filter((one) => one.includes("example.com"));
    assert.deepEqual(others, []);
  });

  test("where its name would be too long", () => {
    const long = `${"a".repeat(63)}.${"b".repeat(63)}.${"c".repeat(63)}.${"d".repeat(30)}`;
    const world = new SandboxWorld({ reportErrors: true, meddler: naming("example.com") });
    resolve(world, `${long}.bogus.lethe`);
    assert.deepEqual(reports(world), []);
  });
});

describe("an agent is read from an OPT record", () => {
  const opt = (...datas: readonly Uint8Array[]): Opt => ({
    udpSize: 1232,
    extendedRcode: 0,
    version: 0,
    dnssecOk: true,
    options: datas.map((data) => ({ code: optionCode.reportChannel, data })),
  });
  const agent = name("agent.example");
  const rows: readonly (readonly [string, Opt | undefined, string | undefined])[] = [
    ["a name", opt(agent), "agent.example."],
    ["no OPT record", undefined, undefined],
    ["no option", opt(), undefined],
    ["an empty option", opt(new Uint8Array(0)), undefined],
    ["the root", opt(new Uint8Array(1)), undefined],
    ["a name cut off", opt(agent.slice(0, -1)), undefined],
    ["bytes behind the name", opt(Uint8Array.of(...agent, 0)), undefined],
    ["a compressed name", opt(Uint8Array.of(0xc0, 12)), undefined],
    ["two agents", opt(agent, agent), undefined],
  ];
  for (const [title, given, expected] of rows) {
    test(`${title}: ${expected ?? "none"}`, () => {
      const found = agentIn(given);
      assert.equal(found && nameToText(found), expected);
    });
  }
});
