/** Clients of the field, dig, kdig and dnspython, ask `lethe serve`; behind it nsd has the root. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { promisify } from "node:util";
import { readZoneFile } from "@lethe/wire/zone-file.ts";
import { ROOT } from "@lethe/wire/name.ts";
import { isInstalled } from "../../bench/processes.ts";
import { makeSigningKey } from "../../sim/signer-keys.ts";
import { zoneText } from "../../sim/signer-text.ts";
import { signZone } from "../../sim/signer.ts";
import { algorithm } from "../../src/dnssec/algorithm.ts";
import { type Served, serve } from "../served.ts";
import { type Authority, startAuthority } from "./authority-programs.ts";

const run = promisify(execFile);
const AUTHORITY = "127.17.4.1";
/** Debian's own Python, whose packages other Pythons do not have. */
const PYTHON = "/usr/bin/python3";

const long = Array.from({ length: 20 }, (_, i) => `long.zone. TXT "${i} ${"x".repeat(100)}"\n`);
const text = `$ORIGIN .
$TTL 300
. SOA a.root-servers. hostmaster. 1 3600 600 86400 60
. NS a.root-servers.
a.root-servers. A ${AUTHORITY}
www.zone. A 192.0.2.80
www.zone. AAAA 2001:db8::80
alias.zone. CNAME www.zone.
https.zone. HTTPS 1 . alpn=h2 ipv4hint=192.0.2.80
mail.zone. MX 10 www.zone.
${long.join("")}`;

/** The root's zone with signatures of ten years about now: they are passed on, not checked. */
function signedRoot(): string {
  const read = readZoneFile(text, { origin: ROOT, ttlS: 300 });
  assert.ok(!("kind" in read), "the zone can be read");
  const keys = [makeSigningKey({ algorithm: algorithm.ED25519, role: "all", seed: 1 })];
  const window = { inceptionS: 1_700_000_000, expirationS: 2_015_000_000 };
  return zoneText(
    signZone(read.records, { apex: ROOT, keys, denial: { kind: "nsec" }, ...window }),
  );
}

/** What a client is to see, of what it prints. */
type Case = readonly [title: string, args: readonly string[], sees: readonly RegExp[]];

const CASES: readonly Case[] = [
  [
    "an address over UDP",
    ["www.zone", "A"],
    [/NOERROR/, /www\.zone\.\s+\d+\s+IN\s+A\s+192\.0\.2\.80/],
  ],
  ["an address over TCP", ["+tcp", "www.zone", "AAAA"], [/2001:db8::80/, /TCP/]],
  ["an alias", ["alias.zone", "A"], [/CNAME\s+www\.zone\./, /192\.0\.2\.80/]],
  ["a name that is not there", ["none.zone", "A"], [/NXDOMAIN/, /SOA/]],
  ["no data", ["www.zone", "MX"], [/NOERROR/, /SOA/]],
  ["HTTPS records", ["https.zone", "TYPE65"], [/NOERROR/, /HTTPS|TYPE65/]],
  ["no EDNS", ["+noedns", "www.zone", "A"], [/192\.0\.2\.80/]],
  ["a truncated answer", ["+ignore", "+bufsize=512", "long.zone", "TXT"], [/ tc[ ;]/i]],
  ["a truncated answer at 1232", ["+ignore", "+bufsize=4096", "long.zone", "TXT"], [/ tc[ ;]/i]],
  ["a long answer after truncation", ["long.zone", "TXT"], [/"19 x+"/, /TCP/]],
  ["DNSSEC records", ["+dnssec", "www.zone", "A"], [/RRSIG\s+A\s+(15|ED25519) 2 300/]],
  ["proofs of a denial", ["+dnssec", "none.zone", "A"], [/NXDOMAIN/, /NSEC/, /RRSIG/]],
  ["keys", ["+dnssec", "+tcp", ".", "DNSKEY"], [/DNSKEY\s+257 3 (15|ED25519)/]],
];

const CLIENTS = ["dig", "kdig"] as const;

