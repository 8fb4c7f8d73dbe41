/** Tests of what this server tells of itself. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { rrType } from "@lethe/wire/codes.ts";
import { flag } from "@lethe/wire/header.ts";
import { rdataToText } from "@lethe/wire/rdata-text.ts";
import { SmallResolver, type Wish } from "../../test/small-resolver.ts";
import { name } from "../../test/small-world.ts";
import { ipFromText } from "../base/address.ts";
import type { Designation } from "./discovery.ts";

const addresses = ["192.0.2.1", "2001:db8::1"].map((text) => ipFromText(text)!);
const https = {
  alpn: ["h2", "http/1.1"],
  port: 443,
  defaultPort: 443,
  dohPath: "/dns-query{?dns}",
};
const dot = { alpn: ["dot"], port: 8853, defaultPort: 853, addresses };
const designation: Designation = {
  name: name("dns.example"),
  services: [{ ...https, addresses }, dot],
  coversAddresses: true,
  minimises: true,
  infoUrl: "https://dns.example/help",
  obliviousConfigs: Uint8Array.of(0, 1, 2),
};

/** Data of the answer, as text. */
function asked(
  small: SmallResolver,
  of: string,
  type: keyof typeof rrType,
  more: Wish = {},
): string[] {
  const { answer } = small.answer({ name: of, type: rrType[type], ...more });
  return answer.map((record) => rdataToText(record.type, record.rdata));
}

function told(heard: Designation | undefined): SmallResolver {
  const small = new SmallResolver({ "10.0.0.1": () => ({ rcode: 3 }) });
  small.resolver.designate(heard);
  return small;
}

const HINTS = "ipv4hint=192.0.2.1 ipv6hint=2001:db8::1";
const H2 = `alpn="h2,http/1.1" ${HINTS}`;
const transports = [
  `1 dns.example. ${H2} dohpath="/dns-query{?dns}"`,
  `2 dns.example. alpn="dot" port=8853 ${HINTS}`,
];

describe("discovery", () => {
  it("tells the transports to who knows an address, and to who knows the name", () => {
    const small = told(designation);
    assert.deepEqual(asked(small, "_dns.resolver.arpa", "SVCB"), transports);
    assert.deepEqual(asked(small, "_DNS.DNS.example", "SVCB"), transports);
  });

  it("tells nothing by address where the certificate does not cover it", () => {
    const small = told({ ...designation, coversAddresses: false });
    assert.deepEqual(asked(small, "_dns.resolver.arpa", "SVCB"), []);
    assert.deepEqual(asked(small, "_dns.dns.example", "SVCB"), transports);
  });

  it("tells how HTTPS is spoken, with the key of the oblivious target", () => {
    const small = told(designation);
    const [text] = asked(small, "dns.example", "HTTPS");
    assert.equal(text, `1 . ${H2} key32769="\\000\\001\\002"`);
    const other = told({ ...designation, obliviousConfigs: undefined, services: [dot] });
    assert.deepEqual(asked(other, "dns.example", "HTTPS"), []);
  });

  it("tells what it does with questions, also without RD, as its own (RFC 9606)", () => {
    const small = told(designation);
    for (const owner of ["dns.example", "resolver.arpa"]) {
      const [text] = asked(small, owner, "RESINFO", { rd: false });
      assert.match(text!, /^"qnamemin" "exterr=\d[\d,-]*" "infourl=https:\/\/dns.example\/help"$/);
      const { header, answer } = small.answer({ name: owner, type: rrType.RESINFO, rd: false });
      assert.notEqual(header.flags & flag.aa, 0);
      assert.equal(answer.length, 1);
    }
    const [less] = asked(
      told({ ...designation, minimises: false, infoUrl: undefined }),
      "resolver.arpa",
      "RESINFO",
    );
    assert.match(less!, /^"exterr=[\d,-]+"$/);
  });

  it("tells nothing of any other name, of no other type, and nothing without a name", () => {
    const small = told(designation);
    const others: readonly [string, keyof typeof rrType][] = [
      ["_dns.other.example", "SVCB"],
      ["other.example", "HTTPS"],
      ["a._dns.resolver.arpa", "SVCB"],
      ["resolver.arpa", "SVCB"],
      ["_dns.resolver.arpa", "HTTPS"],
      ["_dns.resolver.arpa", "A"],
      ["dns.example", "A"],
    ];
    for (const [owner, type] of others) assert.deepEqual(asked(small, owner, type), []);
    const before = small.world.asked.length;
    for (const nobody of [told(undefined), small]) {
      nobody.resolver.designate(undefined);
      assert.deepEqual(asked(nobody, "_dns.resolver.arpa", "SVCB"), []);
      assert.deepEqual(asked(nobody, "resolver.arpa", "RESINFO"), []);
    }
    assert.equal(small.world.asked.length, before);
  });

  it("goes on after other options are taken", () => {
    const small = told(designation);
    small.resolver.reconfigure(small.options, true);
    assert.deepEqual(asked(small, "_dns.resolver.arpa", "SVCB"), transports);
  });
});
