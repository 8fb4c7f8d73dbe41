/** Cookies in upstream questions and replies (RFC 7873 §5.3). */
import assert from "node:assert/strict";
import { test } from "node:test";
import { optionCode, rcode, rrType } from "@lethe/wire/codes.ts";
import { findOption } from "@lethe/wire/edns.ts";
import { flag } from "@lethe/wire/header.ts";
import type { Message } from "@lethe/wire/message.ts";
import { MessageWriter } from "@lethe/wire/writer.ts";
import { type Server, SmallWorld, line, name } from "../../test/small-world.ts";
import type { AskResult } from "./effect.ts";

const GIVEN = new Uint8Array(16).fill(0x5c);
const YES = "0 | www.com. 1 192.0.2.1";

/** What a server does about cookies: the data of the option in its reply, and the RCODE. */
interface Manners {
  readonly cookie?: Uint8Array | undefined;
  readonly rcode?: number;
  readonly hasOpt?: boolean;
}

interface Asked {
  readonly transport: string;
  readonly cookie: Uint8Array | undefined;
}

function reply(query: Message, { cookie, rcode: code = 0, hasOpt = true }: Manners): AskResult {
  const bytes = new Uint8Array(512);
  const writer = new MessageWriter(bytes);
  const question = query.questions[0]!;
  writer.question(question);
  if (code === 0 && question.type === rrType.A) {
    writer.record("answer", question.name, rrType.A, 1, 0, Uint8Array.of(192, 0, 2, 1));
  }
  if (hasOpt) {
    const options = cookie === undefined ? [] : [{ code: optionCode.cookie, data: cookie }];
    const extendedRcode = code >>> 4;
    writer.opt({ udpSize: 1232, extendedRcode, version: 0, dnssecOk: true, options });
  }
  const size = writer.finish(query.header.id, flag.qr | flag.aa | (code & 0xf));
  return { kind: "reply", message: bytes.slice(0, size), rttMs: 10 };
}

/** A world with one server, which has all names; `manners` says what it does about cookies. */
function worldOf(
  manners: (asked: Asked, count: number) => Manners,
  cookies = true,
): { world: SmallWorld; asked: Asked[] } {
  const asked: Asked[] = [];
  const server: Server = (_name, _type, { message, transport }) => {
    const cookie = findOption(message.opt, optionCode.cookie)?.data.slice();
    asked.push({ transport, cookie });
    return reply(message, manners({ transport, cookie }, asked.length));
  };
  const stub = { zone: name("com"), servers: [{ ip: Uint8Array.of(10, 0, 0, 1), port: 53 }] };
  const configuredZones = [{ ...stub, recursive: true }];
  const world = new SmallWorld({ "10.0.0.1": server }, { cookies, configuredZones });
  return { world, asked };
}

/** Asks for `www.com` so many times; what was sent in each upstream question, in short. */
function ways(manners: (asked: Asked, count: number) => Manners, times: number): string[] {
  const { world, asked } = worldOf(manners);
  for (let i = 0; i < times; i++) assert.equal(line(world.resolve("www.com")), YES);
  return asked.map(({ transport, cookie }) => `${transport} ${cookie?.length ?? "none"}`);
}

/** A server as it should be. */
function giving({ cookie }: Asked): Manners {
  return { cookie: cookie && Uint8Array.of(...cookie.subarray(0, 8), ...GIVEN) };
}

test("a server's own cookie goes back to it", () => {
  assert.deepEqual(ways(giving, 2), ["udp 8", "udp 24"]);
});

test("a server without cookies is not shown ours again", () => {
  assert.deepEqual(
    ways(() => ({}), 2),
    ["udp 8", "udp none"],
  );
});

test("without the setting there are none", () => {
  const { world, asked } = worldOf(giving, false);
  world.resolve("www.com");
  assert.deepEqual(asked, [{ transport: "udp", cookie: undefined }]);
});

test("a reply without the cookie that its server sends is not believed", () => {
  const spoofed = (asked: Asked, count: number): Manners =>
    count === 2 && asked.transport === "udp" ? {} : giving(asked);
  assert.deepEqual(ways(spoofed, 3), ["udp 8", "udp 24", "tcp 24", "udp 24"]);
});

test("a server that gives none any more is believed over TCP, and asked without from then on", () => {
  const ended = (asked: Asked, count: number): Manners => (count === 1 ? giving(asked) : {});
  assert.deepEqual(ways(ended, 3), ["udp 8", "udp 24", "tcp 24", "udp none"]);
});

test("a server that gives none any more and speaks no TCP is lost for one question only", () => {
  let count = 0;
  const server: Server = (_name, _type, { message, transport }) => {
    if (transport === "tcp") return undefined;
    const cookie = findOption(message.opt, optionCode.cookie)?.data.slice();
    return reply(message, count++ === 0 ? giving({ transport, cookie }) : {});
  };
  const stub = { zone: name("com"), servers: [{ ip: Uint8Array.of(10, 0, 0, 1), port: 53 }] };
  const configuredZones = [{ ...stub, recursive: true }];
  const world = new SmallWorld({ "10.0.0.1": server }, { cookies: true, configuredZones });
  const lines = ["a.com", "b.com", "c.com"].map((of) => line(world.resolve(of)));
  assert.deepEqual(lines, [
    "0 | a.com. 1 192.0.2.1",
    "no-reachable-server",
    "0 | c.com. 1 192.0.2.1",
  ]);
});

const wrong: readonly (readonly [string, Uint8Array])[] = [
  ["a cookie that is not ours", Uint8Array.of(...new Uint8Array(8), ...GIVEN)],
  ["a cookie that is too short", new Uint8Array(7)],
  ["a cookie that is too long", new Uint8Array(41)],
  ["half a server's cookie", new Uint8Array(12)],
];
for (const [title, cookie] of wrong) {
  test(`a reply with ${title} is not believed`, () => {
    const spoofed = (asked: Asked): Manners =>
      asked.transport === "udp" ? { cookie } : giving(asked);
    assert.deepEqual(ways(spoofed, 1), ["udp 8", "tcp 8"]);
  });
}

test("BADCOOKIE is asked again with the new cookie, once, and then over TCP", () => {
  const { BADCOOKIE } = rcode;
  const once = (asked: Asked): Manners => ({
    ...giving(asked),
    rcode: asked.cookie?.length === 24 ? 0 : BADCOOKIE,
  });
  assert.deepEqual(ways(once, 1), ["udp 8", "udp 24"]);
  const always = (asked: Asked): Manners => ({
    ...giving(asked),
    rcode: asked.transport === "tcp" ? 0 : BADCOOKIE,
  });
  assert.deepEqual(ways(always, 1), ["udp 8", "udp 24", "tcp 24"]);
});

test("a server that says BADCOOKIE over TCP too has said nothing", () => {
  const { world } = worldOf((asked) => ({ ...giving(asked), rcode: rcode.BADCOOKIE }));
  assert.equal(line(world.resolve("www.com")), "servers-fail");
});

test("a server that cannot read the option is asked without, and keeps its EDNS", () => {
  const old = ({ cookie }: Asked): Manners =>
    cookie === undefined ? {} : { rcode: rcode.FORMERR };
  const { world, asked } = worldOf(old);
  assert.equal(line(world.resolve("www.com")), YES);
  assert.deepEqual(
    asked.map(({ cookie }) => cookie?.length),
    [8, undefined],
  );
});
