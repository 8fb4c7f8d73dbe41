/** Answers of configured zones are judged by the public chain of trust, where it knows of them. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { rrType } from "@lethe/wire/codes.ts";
import { type Meddler, SandboxWorld } from "../../sim/sandbox-world.ts";
import { name } from "../../test/small-world.ts";
import type { ConfiguredZone } from "./options.ts";
import type { Outcome } from "./outcome.ts";

/** A server of the sandbox that is the operator's own in these tests. */
const OWN = "127.53.3.29";

/** Has the operator's server answer each question with an unsigned address. */
const answersAll: Meddler = (reply, server, query) => {
  if (server !== OWN) return reply;
  const end = query.indexOf(0, 12) + 5;
  const message = new Uint8Array(end + 16);
  message.set(query.subarray(0, end));
  message.set([0x84, 0, 0, 1, 0, 1, 0, 0, 0, 0], 2);
  message.set([0xc0, 12, 0, 1, 0, 1, 0, 0, 1, 44, 0, 4, 192, 0, 2, 1], end);
  return message;
};

function worldWith(zone: string, recursive: boolean, insecure: readonly string[] = []) {
  const server = { ip: Uint8Array.of(127, 53, 3, 29), port: 53 };
  const configured: ConfiguredZone = { zone: name(zone), servers: [server], recursive };
  return new SandboxWorld({
    configuredZones: [configured],
    validation: { insecure: insecure.map(name) },
    meddler: answersAll,
  });
}

function verdict(outcome: Outcome): string {
  if (outcome.kind === "failed")
    return [outcome.why, ...outcome.errors.map((e) => e.code)].join(" ");
  return outcome.verdict;
}

const cases: readonly (readonly [title: string, zone: string, verdict: string])[] = [
  ["a zone that its signed parent denies", "corp.good.lethe", "insecure"],
  ["a zone below a name that its signed parent denies", "corp.deep.good.lethe", "insecure"],
  ["a zone below a name that the root denies", "corp.none", "insecure"],
  ["a zone that its parent proves to be unsigned", "plain.lethe", "insecure"],
  ["a zone that its parent says is signed, with other keys", "good.lethe", "bogus 9"],
];

for (const [kind, recursive] of [
  ["stub", false],
  ["forward", true],
] as const) {
  describe(`unsigned data of a ${kind} zone`, () => {
    for (const [title, zone, expected] of cases) {
      test(`${title}: ${expected}`, () => {
        const world = worldWith(zone, recursive);
        const ask = (text: string): string =>
          verdict(world.resolve({ name: name(text), type: rrType.A, class: 1 }));
        assert.equal(ask(`www.${zone}`), expected);
        assert.equal(ask(`other.${zone}`), expected, "what its parent denies does not hide it");
        assert.equal(ask(zone), expected);
      });
    }

    test("is not judged below a name that the operator calls insecure", () => {
      const world = worldWith("good.lethe", recursive, ["good.lethe"]);
      const question = { name: name("www.good.lethe"), type: rrType.A, class: 1 };
      assert.equal(verdict(world.resolve(question)), "insecure");
    });
  });
}

test("the DS set of a configured zone is its parent's to deny", () => {
  const world = worldWith("corp.good.lethe", false);
  const ask = (type: number): string => {
    const outcome = world.resolve({ name: name("corp.good.lethe"), type, class: 1 });
    return `${outcome.kind === "answered" ? outcome.rcode : "failed"} ${verdict(outcome)}`;
  };
  assert.equal(ask(rrType.DS), "3 secure");
  assert.equal(ask(rrType.A), "0 insecure");
  assert.equal(ask(rrType.DS), "3 secure");
});
