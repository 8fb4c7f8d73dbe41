/** Tests of who is connected over QUIC. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { limits } from "../../base/limits.ts";
import { Connections } from "./connections.ts";
import { type NativeEvent, event } from "./native.ts";

function newSession(connHandle: number, remoteAddr: string): NativeEvent {
  return {
    eventType: event.newSession,
    connHandle,
    streamId: -1,
    meta: { remoteAddr, remotePort: 4433 },
  };
}

describe("connections over QUIC", () => {
  it("keep a view and a place, and give it back", () => {
    const connections = new Connections(() => 5);
    assert.equal(connections.enter(newSession(1, "192.0.2.1")), "entered");
    assert.equal(connections.enter(newSession(2, "2001:db8::1")), "entered");
    assert.equal(connections.get(1)?.view, 5);
    assert.notEqual(connections.get(1)?.chosen, connections.get(2)?.chosen);
    connections.leave(1);
    connections.leave(1);
    assert.equal(connections.size, 1);
    assert.equal(connections.get(1), undefined);
  });

  it("are not had by who is not to be answered, nor by what is no address", () => {
    assert.equal(new Connections(() => undefined).enter(newSession(1, "192.0.2.1")), "unwelcome");
    assert.equal(new Connections(() => 0).enter(newSession(1, "somewhere")), "unwelcome");
  });

  it("are bounded for each network, and in all by the library", () => {
    const connections = new Connections(() => 0);
    const max = limits.streamsPerNetworkMax.value;
    for (let i = 0; i < max; i++) {
      assert.equal(connections.enter(newSession(i, `192.0.2.${i % 256}`)), "entered");
    }
    assert.equal(connections.enter(newSession(max, "192.0.2.7")), "too-many");
    assert.equal(connections.enter(newSession(max, "198.51.100.1")), "entered");
    assert.ok(limits.quicConnectionsMax.value >= 8 * max);
  });
});
