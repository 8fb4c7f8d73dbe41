/** Tests of names that are not asked of anybody. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { rcode, rrType } from "@lethe/wire/codes.ts";
import { flag } from "@lethe/wire/header.ts";
import { type Wish, SmallResolver } from "../../test/small-resolver.ts";
import { name, text } from "../../test/small-world.ts";
import { ipToText } from "../base/address.ts";
import { SpecialNames } from "./special-names.ts";

const small = new SmallResolver({});
const { NOERROR, NXDOMAIN } = rcode;
const nibbles = "0.".repeat(31);

/** RCODE, addresses of the answer, owner of the SOA. */
const cases: [string, Wish, number, string, string][] = [
  ["localhost", { name: "localhost" }, NOERROR, "127.0.0.1", ""],
  ["below localhost", { name: "a.LocalHost", type: rrType.AAAA }, NOERROR, "::1", ""],
  ["localhost MX", { name: "localhost", type: rrType.MX }, NOERROR, "", "localhost."],
  ["invalid", { name: "invalid" }, NXDOMAIN, "", "invalid."],
  ["below invalid", { name: "a.b.invalid" }, NXDOMAIN, "", "invalid."],
  ["below test", { name: "bench.test" }, NXDOMAIN, "", "test."],
  ["below local", { name: "printer.local" }, NXDOMAIN, "", "local."],
  ["below onion", { name: "x.onion" }, NXDOMAIN, "", "onion."],
  ["below alt", { name: "x.gns.alt" }, NXDOMAIN, "", "alt."],
  ["home.arpa", { name: "home.arpa" }, NOERROR, "", "home.arpa."],
  ["below home.arpa", { name: "nas.home.arpa" }, NXDOMAIN, "", "home.arpa."],
  [
    "a designated resolver",
    { name: "_dns.resolver.arpa", type: 64 },
    NOERROR,
    "",
    "resolver.arpa.",
  ],
  ["below service.arpa", { name: "a.service.arpa" }, NXDOMAIN, "", "service.arpa."],
  [
    "RFC 1918 reverse",
    { name: "1.0.0.10.in-addr.arpa", type: 12 },
    NXDOMAIN,
    "",
    "10.in-addr.arpa.",
  ],
  ["172.16/12, its first", { name: "16.172.in-addr.arpa" }, NOERROR, "", "16.172.in-addr.arpa."],
  ["172.16/12, its last", { name: "1.31.172.in-addr.arpa" }, NXDOMAIN, "", "31.172.in-addr.arpa."],
  ["shared space", { name: "1.64.100.in-addr.arpa" }, NXDOMAIN, "", "64.100.in-addr.arpa."],
  ["::1 reverse", { name: `1.${nibbles}ip6.arpa` }, NOERROR, "", `1.${nibbles}ip6.arpa.`],
  ["ULA reverse", { name: "0.d.f.ip6.arpa" }, NXDOMAIN, "", "d.f.ip6.arpa."],
];

for (const [title, wish, code, addresses, soa] of cases) {
  test(`${title} is answered here`, () => {
    const { header, answer, authority } = small.answer(wish);
    assert.equal(header.rcode, code);
    assert.equal(header.flags & flag.aa, flag.aa);
    assert.equal(answer.map(({ rdata }) => ipToText(rdata)).join(), addresses);
    assert.equal(authority.map((record) => text(record.name)).join(), soa);
    assert.equal(small.world.asked.length, 0);
  });
}

test("the apex of a zone that is served here has SOA and NS", () => {
  const ns = small.answer({ name: "10.in-addr.arpa", type: rrType.NS });
  assert.equal(text(ns.answer[0]!.rdata as ReturnType<typeof name>), "10.in-addr.arpa.");
  const soa = small.answer({ name: "10.in-addr.arpa", type: rrType.SOA });
  assert.equal(soa.answer[0]!.type, rrType.SOA);
  assert.equal(soa.answer[0]!.ttl, 10_800); // RFC 6303 §3
});

const ordinary = ["www.example", "arpa", "15.172.in-addr.arpa", "32.172.in-addr.arpa"];
const more = ["63.100.in-addr.arpa", "128.100.in-addr.arpa", "testing", "x.localhost.example", ""];

for (const plain of [...ordinary, ...more]) {
  test(`"${plain}" is like any other name`, () => {
    const asked = { name: name(plain), type: rrType.A, class: 1 };
    assert.equal(new SpecialNames([]).answer(asked), undefined);
  });
}

test("the DS question of a zone that is served here is asked of the zone above (RFC 8375 §4)", () => {
  const names = new SpecialNames([]);
  const asked = (plain: string) => ({ name: name(plain), type: rrType.DS, class: 1 });
  for (const apex of ["home.arpa", "service.arpa", "resolver.arpa", "10.in-addr.arpa"]) {
    assert.equal(names.answer(asked(apex)), undefined, apex);
    assert.notEqual(names.answer(asked(`x.${apex}`)), undefined, apex);
  }
  for (const apex of ["localhost", "invalid", "test", "onion", "alt", "local"]) {
    assert.notEqual(names.answer(asked(apex)), undefined, apex);
  }
});

test("a zone of the operator's own wins", () => {
  const names = new SpecialNames([name("bench.test")]);
  const asked = (plain: string) => ({ name: name(plain), type: rrType.A, class: 1 });
  assert.equal(names.answer(asked("www.bench.test")), undefined);
  assert.equal(names.answer(asked("bench.test")), undefined);
  assert.notEqual(names.answer(asked("other.test")), undefined);
});

test("names of very many labels are looked at and passed on", () => {
  const asked = { name: name("a.".repeat(120) + "arpa"), type: rrType.A, class: 1 };
  assert.equal(new SpecialNames([]).answer(asked), undefined);
});
