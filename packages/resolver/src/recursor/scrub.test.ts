/** What a server may not say, and how much of it. */
import { rrType } from "@lethe/wire/codes.ts";
import { flag } from "@lethe/wire/header.ts";
import type { Message } from "@lethe/wire/message.ts";
import type { ResourceRecord } from "@lethe/wire/record.ts";
import assert from "node:assert/strict";
import { test } from "node:test";
import { name, text } from "../../test/small-world.ts";
import { limits } from "../base/limits.ts";
import { scrub } from "./scrub.ts";

function record(owner: string, type: number, rdata: Uint8Array, rrclass = 1): ResourceRecord {
  return { name: name(owner), type, class: rrclass, ttl: 300, rdata };
}

function reply(sections: Partial<Message>): Message {
  return {
    kind: "message",
    header: { id: 0, flags: flag.qr | flag.aa, opcode: 0, rcode: 0 },
    questions: [],
    answer: [],
    authority: [],
    additional: [],
    opt: undefined,
    trailingBytes: 0,
    ...sections,
  };
}

const address = Uint8Array.of(192, 0, 2, 1);

test("records outside the zone, or of another class, are left out of every section", () => {
  const records = [
    record("www.example.com", rrType.A, address),
    record("www.example.net", rrType.A, address),
    record("com", rrType.A, address),
    record("ch.example.com", rrType.A, address, 3),
  ];
  const sections = { answer: records, authority: records, additional: records };
  const said = scrub(reply(sections), name("example.com"), 1);
  for (const section of [said.answer, said.authority, said.additional]) {
    assert.deepEqual(
      section.map((set) => text(set.name)),
      ["www.example.com."],
    );
  }
});

test("the additional section gives addresses only", () => {
  const additional = [
    record("a.example.com", rrType.A, address),
    record("a.example.com", rrType.NS, name("evil.example.com")),
    record("a.example.com", rrType.CNAME, name("evil.example.com")),
  ];
  const said = scrub(reply({ additional }), name("example.com"), 1);
  assert.deepEqual(
    said.additional.map((set) => set.type),
    [rrType.A],
  );
});

test("an address that is too short or too long is left out alone, in every section", () => {
  const records = [
    record("a.example.com", rrType.A, address.subarray(1)),
    record("a.example.com", rrType.A, address),
    record("b.example.com", rrType.A, new Uint8Array(16)),
    record("b.example.com", rrType.AAAA, address),
  ];
  const sections = { answer: records, authority: records, additional: records };
  const said = scrub(reply(sections), name("example.com"), 1);
  for (const section of [said.answer, said.authority, said.additional]) {
    assert.deepEqual(
      section.map((set) => [text(set.name), set.type, set.rdatas]),
      [["a.example.com.", rrType.A, [address]]],
    );
  }
  assert.equal(said.hadMisshapen, true);
  assert.equal(scrub(reply({ authority: records }), name("example.com"), 1).hadMisshapen, false);
});

test("addresses of names outside the zone stand apart, and nothing else does", () => {
  const additional = [
    record("a.example.net", rrType.A, address),
    record("a.example.net", rrType.A, address.subarray(1)),
    record("a.example.net", rrType.A, address, 3),
    record("a.example.net", rrType.NS, name("evil.example.com")),
  ];
  const said = scrub(reply({ additional, answer: additional }), name("example.com"), 1);
  assert.deepEqual(
    said.outside.map((set) => [text(set.name), set.type, set.rdatas]),
    [["a.example.net.", rrType.A, [address]]],
  );
});

test("a denial that reaches out of the zone is left out, with its signature", () => {
  const gap = (next: string): Uint8Array => Uint8Array.of(...name(next), 0, 1, 0x40);
  const authority = [
    record("a.example.com", rrType.NSEC, gap("example.net")),
    record("b.example.com", rrType.NSEC, gap("example.com")),
    record("c.example.com", rrType.NSEC, gap("d.example.com")),
  ];
  const said = scrub(reply({ authority }), name("example.com"), 1);
  assert.deepEqual(
    said.authority.map((set) => text(set.name)),
    ["b.example.com.", "c.example.com."],
  );
});

test("a name has one alias", () => {
  const answer = [
    record("a.example.com", rrType.CNAME, name("b.example.com")),
    record("a.example.com", rrType.CNAME, name("c.example.com")),
  ];
  const said = scrub(reply({ answer }), name("example.com"), 1);
  assert.deepEqual(said.answer[0]!.rdatas, [name("b.example.com")]);
});

test("a set keeps signaturesPerSetMax signatures, NS sets nsNamesPerDelegationMax names", () => {
  const signaturesMax = limits.signaturesPerSetMax.value;
  const namesMax = limits.nsNamesPerDelegationMax.value;
  for (const extra of [0, 1]) {
    const signatures = Array.from({ length: signaturesMax + extra }, (_, i) =>
      record("a.example.com", rrType.RRSIG, Uint8Array.of(0, rrType.A, i)),
    );
    const answer = [record("a.example.com", rrType.A, address), ...signatures];
    const authority = Array.from({ length: namesMax + extra }, (_, i) =>
      record("example.com", rrType.NS, name(`ns${i}`)),
    );
    const said = scrub(reply({ answer, authority }), name("example.com"), 1);
    assert.equal(said.answer[0]!.signatures.length, signaturesMax);
    assert.equal(said.authority[0]!.rdatas.length, namesMax);
  }
});
