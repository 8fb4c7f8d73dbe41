/** Zones over TCP: what is taken, and why the rest is not. */
import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { setU16 } from "@lethe/wire/bytes.ts";
import { rcode, rrType } from "@lethe/wire/codes.ts";
import { ROOT } from "@lethe/wire/name.ts";
import type { ResourceRecord } from "@lethe/wire/record.ts";
import { sandboxRootZone } from "../../sim/sandbox-root.ts";
import { listen } from "../../test/loopback-server.ts";
import { name } from "../../test/small-world.ts";
import { type TransferServer, type Ways, transferServer } from "../../test/transfer-server.ts";
import { limits } from "../base/limits.ts";
import { SystemRandom } from "../system/random.ts";
import { type Transferred, transferZone } from "./zone-transfer.ts";

const zone = sandboxRootZone({ nowS: 1_800_000_000 });
const random = new SystemRandom();
const open: { close: () => Promise<void> }[] = [];
after(async () => {
  for (const one of open) await one.close();
});

async function serverWith(
  ways: Ways = {},
  of: readonly ResourceRecord[] = zone,
): Promise<TransferServer> {
  const server = await transferServer(() => of, ways);
  open.push(server);
  return server;
}

async function transfer(ways: Ways, serial?: number): Promise<Transferred> {
  const { address } = await serverWith(ways);
  return await transferZone({ server: address, zone: ROOT, serial, random });
}

function why(result: Transferred): string {
  return result.kind === "failed" ? result.why : result.kind;
}

const turned = (records: ResourceRecord[]): ResourceRecord => {
  const soa = records[0]!;
  return { ...soa, rdata: soa.rdata.with(soa.rdata.length - 1, 7) };
};

const cases: readonly (readonly [string, Ways, string])[] = [
  ["is taken as it comes", {}, "zone"],
  ["is taken in one message", { perMessage: 1000 }, "zone"],
  ["is taken record by record", { perMessage: 1 }, "zone"],
  ["is not taken where it is refused", { rcode: rcode.REFUSED }, "the server refuses it"],
  [
    "is not taken where it begins with something else",
    { change: (records) => records.slice(1) },
    "it does not begin with the SOA record",
  ],
  [
    "is not taken where its end has another SOA record",
    { change: (records) => [...records.slice(0, -1), turned(records)] },
    "it changed on its way",
  ],
  [
    "is not taken where something follows its end",
    { change: (records) => [...records, records[1]!], perMessage: 1000 },
    "it changed on its way",
  ],
  [
    "is not taken with records of another class",
    { change: (records) => records.map((one, i) => (i === 2 ? { ...one, class: 3 } : one)) },
    "it holds records of other zones",
  ],
  [
    "is not taken where a message has another id",
    {
      spoil: (bytes) => {
        setU16(bytes, 0, bytes[0]! ^ 1);
        return bytes;
      },
    },
    "a message is no reply to what was asked",
  ],
  [
    "is not taken where a message is a question",
    { spoil: (bytes) => bytes.with(2, 0) },
    "a message is no reply to what was asked",
  ],
  [
    "is not taken where a message is malformed",
    { spoil: (bytes, i) => (i === 1 ? bytes.slice(0, -1) : bytes), perMessage: 40 },
    "a message of it is malformed",
  ],
  [
    "is not taken where the first message answers no question",
    { spoil: (bytes, i) => (i === 0 ? undefined : bytes), perMessage: 40 },
    "a message is no reply to what was asked",
  ],
];

describe("a zone", () => {
  for (const [title, ways, expected] of cases) {
    test(title, async () => assert.equal(why(await transfer(ways)), expected));
  }

  test("is whole, its SOA record once", async () => {
    const got = await transfer({ perMessage: 7 });
    assert.ok(got.kind === "zone");
    assert.equal(got.records.length, zone.length);
    assert.deepEqual(
      got.records.filter((record) => record.type === rrType.DS),
      zone.filter((record) => record.type === rrType.DS),
    );
  });

  test("is not transferred where its serial is known", async () => {
    const server = await serverWith();
    const at = { server: server.address, zone: ROOT, random };
    assert.deepEqual(await transferZone({ ...at, serial: 1 }), { kind: "current" });
    assert.deepEqual(server.asked, [rrType.SOA]);
    assert.equal((await transferZone({ ...at, serial: 0 })).kind, "zone");
    assert.deepEqual(server.asked, [rrType.SOA, rrType.SOA, rrType.AXFR]);
  });

  test("is not taken from a server that has another one", async () => {
    const { address } = await serverWith();
    const other = await transferZone({ server: address, zone: name("lethe"), serial: 1, random });
    assert.equal(why(other), "the server does not have it");
    const whole = { server: address, zone: name("lethe"), serial: undefined, random };
    assert.equal(why(await transferZone(whole)), "it does not begin with the SOA record");
  });
});

describe("a server that never ends", () => {
  const nothing = { zone: ROOT, serial: undefined, random };

  test("is left after zoneTransferMs", async (t) => {
    t.mock.timers.enable({ apis: ["setTimeout"] });
    const server = await listen("127.0.0.1");
    open.push(server);
    const got = transferZone({ ...nothing, server: server.address });
    t.mock.timers.tick(limits.zoneTransferMs.value);
    assert.equal(why(await got), "it took too long");
  });

  test("is left when the transfer is given up, before or while it runs", async () => {
    const server = await listen("127.0.0.1");
    open.push(server);
    const ending = new AbortController();
    const at = { ...nothing, server: server.address, signal: ending.signal };
    const got = transferZone(at);
    ending.abort();
    assert.equal(why(await got), "it was given up");
    assert.equal(why(await transferZone(at)), "it was given up");
  });

  test("is left after zoneBytesMax bytes, or fewer where a test says so", async () => {
    const { address } = await serverWith();
    const got = (bytesMax: number): Promise<Transferred> =>
      transferZone({ ...nothing, server: address, bytesMax });
    assert.equal(why(await got(limits.zoneBytesMax.value)), "zone");
    assert.equal(why(await got(1000)), "it is too large");
  });

  test("is left where it cannot be reached, or ends", async () => {
    const server = await listen(
      "127.0.0.1",
      () => {},
      ({ stream }) => stream.destroy(),
    );
    const at = { ...nothing, server: server.address };
    assert.match(why(await transferZone(at)), /ended early|ECONNRESET/);
    await server.close();
    assert.equal(why(await transferZone(at)), "ECONNREFUSED");
  });
});
