/** Names that the configuration answers, through the door. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { rcodeToText } from "@lethe/wire/codes-text.ts";
import { rrType } from "@lethe/wire/codes.ts";
import { optionCode } from "@lethe/wire/edns.ts";
import { type Message, fullRcode } from "@lethe/wire/message.ts";
import type { ResourceRecord } from "@lethe/wire/record.ts";
import { recordToText } from "@lethe/wire/record-text.ts";
import { readZoneFile } from "@lethe/wire/zone-file.ts";
import { SmallResolver, question } from "../../test/small-resolver.ts";
import { name } from "../../test/small-world.ts";
import { limits } from "../base/limits.ts";
import type { LocalZone } from "./local-zones.ts";

function recordsOf(zone: string, text: string): readonly ResourceRecord[] {
  const read = readZoneFile(text, { origin: name(zone), ttlS: 60 });
  assert.ok(!("kind" in read));
  return read.records;
}

function local(zone: string, text: string, others: LocalZone["others"] = "no-name"): LocalZone {
  return { zone: name(zone), records: recordsOf(zone, text), others };
}

const chain = Array.from({ length: limits.localAliasesMax.value + 2 }, (_, i) => {
  return `c${i} CNAME c${i + 1}\n`;
}).join("");

const small = new SmallResolver(
  { "10.0.0.1": () => ({ aa: true, answer: ["www.example A 192.0.2.1"] }) },
  {
    localZones: [
      local(
        "home.test",
        `host A 10.0.0.7\nhost A 10.0.0.8\nhost.deep A 10.0.0.9\nalias CNAME host\n${chain}` +
          "dangling CNAME gone\nacross CNAME host.sub\nloop CNAME loop\n",
      ),
      local("soa.test", "@ 60 SOA ns hostmaster 1 2 3 4 60\nwww A 10.0.0.7\n"),
      local("example", "here A 10.0.0.7\n", "resolve"),
      local("sub.home.test", "host A 10.0.0.99\n"),
      local("types.example", "www A 10.0.0.7\n", "resolve-types"),
      local("refused.test", "host A 10.0.0.7\n", "refuse"),
      local("dropped.test", "host A 10.0.0.7\nalias CNAME none\n", "drop"),
      local("nodata.test", "host A 10.0.0.7\n", "no-data"),
      local("apex.test", "@ A 10.0.0.7\nown A 10.0.0.8\n", "apex"),
      {
        ...local("half.example", "own AAAA 2001:db8::1\n", "resolve"),
        noTypes: [rrType.AAAA],
      },
    ],
  },
);

function told(message: Message): string[] {
  const records = [...message.answer, ...message.authority];
  const texts = records.map((record) => recordToText(record).replaceAll("\t", " "));
  return [rcodeToText(fullRcode(message)), ...texts];
}

const cases: readonly (readonly [string, string, number, readonly string[]])[] = [
  [
    "has its records",
    "host.home.test",
    rrType.A,
    ["NOERROR", "host.home.test. 60 IN A 10.0.0.7", "host.home.test. 60 IN A 10.0.0.8"],
  ],
  [
    "of a zone for some types has these",
    "www.types.example",
    rrType.A,
    ["NOERROR", "www.types.example. 60 IN A 10.0.0.7"],
  ],
  ["has no data of another type", "host.home.test", rrType.AAAA, ["NOERROR"]],
  ["without records does not exist", "none.home.test", rrType.A, ["NXDOMAIN"]],
  ["above one with records exists", "deep.home.test", rrType.A, ["NOERROR"]],
  [
    "that is an alias has its target too",
    "alias.home.test",
    rrType.A,
    [
      "NOERROR",
      "alias.home.test. 60 IN CNAME host.home.test.",
      "host.home.test. 60 IN A 10.0.0.7",
      "host.home.test. 60 IN A 10.0.0.8",
    ],
  ],
  [
    "that leads into another local zone has its target's records",
    "across.home.test",
    rrType.A,
    [
      "NOERROR",
      "across.home.test. 60 IN CNAME host.sub.home.test.",
      "host.sub.home.test. 60 IN A 10.0.0.99",
    ],
  ],
  [
    "whose target is not there does not exist (RFC 6604 §3)",
    "dangling.home.test",
    rrType.A,
    ["NXDOMAIN", "dangling.home.test. 60 IN CNAME gone.home.test."],
  ],
  [
    "that is not there comes with the SOA where there is one",
    "none.soa.test",
    rrType.A,
    ["NXDOMAIN", "soa.test. 60 IN SOA ns.soa.test. hostmaster.soa.test. 1 2 3 4 60"],
  ],
  [
    "is answered by the nearest zone",
    "host.sub.home.test",
    rrType.A,
    ["NOERROR", "host.sub.home.test. 60 IN A 10.0.0.99"],
  ],
  [
    "in a zone that lets others be asked for is local",
    "here.example",
    rrType.A,
    ["NOERROR", "here.example. 60 IN A 10.0.0.7"],
  ],
];

const kinds: readonly (readonly [string, string, number, readonly string[]])[] = [
  ["is answered in a zone that refuses others", "host.refused.test", rrType.A, ["NOERROR"]],
  ["is refused there without records", "none.refused.test", rrType.A, ["REFUSED"]],
  ["is answered in a zone that drops others", "host.dropped.test", rrType.A, ["NOERROR"]],
  ["leads nowhere where its target is dropped", "alias.dropped.test", rrType.A, ["NXDOMAIN"]],
  ["exists without data where its zone says so", "none.nodata.test", rrType.A, ["NOERROR"]],
  ["has what the apex has", "a.b.apex.test", rrType.A, ["NOERROR", "10.0.0.7"]],
  ["has not what the apex has not", "a.b.apex.test", rrType.AAAA, ["NOERROR"]],
  ["has its own rather", "own.apex.test", rrType.A, ["NOERROR", "10.0.0.8"]],
  ["lacks a type that its zone leaves out", "www.half.example", rrType.AAAA, ["NOERROR"]],
  ["has it of its own", "own.half.example", rrType.AAAA, ["NOERROR", "2001:db8::1"]],
];

describe("a local name", () => {
  for (const [title, asked, type, [code, data]] of kinds) {
    test(title, () => {
      const answer = small.answer({ name: asked, type });
      const [found, ...records] = told(answer);
      assert.equal(found, code);
      if (data !== undefined) assert.match(records.at(-1)!, new RegExp(`${data}$`));
    });
  }

  test("is dropped without records where its zone says so", () => {
    assert.equal(small.put(question({ name: "none.dropped.test" })), "dropped");
  });

  test("is asked for with the other types", () => {
    const before = small.world.asked.length;
    small.answer({ name: "www.half.example" });
    assert.ok(small.world.asked.length > before);
  });

  test("says by an Extended DNS Error that it is refused", () => {
    const { opt } = small.answer({ name: "none.refused.test", udpSize: 1232 });
    const error = opt?.options.find(({ code }) => code === optionCode.extendedError);
    assert.deepEqual(error?.data, Uint8Array.of(0, 15));
  });

  for (const [title, asked, type, expected] of cases) {
    test(title, () => {
      const answer = small.answer({ name: asked, type });
      assert.deepEqual(told(answer).toSorted(), expected.toSorted());
      assert.equal(small.answer({ name: asked, type }).header.flags & 0x0400, 0x0400);
    });
  }

  test("that is not there is asked for where its zone says so", () => {
    assert.equal(small.answer({ name: "www.example" }).answer.length, 1);
    const before = small.world.asked.length;
    const other = small.answer({ name: "www.types.example", type: rrType.AAAA });
    assert.ok(small.world.asked.length > before, rcodeToText(fullRcode(other)));
  });

  test("is followed through localAliasesMax aliases", () => {
    const answer = small.answer({ name: "c0.home.test" });
    assert.equal(answer.answer.length, limits.localAliasesMax.value + 1);
    assert.equal(small.answer({ name: "loop.home.test" }).header.rcode, 0);
  });
});
