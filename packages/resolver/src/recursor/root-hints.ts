/**
 * The root servers: built in, or out of a hints file.
 *
 * Source of the addresses: the root hints file of InterNIC, as of 2024-07-18. They only have to be
 * good enough for the first question: priming then asks the root itself (RFC 9609 §2).
 */
import { rrType } from "@lethe/wire/codes.ts";
import { type Name, ROOT, nameEqual, nameFromBytes } from "@lethe/wire/name.ts";
import { readZoneFile } from "@lethe/wire/zone-file.ts";
import { assert } from "../base/assert.ts";
import type { RootHint } from "./options.ts";

const BUILT_IN = `
. 3600000 NS a.root-servers.net.
. 3600000 NS b.root-servers.net.
. 3600000 NS c.root-servers.net.
. 3600000 NS d.root-servers.net.
. 3600000 NS e.root-servers.net.
. 3600000 NS f.root-servers.net.
. 3600000 NS g.root-servers.net.
. 3600000 NS h.root-servers.net.
. 3600000 NS i.root-servers.net.
. 3600000 NS j.root-servers.net.
. 3600000 NS k.root-servers.net.
. 3600000 NS l.root-servers.net.
. 3600000 NS m.root-servers.net.
a.root-servers.net. 3600000 A 198.41.0.4
a.root-servers.net. 3600000 AAAA 2001:503:ba3e::2:30
b.root-servers.net. 3600000 A 170.247.170.2
b.root-servers.net. 3600000 AAAA 2801:1b8:10::b
c.root-servers.net. 3600000 A 192.33.4.12
c.root-servers.net. 3600000 AAAA 2001:500:2::c
d.root-servers.net. 3600000 A 199.7.91.13
d.root-servers.net. 3600000 AAAA 2001:500:2d::d
e.root-servers.net. 3600000 A 192.203.230.10
e.root-servers.net. 3600000 AAAA 2001:500:a8::e
f.root-servers.net. 3600000 A 192.5.5.241
f.root-servers.net. 3600000 AAAA 2001:500:2f::f
g.root-servers.net. 3600000 A 192.112.36.4
g.root-servers.net. 3600000 AAAA 2001:500:12::d0d
h.root-servers.net. 3600000 A 198.97.190.53
h.root-servers.net. 3600000 AAAA 2001:500:1::53
i.root-servers.net. 3600000 A 192.36.148.17
i.root-servers.net. 3600000 AAAA 2001:7fe::53
j.root-servers.net. 3600000 A 192.58.128.30
j.root-servers.net. 3600000 AAAA 2001:503:c27::2:30
k.root-servers.net. 3600000 A 193.0.14.129
k.root-servers.net. 3600000 AAAA 2001:7fd::1
l.root-servers.net. 3600000 A 199.7.83.42
l.root-servers.net. 3600000 AAAA 2001:500:9f::42
m.root-servers.net. 3600000 A 202.12.27.33
m.root-servers.net. 3600000 AAAA 2001:dc3::35
`;

/** The root servers that Lethe knows by itself. */
export function builtInRootHints(): readonly RootHint[] {
  const hints = rootHintsFromText(BUILT_IN);
  assert(!("kind" in hints), "the built-in hints are a zone file");
  return hints;
}

/** Hints that name no server, or a file that is not in master file format. */
interface BadHints {
  readonly kind: "bad-hints";
  readonly why: string;
}

/** The root servers of a hints file: the root's NS set and the addresses of those it names. */
export function rootHintsFromText(text: string): readonly RootHint[] | BadHints {
  const zone = readZoneFile(text, { origin: ROOT });
  if ("kind" in zone) return { kind: "bad-hints", why: `line ${zone.line}: ${zone.why}` };
  const hints: { readonly name: Name; readonly ips: Uint8Array[] }[] = [];
  for (const record of zone.records) {
    if (record.type !== rrType.NS || record.name.length !== 1) continue;
    const name = nameFromBytes(record.rdata);
    if (name !== undefined) hints.push({ name, ips: [] });
  }
  for (const record of zone.records) {
    if (record.type !== rrType.A && record.type !== rrType.AAAA) continue;
    hints.find((hint) => nameEqual(hint.name, record.name))?.ips.push(record.rdata);
  }
  const usable = hints.filter((hint) => hint.ips.length > 0);
  return usable.length > 0
    ? usable
    : { kind: "bad-hints", why: "no NS record of the root whose server has an address" };
}
