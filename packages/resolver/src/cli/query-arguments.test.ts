/** What `lethe query` may be told, and the one line for what it may not. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { nameToText } from "@lethe/wire/name-text.ts";
import { limits } from "../base/limits.ts";
import { type QueryPlan, nameFromPerson, readQueryArguments } from "./query-arguments.ts";
import { placeToText } from "./query-server.ts";

function planOf(...args: readonly string[]): QueryPlan {
  const plan = readQueryArguments(args);
  assert.ok(!("kind" in plan), "line" in plan ? plan.line : "");
  return plan;
}

function complaintOf(...args: readonly string[]): string {
  const complaint = readQueryArguments(args);
  assert.ok("kind" in complaint, "the arguments were accepted");
  assert.ok(!complaint.line.includes("\n"));
  return complaint.line;
}

const servers: readonly (readonly [argument: string, expected: string])[] = [
  ["@127.0.0.1", "127.0.0.1:53"],
  ["@127.0.0.1:5335", "127.0.0.1:5335"],
  ["@::1", "[::1]:53"],
  ["@[::1]", "[::1]:53"],
  ["@[2001:db8::1]:853", "[2001:db8::1]:853"],
  ["@localhost", "localhost:53"],
  ["@NS1.example.:5300", "ns1.example:5300"],
];

/** Arguments, and whom they mean: server, transport, and what it has to prove. */
const secured: readonly (readonly [args: readonly string[], expected: string])[] = [
  [["+tls"], "127.0.0.1:8853 tls - - authorities"],
  [["+https"], "127.0.0.1:8443 https - /dns-query authorities"],
  [["+https-get"], "127.0.0.1:8443 https-get - /dns-query authorities"],
  [["+json"], "127.0.0.1:8443 json - /dns-query authorities"],
  [["@192.0.2.1", "+tls"], "192.0.2.1:853 tls - - authorities"],
  [["@192.0.2.1:54", "+tls", "+tls-host=A.example"], "192.0.2.1:54 tls a.example - authorities"],
  [["@dns.example", "+https"], "dns.example:443 https dns.example /dns-query authorities"],
  [["@tls://192.0.2.1#x.example"], "192.0.2.1:853 tls x.example - authorities"],
  [["@tls://x.example", "+tls-unchecked"], "x.example:853 tls x.example - anyone"],
  [["@https://x.example/d"], "x.example:443 https x.example /d authorities"],
  [["@https://x.example/resolve", "+json"], "x.example:443 json x.example /resolve authorities"],
  [["@https://[::1]:8443/d", `+tls-pin=${"A".repeat(43)}=`], "[::1]:8443 https - /d keys"],
];

const refused: readonly (readonly [title: string, args: readonly string[], part: string])[] = [
  ["no name", [], "expected a name"],
  ["an option alone", ["+tcp"], "expected a name"],
  ["a type that is none", ["example.com", "ADRESS"], "ADRESS: expected a type"],
  ["two types", ["example.com", "A", "MX"], "MX: expected one type only"],
  ["a server that is neither", ["@local host", "example.com"], "expected an address"],
  ["HTTPS to a server of TLS", ["@tls://192.0.2.1", "+https", "a"], "expected +tls"],
  ["UDP to a server of HTTPS", ["@https://x.example/d", "+udp", "a"], "expected +https"],
  ["wishes of TLS without it", ["a", "+tls-unchecked"], "expected +tls"],
  ["a pin that is no hash", ["a", "+tls", "+tls-pin=A"], "expected a SHA-256"],
  ["a host that is none", ["a", "+tls", "+tls-host=192.0.2.1"], "expected a host name"],
  [
    "a file that is not there",
    ["a", "+tls", "+tls-ca=/nowhere"],
    "expected a file of certificates",
  ],
  ["a file without certificates", ["a", "+tls", "+tls-ca=/dev/null"], "expected a file of cert"],
  ["a port of zero", ["@127.0.0.1:0", "example.com"], "expected an address"],
  ["IPv4 in brackets", ["@[127.0.0.1]:53", "example.com"], "expected an address"],
  ["an empty label", ["a..b"], "a..b: expected a domain name"],
  ["a label of 64 bytes", [`${"a".repeat(64)}.com`], "expected a domain name"],
  ["an unknown option", ["example.com", "+trace"], "+trace: expected one of"],
  ["an option with a dash", ["-t", "example.com"], "-t: expected one of"],
  ["a buffer beyond 16 bits", ["example.com", "+bufsize=65536"], "0 to 65535"],
  ["a time of zero", ["example.com", "+time=0"], "1 to 60 seconds"],
  ["a time in words", ["example.com", "+time=soon"], "1 to 60 seconds"],
];

