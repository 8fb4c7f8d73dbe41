/** Tests of waiting: who waits for whom, for how long, and what they get in the end. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { getU16 } from "@lethe/wire/bytes.ts";
import { extendedError, optionCode, rcode } from "@lethe/wire/codes.ts";
import { SmallResolver, question, read } from "../../test/small-resolver.ts";
import { name } from "../../test/small-world.ts";
import { limits } from "../base/limits.ts";

const one = { "10.0.0.1": () => ({ aa: true, answer: ["www.example A 192.0.2.1"] }) };
const silent = { "10.0.0.1": () => undefined };

/** RCODE and first INFO-CODE of an answer. */
function codes(answer: Uint8Array | undefined): (number | undefined)[] {
  const { header, opt } = read(answer);
  const errors = opt?.options.filter(({ code }) => code === optionCode.extendedError) ?? [];
  return [header.rcode, ...errors.map(({ data }) => getU16(data, 0))];
}

test("equal questions wait for one task, and each client gets its own answer", () => {
  const small = new SmallResolver(one);
  assert.equal(small.put(question({ id: 1 })), "taken");
  assert.equal(small.put(question({ id: 2, name: "WWW.example", udpSize: 1232 })), "taken");
  assert.equal(small.put(question({ id: 3, flags: 0x10 })), "taken");
  assert.equal(small.resolver.stats.clientsWaiting, 3);
  assert.equal(small.resolver.tasksRunning, 1);
  small.world.run();
  assert.deepEqual(
    small.later.map((answer) => read(answer).header.id),
    [1, 2, 3],
  );
  assert.deepEqual(small.later[1]!.slice(12, 20), question({ name: "WWW.example" }).slice(12, 20));
  assert.equal(read(small.later[1]).opt?.udpSize, 1232);
  assert.equal(read(small.later[2]).header.flags & 0x10, 0x10);
  assert.equal(small.resolver.stats.clientsWaiting, 0);
});

test("what was asked with CD=1 does not answer CD=0, nor DO=1 DO=0", () => {
  const small = new SmallResolver(one);
  small.answer({ flags: 0x10 });
  assert.equal(small.put(question({})), "taken");
  assert.equal(small.put(question({ flags: 0x10 })) instanceof Uint8Array, true);
  assert.equal(small.put(question({ flags: 0x10, udpSize: 1232, dnssecOk: true })), "taken");
});

test("the transport may use its frame again as soon as the call has returned", () => {
  const small = new SmallResolver(one);
  const message = question({ id: 5 });
  assert.equal(small.put(message), "taken");
  message.fill(0xff);
  small.put(question({ id: 6, name: "other.example" }));
  small.world.run();
  assert.equal(read(small.later[0]).header.id, 5);
});

test("a failure is SERVFAIL with its reason, and soon known without waiting", () => {
  const small = new SmallResolver({ "10.0.0.1": () => ({ rcode: rcode.REFUSED }) });
  const first = small.ask(question({ udpSize: 1232 }));
  assert.equal(read(first).header.rcode, rcode.SERVFAIL);
  assert.notEqual(codes(first)[1], undefined);
  const asks = small.world.asked.length;
  const again = small.put(question({ udpSize: 1232 }));
  assert.ok(again instanceof Uint8Array);
  assert.deepEqual(codes(again), codes(first));
  assert.equal(small.world.asked.length, asks);
});

test("a failure that was only remembered is not kept anew", () => {
  const small = new SmallResolver({ "10.0.0.1": () => ({ rcode: rcode.REFUSED }) });
  small.ask(question({ udpSize: 1232 }));
  const cached = small.ask(question({})); // of another variant, told from the failure cache
  assert.equal(read(cached).header.rcode, rcode.SERVFAIL);
  assert.equal(small.put(question({ udpSize: 1232, dnssecOk: true })), "taken");
  small.world.run();
  const { noReachableAuthority, networkError, cachedError } = extendedError;
  const told = [noReachableAuthority, networkError, cachedError];
  assert.deepEqual(codes(small.later.at(-1)), [rcode.SERVFAIL, ...told]);
  assert.equal(small.put(question({ udpSize: 1232, dnssecOk: true })), "taken");
});

test("a client waits for clientWaitMs and no longer", () => {
  const ips = Array.from({ length: 13 }, (_, i) => Uint8Array.of(10, 0, 0, i + 1));
  const { options } = new SmallResolver(silent).world;
  const recursor = { ...options, rootHints: [{ name: name("a.root"), ips }] };
  const small = new SmallResolver(silent, {}, { recursor });
  assert.equal(small.put(question({ udpSize: 1232 })), "taken");
  small.world.run(limits.clientWaitMs.value - 1);
  assert.equal(small.later.length, 0);
  small.world.run(limits.clientWaitMs.value);
  assert.deepEqual(codes(small.later[0]), [rcode.SERVFAIL, extendedError.noReachableAuthority]);
  assert.equal(small.resolver.stats.counts["failed.time-out"], 1);
  assert.equal(small.resolver.tasksRunning > 0, true);
  small.world.run();
  assert.equal(small.later.length, 1);
});

test("clientsWaitingMax clients wait, one more gets SERVFAIL at once", () => {
  const small = new SmallResolver(silent);
  const max = limits.clientsWaitingMax.value;
  const perTask = limits.waitersPerTaskMax.value;
  const frame = new Uint8Array(512);
  const way = { transport: "udp", listener: 0, idleTimeoutS: 0 } as const;
  const later = () => () => undefined;
  const put = (i: number): number => {
    const message = question({ name: `n${Math.floor(i / perTask)}.example`, udpSize: 1232 });
    frame.set(message);
    const client = small.client([127, 0, Math.floor(i / perTask), 1]);
    const asked = { ...way, client, later };
    return small.resolver.ask(frame, 0, message.length, frame.length, asked);
  };
  for (let i = 0; i < max; i++) assert.equal(put(i), 0);
  assert.equal(small.resolver.stats.clientsWaiting, max);
  const length = put(max);
  assert.deepEqual(codes(frame.slice(0, length)), [rcode.SERVFAIL, extendedError.other]);
});

test("close lets all who wait go without an answer, and nothing happens afterwards", () => {
  const small = new SmallResolver(one);
  small.put(question({}));
  small.put(question({ name: "other.example" }));
  small.resolver.close();
  assert.deepEqual(small.later, [undefined, undefined]);
  small.world.run();
  assert.equal(small.later.length, 2);
  assert.equal(small.resolver.tasksRunning, 0);
});

test("a long answer is sent whole over a stream, and empty with TC over UDP", () => {
  const addresses = Array.from({ length: 100 }, (_, i) => `www.example A 192.0.2.${i}`);
  const small = new SmallResolver({ "10.0.0.1": () => ({ aa: true, answer: addresses }) });
  const udp = small.answer({ udpSize: 4096 });
  assert.deepEqual([udp.header.flags & 0x200, udp.answer.length], [0x200, 0]);
  const tcp = small.answer({ udpSize: 512 }, { idleTimeoutS: 10 });
  assert.deepEqual([tcp.header.flags & 0x200, tcp.answer.length], [0, 100]);
});