/** What dnspython does; it fails with a message where something is not as it should be. */
const SCRIPT = `
import sys, dns.message, dns.query, dns.flags, dns.rcode, dns.rdatatype, dns.edns
port = int(sys.argv[1])
def udp(name, kind, **more):
    query = dns.message.make_query(name, kind, **more)
    return dns.query.udp(query, "127.0.0.1", port=port, timeout=10)
answer = udp("www.zone.", "A")
assert answer.rcode() == dns.rcode.NOERROR and answer.answer[0][0].address == "192.0.2.80", answer
assert answer.edns == -1, "no OPT where none was sent"
answer = udp("WwW.zOnE.", "A", use_edns=0, payload=1232)
assert answer.edns == 0 and str(answer.question[0].name) == "WwW.zOnE.", answer
answer = udp("long.zone.", "TXT", use_edns=0, payload=512)
assert answer.flags & dns.flags.TC and len(answer.to_wire()) <= 512, answer
query = dns.message.make_query("long.zone.", "TXT", use_edns=0, payload=4096)
answer, over_tcp = dns.query.udp_with_fallback(query, "127.0.0.1", port=port, timeout=10)
assert over_tcp and len(answer.answer[0]) == 20, answer
answer = udp("none.zone.", "A", want_dnssec=True)
kinds = {rrset.rdtype for rrset in answer.authority}
assert answer.rcode() == dns.rcode.NXDOMAIN and dns.rdatatype.NSEC in kinds, answer
answer = udp("www.zone.", "A", want_dnssec=True)
assert any(rrset.rdtype == dns.rdatatype.RRSIG for rrset in answer.answer), answer
answer = udp("www.zone.", "A")
assert not any(rrset.rdtype == dns.rdatatype.RRSIG for rrset in answer.answer), answer
query = dns.message.make_query("www.zone.", "A")
query.use_edns(5)
answer = dns.query.udp(query, "127.0.0.1", port=port, timeout=10)
assert answer.rcode() == dns.rcode.BADVERS, answer
answer = udp("www.zone.", "A", use_edns=0, options=[dns.edns.GenericOption(65001, b"x")])
assert answer.rcode() == dns.rcode.NOERROR and not answer.options, answer
`;
import { freePort } from "../free-port.ts";

const skip = isInstalled("nsd") ? false : "nsd is not installed";

describe("clients", { skip }, () => {
  const directory = mkdtempSync(join(tmpdir(), "lethe-clients-"));
  let authority: Authority;
  let served: Served;

  before(async () => {
    const port = await freePort(AUTHORITY);
    const zones = { ".": signedRoot() };
    authority = await startAuthority("nsd", {
      directory: join(directory, "nsd"),
      ip: AUTHORITY,
      port,
      zones,
    });
    const hints = join(directory, "hints");
    writeFileSync(hints, `. NS a.root-servers.\na.root-servers. A ${AUTHORITY}\n`);
    served = await serve([
      `resolve.root-hints="${hints}"`,
      `resolve.upstream-port=${port}`,
      "resolve.loopback-servers=true",
      "resolve.ipv6=false",
      "resolve.workers=1",
      'resolve.insecure=["."]',
      'resolve.outgoing=["127.0.0.1"]',
    ]);
  });

  after(async () => {
    served.child.kill("SIGTERM");
    await authority.end();
    rmSync(directory, { recursive: true });
  });

  for (const client of CLIENTS) {
    const absent = isInstalled(client) ? false : `${client} is not installed`;
    for (const [title, args, sees] of CASES) {
      test(`${client}: ${title}`, { skip: absent }, async () => {
        const at = ["@127.0.0.1", "-p", String(served.port)];
        const { stdout } = await run(client, [...at, ...args]);
        for (const pattern of sees) assert.match(stdout, pattern);
      });
    }
  }

  test("dnspython: EDNS, truncation, TCP, DNSSEC records and letter case", async (t) => {
    const has = await run(PYTHON, ["-c", "import dns.query"]).then(
      () => true,
      () => false,
    );
    if (!has) {
      t.skip("python3-dnspython is not installed");
      return;
    }
    await run(PYTHON, ["-c", SCRIPT, String(served.port)]);
  });
});
