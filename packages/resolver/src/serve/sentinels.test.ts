/** The table of RFC 8509 §2.2 and its conditions, through the door of a resolver in the sandbox. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { rcode, rrType } from "@lethe/wire/codes.ts";
import { flag } from "@lethe/wire/header.ts";
import { type Message, readMessage } from "@lethe/wire/message.ts";
import { sandboxTrustAnchors } from "../../sim/sandbox-signing.ts";
import { SandboxWorld } from "../../sim/sandbox-world.ts";
import { sandboxRootHints } from "../../sim/sandbox-zones.ts";
import { SimVerifier } from "../../sim/verifier.ts";
import { type Wish, question } from "../../test/small-resolver.ts";
import { readAnchors, rootAnchor } from "../dnssec/anchor.ts";
import { Client } from "../privacy/client.ts";
import { rootHintsFromText } from "../recursor/root-hints.ts";
import { TAKEN } from "../transports/door.ts";
import { Resolver } from "./resolver.ts";
import { plainOptions, plainRecursor } from "../../test/plain-options.ts";

const CD = flag.cd;
const anchors = readAnchors(sandboxTrustAnchors());
const rootHints = rootHintsFromText(sandboxRootHints());
assert.ok(!("kind" in anchors) && !("kind" in rootHints));

/** A validating resolver in the sandbox, and what a client is told there. */
class Sandboxed {
  readonly world = new SandboxWorld();
  readonly resolver: Resolver;

  constructor() {
    assert.ok(!("kind" in anchors) && !("kind" in rootHints));
    const { world } = this;
    this.resolver = new Resolver(
      plainOptions(
        {
          ...plainRecursor,
          rootHints,
          mayAskLoopback: true,
          validation: { anchors, insecure: [], trustsSha1: false },
        },
        1 << 20,
      ),
      world,
      new SimVerifier(world),
    );
  }

  ask(wish: Wish): Message {
    const frame = new Uint8Array(4096);
    const query = question({ udpSize: 1232, ...wish });
    frame.set(query);
    const answers: Uint8Array[] = [];
    const length = this.resolver.ask(frame, 0, query.length, frame.length, {
      transport: "udp",
      listener: 0,
      client: Client.at(Uint8Array.of(127, 0, 0, 1), 5353),
      idleTimeoutS: 0,
      later: () => (bytes) => {
        if (bytes !== undefined) answers.push(bytes.slice());
      },
    });
    if (length !== TAKEN) answers.push(frame.slice(0, length));
    while (answers.length === 0 && this.world.time.step());
    const message = readMessage(answers[0]!);
    assert.ok(message.kind === "message");
    return message;
  }

  /** `answer`, or `SERVFAIL` without any record. */
  told(wish: Wish): string {
    const { header, answer, authority } = this.ask(wish);
    if (header.rcode !== rcode.SERVFAIL) return answer.length > 0 ? "answer" : "no data";
    assert.deepEqual([answer, authority], [[], []]);
    return "SERVFAIL";
  }
}

const name = (label: string): string => `root-key-sentinel-${label}.good.lethe`;
const [isTrusted, notTrusted] = [name("is-ta-48475"), name("not-ta-48475")];
const [isOther, notOther] = [name("is-ta-20326"), name("not-ta-20326")];

describe("RFC 8509 §2.2: the key 48475 is trusted, 20326 is not", () => {
  const rows: readonly (readonly [string, Wish, string])[] = [
    ["is-ta of a trusted key: the original answer", { name: isTrusted }, "answer"],
    ["is-ta of another key: SERVFAIL", { name: isOther }, "SERVFAIL"],
    ["not-ta of a trusted key: SERVFAIL", { name: notTrusted }, "SERVFAIL"],
    ["not-ta of another key: the original answer", { name: notOther }, "answer"],
    ["any letter case", { name: isOther.toUpperCase() }, "SERVFAIL"],
    ["AAAA, of which there is none, too", { name: isOther, type: rrType.AAAA }, "SERVFAIL"],
    ["a name that does not exist, too", { name: name("is-ta-11111") }, "SERVFAIL"],
  ];
  for (const [title, wish, expected] of rows) {
    test(title, () => {
      assert.equal(new Sandboxed().told(wish), expected);
    });
  }
});

describe("RFC 8509 §2.1: the answer is not altered", () => {
  const below = `www.${isOther}`;
  const plain = isOther.replace("good", "plain");
  const short = name("is-ta-2032");
  const rows: readonly (readonly [string, Wish, string])[] = [
    ["of a zone that is not signed", { name: plain }, "answer"],
    ["where CD is set", { name: isOther, flags: CD }, "answer"],
    ["to a question for another type", { name: isOther, type: rrType.TXT }, "no data"],
    ["where the label is not the first", { name: below }, "no data"],
    ["where the tag has not five digits", { name: short }, "no data"],
  ];
  for (const [title, wish, expected] of rows) {
    test(title, () => {
      assert.equal(new Sandboxed().told(wish), expected);
    });
  }
});

describe("the caches", () => {
  test("give the same answer again, whoever has asked before", () => {
    const sandboxed = new Sandboxed();
    for (let i = 0; i < 3; i++) {
      assert.equal(sandboxed.told({ name: isOther }), "SERVFAIL");
      assert.equal(sandboxed.told({ name: isOther, flags: CD }), "answer");
      assert.equal(sandboxed.told({ name: isTrusted }), "answer");
      assert.equal(sandboxed.told({ name: isOther, dnssecOk: true }), "SERVFAIL");
    }
  });
  test("keep the data, so that nobody is asked twice, and no judgement", () => {
    const sandboxed = new Sandboxed();
    sandboxed.told({ name: isOther });
    const { asksTotal } = sandboxed.resolver.stats;
    sandboxed.told({ name: isOther });
    assert.equal(sandboxed.resolver.stats.asksTotal, asksTotal);
    assert.equal(sandboxed.resolver.stats.answers.entries, 0);
    assert.equal(sandboxed.resolver.stats.counts["fast"], 0);
  });
  test("follow what is trusted at this moment", () => {
    const sandboxed = new Sandboxed();
    assert.equal(sandboxed.told({ name: isOther }), "SERVFAIL");
    assert.ok(!("kind" in anchors));
    const [own] = anchors;
    const both = { ...own!, ds: [...own!.ds, ...rootAnchor().ds] };
    sandboxed.resolver.believe([both]);
    assert.equal(sandboxed.told({ name: isOther }), "answer");
    assert.equal(sandboxed.told({ name: notOther }), "SERVFAIL");
  });
});
