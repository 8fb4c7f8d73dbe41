/** A CNAME that is not the one that the DNAME beside it makes (RFC 6672 §5.3.1). */
import assert from "node:assert/strict";
import { test } from "node:test";
import { rrType } from "@lethe/wire/codes.ts";
import type { ResourceRecord } from "@lethe/wire/record.ts";
import { smallZone } from "../../sim/signer-zone.ts";
import { SignedZoneWorld } from "../../test/signed-zone-world.ts";
import { name } from "../../test/small-world.ts";
import type { Ask, AskResult, Cancel } from "./effect.ts";

const apex = name("example");
const dname: ResourceRecord = {
  name: name("moved.example"),
  type: rrType.DNAME,
  class: 1,
  ttl: 300,
  rdata: name("new.example"),
};
const question = { name: name("www.moved.example"), type: rrType.A, class: 1 };

/** A world in which every CNAME leads to names with one letter changed. */
class TurnedWorld extends SignedZoneWorld {
  override ask(effect: Ask, done: (result: AskResult) => void): Cancel {
    return super.ask(effect, (result) => {
      done(result.kind === "reply" ? { ...result, message: turned(result.message) } : result);
    });
  }
}

/** Changes the first letter of a CNAME's target: it stands behind type, class, TTL and length. */
function turned(message: Uint8Array): Uint8Array {
  const at = Buffer.from(message).indexOf(Buffer.from([0, rrType.CNAME, 0, 1]));
  return at < 0 ? message : message.with(at + 11, message[at + 11]! ^ 1);
}

test("beside a signed DNAME it makes the reply bogus; the DNAME is kept", () => {
  const world = new TurnedWorld(apex, [...smallZone("example"), dname], { kind: "nsec" });
  const outcome = world.askFor(question);
  assert.ok(outcome.kind === "failed" && outcome.why === "bogus");
  assert.match(outcome.errors[0]!.text, /contradicts/);
  const again = world.askFor({ ...question, type: rrType.DNAME, name: dname.name });
  assert.ok(again.kind === "answered" && again.verdict === "secure" && again.answer.length === 1);
});

test("beside one in a zone that is not signed it is passed over: it is made here", () => {
  const records = [...smallZone("example"), dname];
  const world = new TurnedWorld(
    apex,
    records,
    { kind: "nsec" },
    {
      validation: { anchors: [], insecure: [], trustsSha1: false },
    },
  );
  const outcome = world.askFor(question);
  assert.ok(outcome.kind === "answered");
  assert.deepEqual(outcome.answer[1]!.rdatas, [name("www.new.example")]);
});
