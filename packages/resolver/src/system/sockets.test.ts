/** Listening sockets: what the kernel says no to is a value, and ports can be shared. */
import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { ipFromText } from "../base/address.ts";
import { limits } from "../base/limits.ts";
import { libc as systemLibc } from "./libc.ts";
import { openListener } from "./sockets.ts";

const libc = systemLibc();
const skip = libc === undefined ? "the FFI does not load on this machine" : false;
const loopback = ipFromText("127.0.0.1")!;

test("several sockets share one port", { skip }, () => {
  for (const transport of ["udp", "tcp"] as const) {
    const first = openListener(libc!, transport, loopback, 0);
    assert.ok(first.kind === "socket");
    const second = openListener(libc!, transport, loopback, first.port);
    assert.ok(second.kind === "socket");
    assert.equal(second.port, first.port);
    libc!.close(first.fd);
    libc!.close(second.fd);
  }
});

test("an address that may be up later can be listened at", { skip }, () => {
  const socket = openListener(libc!, "udp", ipFromText("192.0.2.1")!, 0);
  assert.equal(socket.kind, "socket");
  if (socket.kind === "socket") libc!.close(socket.fd);
});

test("a port that others do not share is refused with the errno's name", { skip }, async () => {
  const other = createSocket("udp4");
  await new Promise<void>((resolve) => other.bind(0, "127.0.0.1", resolve));
  const socket = openListener(libc!, "udp", loopback, other.address().port);
  other.close();
  assert.deepEqual(socket, { kind: "no-socket", why: "bind: EADDRINUSE" });
});

test("buffers are asked for up to socketBufferBytes and the kernel's bound", { skip }, () => {
  const asked = limits.socketBufferBytes.value;
  const allowed = Number(readFileSync("/proc/sys/net/core/rmem_max", "utf8"));
  assert.ok(asked >= Math.min(asked, allowed));
  assert.ok(limits.connectionsWaitingMax.value > 0);
});
