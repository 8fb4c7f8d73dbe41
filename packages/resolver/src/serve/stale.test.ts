/** What has expired is told where nothing fresh is to be had (RFC 8767). */
import assert from "node:assert/strict";
import { test } from "node:test";
import { rcode } from "@lethe/wire/codes.ts";
import { optionCode } from "@lethe/wire/edns.ts";
import type { Message } from "@lethe/wire/message.ts";
import { SmallResolver, question, read } from "../../test/small-resolver.ts";
import type { Said } from "../../test/small-world.ts";
import { ipToText } from "../base/address.ts";
import type { StaleOptions } from "./slow.ts";

const TTL_MS = 300_000;
const LIMIT_S = 3600;

/** A server that says what its `says` is set to. */
class Server {
  says: ((qname: string) => Said | undefined) | undefined = (qname) => ({
    aa: true,
    answer: [`${qname} A 192.0.2.1`],
  });

  readonly small: SmallResolver;

  constructor(stale: Partial<StaleOptions> | undefined = {}) {
    const terms = { limitS: LIMIT_S, ttlS: 30, recheckS: 30, clientTimeoutMs: 1800, ...stale };
    this.small = new SmallResolver(
      { "10.0.0.1": (qname) => this.says?.(qname) },
      {},
      { stale: terms },
    );
  }

  ask(name = "www.example", dnssecOk = false): Message {
    return this.small.answer({ name, udpSize: 1232, dnssecOk });
  }

  pass(ms: number): void {
    this.small.world.run(this.small.world.nowMs() + ms);
  }
}

function errorsOf(message: Message): number[] {
  const options = message.opt?.options ?? [];
  const errors = options.filter(({ code }) => code === optionCode.extendedError);
  return errors.map(({ data }) => (data[0]! << 8) | data[1]!);
}

function told(message: Message): unknown {
  const records = message.answer.map(({ ttl, rdata }) => `${ttl} ${ipToText(rdata)}`);
  return [message.header.rcode, records, errorsOf(message)];
}

const STALE = [rcode.NOERROR, ["30 192.0.2.1"], [3]];
/** The same, because a server said SERVFAIL. */
const STALE_AND_WHY = [rcode.NOERROR, ["30 192.0.2.1"], [3, 23]];

test("a server that fails: the expired answer, with TTL 30 and EDE 3, and why", () => {
  const server = new Server();
  server.ask();
  server.pass(TTL_MS + 1000);
  server.says = () => ({ rcode: rcode.SERVFAIL });
  assert.deepEqual(told(server.ask()), STALE_AND_WHY);
  assert.equal(server.small.resolver.stats.counts["stale"], 1);
});

test("a client with DO gets what one without it had asked for", () => {
  const server = new Server();
  server.ask();
  server.pass(TTL_MS);
  server.says = () => ({ rcode: rcode.SERVFAIL });
  assert.deepEqual(told(server.ask("www.example", true)), STALE_AND_WHY);
});

test("a silent server: the client waits for the client timeout and not longer", () => {
  const server = new Server();
  server.ask();
  server.pass(TTL_MS);
  server.says = undefined;
  const { small } = server;
  assert.equal(small.put(question({ udpSize: 1232 })), "taken");
  server.pass(1799);
  const before = small.later.length;
  server.pass(1);
  assert.equal(small.later.length, before + 1);
  assert.deepEqual(told(read(small.later.at(-1))), STALE);
});

test("a slow server's answer is in the cache for the next who asks", () => {
  const server = new Server({ clientTimeoutMs: 40 });
  server.ask();
  server.pass(TTL_MS);
  const { small } = server;
  let silences = 1;
  server.says = (qname) =>
    qname === "www.example." && silences-- > 0
      ? undefined
      : { aa: true, answer: [`${qname} A 192.0.2.2`] };
  small.put(question({ udpSize: 1232 }));
  server.pass(9000);
  assert.deepEqual(told(read(small.later.at(-1))), STALE);
  const [next] = server.ask().answer;
  assert.equal(next && ipToText(next.rdata), "192.0.2.2");
});

test("with a client timeout of 0 nobody waits, and the answer is asked for behind", () => {
  const server = new Server({ clientTimeoutMs: 0 });
  server.ask();
  server.pass(TTL_MS);
  const put = server.small.put(question({ udpSize: 1232 }));
  assert.ok(put instanceof Uint8Array);
  assert.deepEqual(told(read(put)), STALE);
  server.small.world.run();
  assert.deepEqual(told(server.ask()), [rcode.NOERROR, ["300 192.0.2.1"], []]);
});

test("a name that did not exist: NXDOMAIN with EDE 19", () => {
  const server = new Server();
  server.says = () => ({ aa: true, rcode: rcode.NXDOMAIN, authority: ["example SOA 60"] });
  assert.equal(server.ask().header.rcode, rcode.NXDOMAIN);
  server.pass(61_000);
  server.says = () => ({ rcode: rcode.SERVFAIL });
  assert.deepEqual(told(server.ask()), [rcode.NXDOMAIN, [], [19, 23]]);
});

test("a name that was denied since is not told as it was before", () => {
  const server = new Server();
  server.ask();
  server.pass(TTL_MS);
  server.says = () => ({ aa: true, rcode: rcode.NXDOMAIN, authority: ["example SOA 60"] });
  server.ask();
  server.pass(61_000);
  server.says = () => ({ rcode: rcode.SERVFAIL });
  // It was the name above that was denied: nobody knows which of the two is younger.
  assert.equal(server.ask().header.rcode, rcode.SERVFAIL);
  assert.deepEqual(told(server.ask("example")), [rcode.NXDOMAIN, [], [19, 23]]);
});

test("for 30 seconds the expired answer is what all get; then the zone is tried again", () => {
  const server = new Server();
  server.ask();
  server.pass(TTL_MS);
  server.says = () => ({ rcode: rcode.SERVFAIL });
  server.ask();
  const asks = server.small.world.asked.length;
  server.pass(29_000);
  assert.deepEqual(told(server.ask()), [rcode.NOERROR, ["1 192.0.2.1"], [3, 23]]);
  assert.equal(server.small.world.asked.length, asks);
  server.pass(1000);
  server.ask();
  assert.ok(server.small.world.asked.length > asks);
});

test("nothing is told past the limit, and what is past it is overwritten", () => {
  const server = new Server();
  server.ask();
  server.says = () => ({ rcode: rcode.SERVFAIL });
  const { resolver } = server.small;
  server.pass(TTL_MS + LIMIT_S * 1000 - 1000);
  resolver.sweep(1000);
  assert.deepEqual(told(server.ask()), STALE_AND_WHY);
  server.pass(31_000);
  assert.equal(server.ask().header.rcode, rcode.SERVFAIL);
  resolver.sweep(1000);
  assert.equal(resolver.stats.rrsets.entries, 0);
});

test("without the setting a failure is a failure, and names go with their TTL", () => {
  const small = new SmallResolver({
    "10.0.0.1": (qname) =>
      small.world.nowMs() < 1000 ? { aa: true, answer: [`${qname} A 192.0.2.1`] } : { rcode: 2 },
  });
  small.answer({});
  small.world.run(TTL_MS + 1000);
  small.resolver.sweep(1000);
  assert.equal(small.resolver.stats.rrsets.entries, 0);
  assert.equal(small.answer({}).header.rcode, rcode.SERVFAIL);
});