describe("the arguments of query", () => {
  test("need a name only; the rest has defaults", () => {
    const plan = planOf("example.com");
    assert.equal(nameToText(plan.name), "example.com.");
    assert.equal(placeToText(plan.place), "127.0.0.1:5335");
    assert.deepEqual([plan.type, plan.class, plan.transport], [1, 1, "any"]);
    assert.equal(plan.timeoutMs, limits.queryTimeoutS.value * 1000);
    assert.ok(plan.recursionDesired);
  });

  test("take type, class and options in any order", () => {
    const plan = planOf("+tcp", "TXT", "CH", "@127.0.0.1", "+dnssec", "+norec", "+bufsize=0");
    assert.equal(nameToText(plan.name), "TXT.");
    assert.deepEqual([plan.type, plan.class], [1, 3]);
    const other = planOf("id.server", "CH", "TXT", "+short", "+cd", "+nsid");
    assert.deepEqual([other.type, other.class, other.output], [16, 3, "short"]);
    assert.ok(other.checkingDisabled && other.nsid);
    assert.equal(plan.transport, "tcp");
    assert.ok(plan.dnssec && !plan.recursionDesired && plan.bufferBytes === 0);
  });

  for (const [argument, expected] of servers) {
    test(`take ${argument} as a server`, () => {
      assert.equal(placeToText(planOf(argument, "example.com").place), expected);
    });
  }

  for (const [title, args, part] of refused) {
    test(`are refused for ${title}, in one line`, () => {
      const line = complaintOf(...args);
      assert.ok(line.includes(part), line);
    });
  }

  for (const [args, expected] of secured) {
    test(`take ${args.join(" ")} as a server over TLS`, () => {
      const { place, transport, secure } = planOf("example.com", ...args);
      const { name = "-", path, trust } = secure!;
      const words = [placeToText(place), transport, name, path === "" ? "-" : path, trust.kind];
      assert.equal(words.join(" "), expected);
    });
  }

  for (const transport of ["h3", "quic"]) {
    test(`say that +${transport} is not built yet`, () => {
      assert.match(complaintOf("example.com", `+${transport}`), /not built yet/);
    });
  }

  test("take the longest time and no longer one", () => {
    const most = limits.queryTimeoutMaxS.value;
    assert.equal(planOf("a", `+time=${most}`).timeoutMs, most * 1000);
    complaintOf("a", `+time=${most + 1}`);
  });
});

const typed: readonly (readonly [text: string, expected: string])[] = [
  ["example.com", "example.com."],
  ["example.com.", "example.com."],
  [".", "."],
  ["bücher.com", "xn--bcher-kva.com."],
  ["例え.テスト", "xn--r8jz45g.xn--zckzah."],
  ["_dmarc.example.com", "_dmarc.example.com."],
  ["a\\.b.example", "a\\.b.example."],
];

describe("a name that a person typed", () => {
  for (const [text, expected] of typed) {
    test(`${text} means ${expected}`, () => {
      assert.equal(nameToText(nameFromPerson(text)!), expected);
    });
  }
});
