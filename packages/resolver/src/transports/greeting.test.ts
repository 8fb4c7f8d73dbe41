/** Streams of proxies that do not say whose they are. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { proxyHeader } from "../../test/proxied.ts";
import { closed, dial, framed, ids } from "../../test/stream-client.ts";
import { TestDoor, message } from "../../test/transport-compliance.ts";
import { until } from "../../test/until.ts";
import { limits } from "../base/limits.ts";
import { monotonicMs } from "../system/clock.ts";
import { Proxies } from "./proxies.ts";
import { DnsStreams } from "./stream.ts";
import { TcpListener } from "./tcp.ts";

/** A listener whose every client is a proxy. */
async function listenToProxies(): Promise<{ listener: TcpListener; port: number }> {
  const proxies = new Proxies([{ ip: Uint8Array.of(127, 0, 0, 0), bits: 8 }]);
  const source = { host: "127.0.0.1", port: 0 };
  const listener = new TcpListener(source, 0, new DnsStreams(new TestDoor(), "tcp"), proxies);
  return { listener, port: await listener.listening() };
}

test("half a header keeps no stream open", async () => {
  const { listener, port } = await listenToProxies();
  const half = await dial(port);
  const whole = await dial(port);
  const answers = ids(whole);
  half.write(proxyHeader().slice(0, 20));
  whole.write(Uint8Array.of(...proxyHeader(), ...framed(message(7, "echo"))));
  await until(() => answers.length === 1);
  assert.equal(listener.streams, 1);
  listener.closeIdle(monotonicMs() + limits.streamIdleMs.value);
  await Promise.all([closed(half), closed(whole)]);
  listener.stop();
});

test("a proxy that ends in its header is gone, and so it is when the listener ends", async () => {
  const { listener, port } = await listenToProxies();
  const ending = await dial(port);
  ending.end(proxyHeader().slice(0, 5));
  await closed(ending);
  const waiting = await dial(port);
  const said = await dial(port);
  const answers = ids(said);
  said.write(Uint8Array.of(...proxyHeader(), ...framed(message(7, "echo"))));
  await until(() => answers.length === 1);
  listener.stop();
  await Promise.all([closed(waiting), closed(said)]);
});
