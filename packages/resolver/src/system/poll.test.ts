/** Polling a raw descriptor: it calls back until it is stopped, and mistakes are not lost. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createSocket } from "node:dgram";
import { test } from "node:test";
import { until } from "../../test/until.ts";
import { ipFromText } from "../base/address.ts";
import { libc as systemLibc } from "./libc.ts";
import { ReadPoll } from "./poll.ts";
import { openListener } from "./sockets.ts";

const libc = systemLibc();
const skip = libc === undefined ? "the FFI does not load on this machine" : false;

test(
  "a poll calls back while there is something to read, and not once it is stopped",
  {
    skip,
  },
  async () => {
    const socket = openListener(libc!, "udp", ipFromText("127.0.0.1")!, 0);
    assert.ok(socket.kind === "socket");
    let calls = 0;
    const poll = new ReadPoll(socket.fd, () => {
      if (++calls === 3) poll.stop();
    });
    const client = createSocket("udp4");
    client.send("unread", socket.port, "127.0.0.1");
    await until(() => calls === 3);
    for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
    assert.equal(calls, 3);
    client.close();
    libc!.close(socket.fd);
  },
);

test("a mistake in a callback ends the process, as any other does", { skip }, () => {
  const at = (file: string): string => JSON.stringify(import.meta.resolve(file));
  const source = `
    import { createSocket } from "node:dgram";
    import { libc } from ${at("./libc.ts")};
    import { ReadPoll } from ${at("./poll.ts")};
    import { openListener } from ${at("./sockets.ts")};
    const socket = openListener(libc(), "udp", Uint8Array.of(127, 0, 0, 1), 0);
    new ReadPoll(socket.fd, () => { throw new Error("our own mistake"); });
    createSocket("udp4").send("x", socket.port, "127.0.0.1");
    setTimeout(() => process.exit(0), 5000);
  `;
  const args = ["--input-type=module", "-e", source];
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
  assert.match(stderr, /our own mistake/);
  assert.equal(status, 1);
});
