/**
 * The root servers: built in, or out of a hints file.
 *
 * Source of the addresses: the root hints file of InterNIC, as of 2024-07-18. They only have to be
 * good enough for the first question: priming then asks the root itself (RFC 9609 §2).
 */
import { type Name, nameEqual } from "@lethe/wire/name.ts";
import { nameFromText } from "@lethe/wire/name-text.ts";
import { ipFromText } from "../base/address.ts";
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

/** Hints that name no server, or a file that cannot be read as hints. */
interface BadHints {
  readonly kind: "bad-hints";
  readonly why: string;
}

interface HintLine {
  readonly owner: Name;
  readonly type: string;
  readonly value: string;
}

/**
 * The root servers of a hints file: the root's NS set and the addresses of those it names.
 *
 * Understood are lines of `owner [TTL] [IN] type value`, which is how hints files are published.
 */
export function rootHintsFromText(text: string): readonly RootHint[] | BadHints {
  const lines: HintLine[] = [];
  for (const [i, raw] of text.split("\n").entries()) {
    const line = raw.replace(/;.*$/, "").trim();
    if (line === "") continue;
    const read = lineFromText(line);
    if (read === undefined) return { kind: "bad-hints", why: `line ${i + 1} is no NS, A or AAAA` };
    lines.push(read);
  }
  const hints: { readonly name: Name; readonly ips: Uint8Array[] }[] = [];
  for (const { owner, type, value } of lines) {
    const name = type === "NS" && owner.length === 1 ? nameFromText(value) : undefined;
    if (name !== undefined) hints.push({ name, ips: [] });
  }
  for (const { owner, type, value } of lines) {
    const ip = type === "NS" ? undefined : ipFromText(value);
    if (ip !== undefined) hints.find((hint) => nameEqual(hint.name, owner))?.ips.push(ip);
  }
  const usable = hints.filter((hint) => hint.ips.length > 0);
  return usable.length > 0
    ? usable
    : { kind: "bad-hints", why: "no NS record of the root whose server has an address" };
}

function lineFromText(line: string): HintLine | undefined {
  const match = /^(\S+)\s+(?:\d+\s+)?(?:IN\s+)?(NS|A|AAAA)\s+(\S+)$/i.exec(line);
  const owner = match === null ? undefined : nameFromText(match[1]!);
  if (match === null || owner === undefined) return undefined;
  return { owner, type: match[2]!.toUpperCase(), value: match[3]! };
}
