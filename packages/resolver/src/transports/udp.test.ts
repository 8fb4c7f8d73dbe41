/** Datagrams through the door, by system calls and by `node:dgram`: one suite for both. */
import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { after, describe, test } from "node:test";
import { ipFromText } from "../base/address.ts";
import { limits } from "../base/limits.ts";
import { libc as systemLibc } from "../system/libc.ts";
import { openListener } from "../system/sockets.ts";
import type { Datagrams } from "./datagrams.ts";
import { DROPPED, type Door, TAKEN } from "./door.ts";
import { KernelDatagrams } from "./kernel-datagrams.ts";
import { NodeDatagrams } from "./node-datagrams.ts";
import { UdpListener } from "./udp.ts";

const libc = systemLibc();
const toStop: (() => void)[] = [];
after(() => toStop.forEach((stop) => stop()));

type Opened = { readonly datagrams: Datagrams; readonly port: number };

const backends: Record<string, { skip: string | false; open: () => Promise<Opened> }> = {
  "system calls": {
    skip: libc === undefined ? "the FFI does not load on this machine" : false,
    open: async () => {
      const socket = openListener(libc!, "udp", ipFromText("127.0.0.1")!, 0);
      assert.ok(socket.kind === "socket");
      toStop.push(() => void libc!.close(socket.fd));
      return { datagrams: new KernelDatagrams(libc!, socket.fd, false), port: socket.port };
    },
  },
  "node:dgram": {
    skip: false,
    open: async () => {
      const socket = createSocket("udp4").bind(0, "127.0.0.1");
      await once(socket, "listening");
      toStop.push(() => void socket.close());
      return { datagrams: new NodeDatagrams(socket), port: socket.address().port };
    },
  },
};

for (const [name, { skip, open }] of Object.entries(backends)) {
  describe(`datagrams by ${name}`, { skip }, () => {
    async function listen(ask: Door["ask"]): Promise<number> {
      const { datagrams, port } = await open();
      const listener = new UdpListener(datagrams, 0, { ask });
      toStop.unshift(() => listener.stop());
      return port;
    }

    /** Sends all at once and gives as many answers as are expected. */
    async function exchange(port: number, sent: readonly string[], expected: number) {
      const client = createSocket("udp4");
      const answers: string[] = [];
      const done = new Promise<void>((resolve) => {
        client.on("message", (answer) => {
          if (answers.push(answer.toString()) === expected) resolve();
        });
      });
      for (const text of sent) client.send(text, port, "127.0.0.1");
      await done;
      client.close();
      return answers;
    }

    test("an answer in place goes back; what is dropped gets none", async () => {
      const port = await listen((frame, at, length) => {
        if (frame[at] === 0x2d) return DROPPED;
        frame[at] = 0x21;
        return length;
      });
      assert.deepEqual(await exchange(port, ["-no", "?yes"], 1), ["!yes"]);
    });

    test("an answer that comes later goes to who asked", async () => {
      const port = await listen((frame, at, length, _capacity, asked) => {
        const text = frame.slice(at, at + length);
        const reply = asked.later();
        setImmediate(() => reply(text));
        return TAKEN;
      });
      const sent = Array.from({ length: 80 }, (_, i) => `q${i}`);
      assert.deepEqual((await exchange(port, sent, 80)).toSorted(), sent.toSorted());
    });

    test("a flood of several clients is answered whole, batchesPerTurnMax batches a turn", async () => {
      const port = await listen((_frame, _at, length) => length);
      const clients = limits.batchesPerTurnMax.value;
      const each = limits.datagramsPerBatchMax.value / 2 + 1;
      const sent = Array.from({ length: each }, (_, i) => `q${i}`);
      const ask = () => exchange(port, sent, each);
      const answers = await Promise.all(Array.from({ length: clients }, ask));
      assert.equal(answers.flat().length, clients * each);
    });
  });
}
