/** Zones that clients are told of as by an authority, through the door. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { rcodeToText } from "@lethe/wire/codes-text.ts";
import { rrType } from "@lethe/wire/codes.ts";
import { flag } from "@lethe/wire/header.ts";
import { fullRcode } from "@lethe/wire/message.ts";
import { readZoneFile } from "@lethe/wire/zone-file.ts";
import { SmallResolver } from "../../test/small-resolver.ts";
import { type Server, name } from "../../test/small-world.ts";
import type { ConfiguredZone } from "../recursor/options.ts";
import { packZone } from "../recursor/zone-copy.ts";

const root: Server = (qname) =>
  qname === "."
    ? { aa: true, answer: [". NS a.root"], additional: ["a.root A 10.0.0.1"] }
    : { aa: true, answer: [`${qname} A 192.0.2.99`] };
const other: Server = (qname) => ({ aa: true, answer: [`${qname} A 192.0.2.11`] });

const read = readZoneFile(
  "@ 600 SOA ns hostmaster 1 60 60 600 60\nwww A 192.0.2.10\nalias CNAME www\n" +
    "loop CNAME loop\nout CNAME www.net.\nsub NS ns.sub\nns.sub A 10.0.0.8\n" +
    "away DNAME elsewhere.net.\n",
  { origin: name("corp"), ttlS: 60 },
);
assert.ok(!("kind" in read));
const packed = packZone(read.records);

function resolverWith(...zones: readonly ConfiguredZone[]): SmallResolver {
  const small = new SmallResolver({ "10.0.0.1": root, "10.0.0.8": other, "127.0.0.9": other });
  const { resolver, world } = small;
  const options = { ...world.options, configuredZones: [copied, ...zones] };
  resolver.control({
    kind: "reload",
    forgets: false,
    resolver: {
      recursor: options,
      admit: { allow: [{ ip: Uint8Array.of(127, 0, 0, 0), bits: 8 }], refuse: [], others: "drop" },
      slow: {
        identity: { server: undefined, version: undefined },
        bounds: { minS: 0, maxS: 86_400, negativeMaxS: 3600 },
        recursionWithoutRd: "refuse",
      },
      cacheBytes: 1 << 20,
    },
  });
  return small;
}

const copied: ConfiguredZone = {
  zone: name("corp"),
  servers: [],
  recursive: false,
  isCopied: true,
  authoritative: true,
};

interface Told {
  readonly code: string;
  readonly isAuthoritative: boolean;
  readonly addresses: readonly string[];
}

function ask(small: SmallResolver, of: string, rd = true, type: number = rrType.A): Told {
  const message = small.answer({ name: of, rd, type });
  const addresses = message.answer
    .filter((record) => record.type === rrType.A)
    .map(({ rdata }) => rdata.join("."));
  const isAuthoritative = (message.header.flags & flag.aa) !== 0;
  return { code: rcodeToText(fullRcode(message)), isAuthoritative, addresses };
}

const yes = (code: string, ...addresses: readonly string[]): Told => {
  return { code, isAuthoritative: true, addresses };
};

describe("of a zone that it is an authority of", () => {
  const small = resolverWith();
  small.resolver.useCopy(copied.zone, packed, Number.POSITIVE_INFINITY);
  for (const [title, of, expected] of [
    ["a name", "www.corp", yes("NOERROR", "192.0.2.10")],
    ["an alias with its target", "alias.corp", yes("NOERROR", "192.0.2.10")],
    ["an alias that goes round", "loop.corp", yes("NOERROR")],
    ["a name that is not there", "none.corp", yes("NXDOMAIN")],
  ] as const) {
    test(`it tells ${title}, with RD and without`, () => {
      assert.deepEqual(ask(small, of), expected);
      assert.deepEqual(ask(small, of, false), expected);
      assert.deepEqual(small.world.asked, []);
    });
  }

  test("a denial lasts as long as its SOA record says", () => {
    const { authority } = small.answer({ name: "none.corp" });
    assert.deepEqual(
      authority.map(({ ttl }) => ttl),
      [60],
    );
  });

  test("what lies below a cut, and where an alias leads, is resolved for who wants that", () => {
    assert.deepEqual(ask(small, "www.sub.corp").addresses, ["192.0.2.11"]);
    assert.deepEqual(ask(small, "out.corp").addresses, ["192.0.2.99"]);
    assert.deepEqual(ask(small, "a.away.corp").addresses, ["192.0.2.99"]);
    assert.equal(ask(small, "other.sub.corp", false).code, "REFUSED");
    assert.deepEqual(ask(small, "out.corp", false), yes("NOERROR"));
  });

  test("a DNAME whose target is too long stands alone", () => {
    const long = `${`${"x".repeat(60)}.`.repeat(4)}away.corp`;
    assert.equal(ask(small, long).code, "YXDOMAIN");
  });
});

test("without a copy it is nobody's authority", () => {
  const small = resolverWith();
  assert.equal(ask(small, "www.corp").code, "SERVFAIL");
  small.resolver.useCopy(copied.zone, packed, Number.POSITIVE_INFINITY);
  assert.deepEqual(ask(small, "www.corp"), yes("NOERROR", "192.0.2.10"));
  small.resolver.useCopy(copied.zone, undefined, 0);
  assert.equal(ask(small, "other.corp").code, "SERVFAIL");
});

test("of several zones of the configuration the nearest decides", () => {
  const server = { ip: Uint8Array.of(127, 0, 0, 9), port: 53 };
  const small = resolverWith({ zone: name("deep.corp"), servers: [server], recursive: true });
  small.resolver.useCopy(copied.zone, packed, Number.POSITIVE_INFINITY);
  assert.deepEqual(ask(small, "www.deep.corp").addresses, ["192.0.2.11"]);
  assert.equal(ask(small, "www.deep.corp", false).code, "REFUSED");
});

test("with the first copy, what others told of the zone is forgotten", () => {
  const small = resolverWith();
  const orOthers = { ...copied, orOthers: true, authoritative: false };
  const lenient = new SmallResolver(
    { "10.0.0.1": root },
    {},
    {
      recursor: { ...small.world.options, configuredZones: [orOthers] },
    },
  );
  assert.deepEqual(ask(lenient, "www.corp").addresses, ["192.0.2.99"]);
  lenient.resolver.useCopy(copied.zone, packed, Number.POSITIVE_INFINITY);
  assert.deepEqual(ask(lenient, "www.corp").addresses, ["192.0.2.10"]);
});
