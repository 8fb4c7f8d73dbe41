/** Views over the network: clients at two loopback addresses, and one `lethe serve`. */
import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { after, before, describe, test } from "node:test";
import { fullRcode, readMessage } from "@lethe/wire/message.ts";
import { recordToText } from "@lethe/wire/record-text.ts";
import { type Served, serve } from "./served.ts";
import { question } from "./small-resolver.ts";

const EVERYBODY = "127.0.0.1";
const GUEST = "127.0.0.9";

/** Asks from an address; the RCODE and the data of the answer. */
async function ask(from: string, port: number, name: string): Promise<string> {
  const socket = createSocket("udp4");
  socket.bind(0, from);
  await once(socket, "listening");
  socket.send(question({ name, udpSize: 1232 }), port, "127.0.0.1");
  const [bytes] = (await once(socket, "message", {
    signal: AbortSignal.timeout(10_000),
  })) as [Uint8Array];
  socket.close();
  const message = readMessage(bytes);
  assert.ok(message.kind === "message");
  const data = message.answer.map((record) => recordToText(record).split("\t").at(-1));
  return [fullRcode(message), ...data].join(" ");
}

describe("views over the network", () => {
  let served: Served;

  before(async () => {
    served = await serve(
      [
        "resolve.workers=2",
        'local=[{ zone = "home.test", records = ["printer A 192.0.2.1"] }]',
        `view=[{ networks = ["${GUEST}"], local = [` +
          '{ zone = "home.test", records = [] }, { zone = "www.plain.lethe", records = ["@ A 192.0.2.9"] }] }]',
      ],
      ["--sandbox"],
    );
  });

  after(async () => {
    served.child.kill("SIGTERM");
    await once(served.child, "exit");
  });

  test("each client sees its own side of a name, whoever asked first", async () => {
    const outside = await ask(EVERYBODY, served.port, "www.plain.lethe");
    assert.match(outside, /^0 \d/);
    for (let round = 0; round < 4; round++) {
      assert.equal(await ask(GUEST, served.port, "www.plain.lethe"), "0 192.0.2.9");
      assert.equal(await ask(EVERYBODY, served.port, "www.plain.lethe"), outside);
      assert.equal(await ask(GUEST, served.port, "printer.home.test"), "3");
      assert.equal(await ask(EVERYBODY, served.port, "printer.home.test"), "0 192.0.2.1");
    }
  });
});
