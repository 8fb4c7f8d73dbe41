/** Tests of the sockets between the QUIC process and workers. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { type Socket, connect, createServer } from "node:net";
import { after, before, describe, it } from "node:test";
import { limits } from "../../base/limits.ts";
import { Channels } from "./channels.ts";
import {
  type Back,
  GIVEN_HEADER_BYTES,
  handed,
  questionFrame,
  writeBackHeader,
} from "./handover.ts";

const whose = { listener: 3, view: -1 };

describe("sockets to workers", () => {
  const server = createServer();
  let path: { port: number };
  before(async () => {
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    path = server.address() as { port: number };
  });
  after(() => server.close());

  /** Channels with so many workers, and the workers' ends. */
  async function tied(workers: number): Promise<[Channels, Socket[]]> {
    const channels = new Channels();
    const ends: Socket[] = [];
    for (let i = 0; i < workers; i++) {
      const accepted = once(server, "connection");
      const socket = connect(path.port, "127.0.0.1");
      ends.push((await accepted)[0] as Socket);
      channels.add(socket);
    }
    return [channels, ends];
  }

  it("brings what comes back to who waits for it, however it is cut", async () => {
    const [channels, ends] = await tied(1);
    const got: (string | undefined)[] = [];
    const done = Promise.withResolvers<void>();
    for (const text of ["first", "second"]) {
      channels.give(
        0,
        (id) => questionFrame(id, whose, Buffer.from(text)),
        (back) => {
          got.push(textOf(back));
          if (got.length === 2) done.resolve();
        },
      );
    }
    const chunk = await readBytes(ends[0]!, 2 * GIVEN_HEADER_BYTES + 11);
    // The second is answered first.
    const ids = [chunk.readUInt32BE(4 + GIVEN_HEADER_BYTES + 5), chunk.readUInt32BE(4)];
    const frames = Buffer.concat(ids.map((id) => backFrame(id, `to ${id}`)));
    for (const octet of frames) ends[0]!.write(Buffer.of(octet));
    await done.promise;
    assert.deepEqual(got, [`to ${ids[0]}`, `to ${ids[1]}`]);
    assert.equal(channels.waiting, 0);
    channels.close();
  });

  it("gives up what a worker had that is gone, and goes on with another", async () => {
    const [channels, ends] = await tied(2);
    const gone = new Promise((resolve) => {
      channels.give(0, (id) => questionFrame(id, whose, Buffer.from("x")), resolve);
    });
    ends[0]!.destroy();
    assert.equal(await gone, undefined);
    assert.equal(
      channels.give(
        0,
        (id) => questionFrame(id, whose, Buffer.from("y")),
        () => {},
      ),
      true,
    );
    assert.equal((await readBytes(ends[1]!, GIVEN_HEADER_BYTES + 1)).at(-1), 0x79);
    channels.close();
  });

  it("takes no more than may wait, and nothing where there is no worker", async () => {
    assert.equal(
      new Channels().give(
        0,
        () => Buffer.alloc(0),
        () => {},
      ),
      false,
    );
    const [channels, ends] = await tied(1);
    ends[0]!.resume();
    const give = (): boolean =>
      channels.give(
        0,
        (id) => questionFrame(id, whose, Buffer.of(1)),
        () => {},
      );
    for (let i = 0; i < limits.quicWaitingMax.value; i++) assert.equal(give(), true);
    assert.equal(give(), false);
    channels.close();
  });
});

function textOf(back: Back | undefined): string | undefined {
  return back && Buffer.from(back.octets.subarray(back.at, back.end)).toString();
}

function backFrame(id: number, text: string): Buffer {
  const frame = Buffer.alloc(9 + text.length);
  writeBackHeader(frame, 0, id, handed.answer, text.length);
  frame.write(text, 9);
  return frame;
}

async function readBytes(socket: Socket, bytes: number): Promise<Buffer> {
  let all = Buffer.alloc(0);
  while (all.length < bytes) all = Buffer.concat([all, (await once(socket, "data"))[0] as Buffer]);
  return all;
}
