/** MaginotDNS: a forward zone's resolver says things of zones that are resolved from the root. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { rrType } from "@lethe/wire/codes.ts";
import { type Server, SmallWorld, line, name } from "../small-world.ts";
import { assertTold, asksTo, costOf, refersTo } from "./attacked.ts";

const ROOT = "10.0.0.1";
const BANK = "10.0.0.2";
const FORWARDER = "10.0.0.3";
const EVIL = "10.0.0.66";

const bank: Server = (qname) => ({ aa: true, answer: [`${qname} A 192.0.2.1`] });
const evil: Server = (qname) => ({ aa: true, answer: [`${qname} A 203.0.113.66`] });
/** It answers what it is asked, and adds an answer, an NS set and addresses of `bank.`. */
const forwarder: Server = (qname) => ({
  ra: true,
  answer: [`${qname} A 192.0.2.7`, "www.bank. A 203.0.113.66", "bank. NS ns.evil."],
  authority: ["bank. NS ns.evil.", ". NS ns.evil."],
  additional: [`ns.evil. A ${EVIL}`, `ns.bank. A ${EVIL}`, `a.root. A ${EVIL}`],
});

test("what a forwarder says of names outside its zone changes nothing there", () => {
  const servers = { [ROOT]: refersTo({ "bank.": BANK }), [BANK]: bank };
  const forward = {
    zone: name("corp."),
    servers: [{ ip: Uint8Array.of(10, 0, 0, 3), port: 53 }],
    recursive: true,
  };
  const world = new SmallWorld(
    { ...servers, [FORWARDER]: forwarder, [EVIL]: evil },
    { configuredZones: [forward] },
  );
  assert.equal(line(world.resolve("a.corp.")), "0 | a.corp. 1 192.0.2.7");
  const cost = costOf(world, () => {
    assert.equal(line(world.resolve("www.bank.")), "0 | www.bank. 1 192.0.2.1");
  });
  assertTold("MaginotDNS, the next question of the other zone", cost);
  assert.equal(line(world.resolve("www.bank.")), "0 | www.bank. 1 192.0.2.1");
  assert.equal(line(world.resolve("b.bank.")), "0 | b.bank. 1 192.0.2.1");
  world.resolve("bank.", rrType.NS);
  assert.equal(asksTo(world, EVIL), 0);
});

test("an alias out of a forward zone is resolved by whoever has its target", () => {
  const alias: Server = (qname) => ({
    ra: true,
    answer: [`${qname} CNAME www.bank.`, "www.bank. A 203.0.113.66"],
  });
  const forward = {
    zone: name("corp."),
    servers: [{ ip: Uint8Array.of(10, 0, 0, 3), port: 53 }],
    recursive: true,
  };
  const world = new SmallWorld(
    { [ROOT]: refersTo({ "bank.": BANK }), [BANK]: bank, [FORWARDER]: alias },
    { configuredZones: [forward] },
  );
  const chain = "0 | a.corp. 5 www.bank. | www.bank. 1 192.0.2.1";
  assert.equal(line(world.resolve("a.corp.")), chain);
});
