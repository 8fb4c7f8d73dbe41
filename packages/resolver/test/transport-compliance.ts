/**
 * What every transport owes its clients and the room behind the door: one suite for all of them.
 *
 * Messages of these tests are a header's length or more: id, a command, filling.
 */
import assert from "node:assert/strict";
import { inspect } from "node:util";
import { after, test } from "node:test";
import { type Asked, DROPPED, type Door, type Reply, TAKEN } from "../src/transports/door.ts";

/** A client of the transport under test. */
export interface TestClient {
  /** Sends a message, and settles with the answer that has its id. */
  ask(message: Uint8Array): Promise<Buffer>;
  /** Sends a message that nobody answers. */
  send(message: Uint8Array): void;
  /** Answers so far that nobody waited for. */
  readonly strays: number;
  close(): void;
}

/** A listener of the transport under test. */
export interface TestListener {
  connect(): Promise<TestClient>;
  stop(): void;
}

const command = { echo: 1, later: 2, drop: 3, fill: 4, reverse: 5, tell: 6, never: 7 } as const;
type Command = keyof typeof command;

const LISTENER = 3;
const FILLED_BYTES = 1232;
const SHORTEST = 12;

/** A message of a header's length that makes the door do something. */
export function message(id: number, what: Command, size = SHORTEST): Uint8Array {
  const bytes = new Uint8Array(size);
  bytes[0] = id >>> 8;
  bytes[1] = id;
  bytes[2] = command[what];
  return bytes;
}

/** A door that does as its messages say. */
export class TestDoor implements Door {
  readonly waiting: Reply[] = [];
  /** What was told of the last one who asked. */
  last: { client: string; transport: string; listener: number; idleTimeoutS: number } | undefined;
  #reversed: (() => void)[] = [];

  ask(frame: Uint8Array, at: number, length: number, capacity: number, asked: Asked): number {
    const { transport, listener, idleTimeoutS } = asked;
    switch (frame[at + 2]) {
      case command.echo:
        return length;
      case command.fill:
        if (capacity < FILLED_BYTES) return DROPPED;
        frame.fill(0xaa, at + 3, at + FILLED_BYTES);
        return FILLED_BYTES;
      case command.later: {
        const copy = frame.slice(at, at + length);
        const reply = asked.later();
        setImmediate(() => reply(copy));
        return TAKEN;
      }
      case command.reverse: {
        const copy = frame.slice(at, at + length);
        const reply = asked.later();
        this.#reversed.push(() => reply(copy));
        if (this.#reversed.length === 10) for (const go of this.#reversed.toReversed()) go();
        return TAKEN;
      }
      case command.never: {
        const reply = asked.later();
        setImmediate(() => reply(undefined));
        return TAKEN;
      }
      case command.tell:
        this.last = { client: told(asked), transport, listener, idleTimeoutS };
        return length;
      default:
        return DROPPED;
    }
  }
}

/** What can be got out of a client by the ways that lead into logs. */
function told(asked: Asked): string {
  const { client } = asked;
  const attempts = [() => String(client), () => inspect(client)];
  attempts.push(() => JSON.stringify({ client }));
  const results = attempts.map((attempt) => {
    try {
      return attempt();
    } catch {
      return "refused";
    }
  });
  return results.join(" ");
}

/** A door with two clients before it. */
interface Scene {
  readonly door: TestDoor;
  readonly client: TestClient;
  readonly other: TestClient;
}

type Start = (door: Door, listener: number) => Promise<TestListener>;

const open: (() => void)[] = [];
after(() => open.forEach((close) => close()));

/** Registers the suite for one transport. */
export function complies(name: string, skip: string | false, start: Start): void {
  const begin = async (): Promise<Scene> => {
    const door = new TestDoor();
    const listener = await start(door, LISTENER);
    const client = await listener.connect();
    const other = await listener.connect();
    open.push(() => {
      client.close();
      other.close();
      listener.stop();
    });
    return { door, client, other };
  };
  answersInPlace(name, skip, begin);
  answersLater(name, skip, begin);
  keepsQuiet(name, skip, begin);
}

type Begin = () => Promise<Scene>;

function answersInPlace(name: string, skip: string | false, begin: Begin): void {
  void test(`${name}: an answer in place reaches who asked`, { skip }, async () => {
    const { client } = await begin();
    for (const size of [12, 31, 512, 1232]) {
      const asked = message(size, "echo", size);
      assert.deepEqual(new Uint8Array(await client.ask(asked)), asked);
    }
  });

  void test(`${name}: an answer may be longer than its question`, { skip }, async () => {
    const { client } = await begin();
    assert.equal((await client.ask(message(7, "fill"))).length, FILLED_BYTES);
  });
}

function answersLater(name: string, skip: string | false, begin: Begin): void {
  void test(
    `${name}: an answer that comes later reaches who asked, and nobody else`,
    { skip },
    async () => {
      const { client, other } = await begin();
      const asks = Array.from({ length: 60 }, (_, id) =>
        (id % 2 === 0 ? client : other).ask(message(id, id % 3 === 0 ? "echo" : "later")),
      );
      const answers = await Promise.all(asks);
      assert.deepEqual(
        answers.map((answer) => answer.readUInt16BE(0)),
        asks.map((_, id) => id),
      );
      assert.equal(client.strays + other.strays, 0);
    },
  );

  void test(`${name}: answers may come in another order than questions`, { skip }, async () => {
    const { client } = await begin();
    const order: number[] = [];
    const asks = Array.from({ length: 10 }, async (_, id) => {
      await client.ask(message(id, "reverse"));
      order.push(id);
    });
    await Promise.all(asks);
    assert.deepEqual(order, [9, 8, 7, 6, 5, 4, 3, 2, 1, 0]);
  });
}

function keepsQuiet(name: string, skip: string | false, begin: Begin): void {
  void test(
    `${name}: a question without an answer costs the next one nothing`,
    { skip },
    async () => {
      const { client } = await begin();
      for (let i = 0; i < 200; i++) client.send(message(i, i % 2 === 0 ? "drop" : "never"));
      assert.equal((await client.ask(message(1000, "echo"))).readUInt16BE(0), 1000);
      assert.equal(client.strays, 0);
    },
  );

  void test(
    `${name}: the door learns the listener, and nothing of the address`,
    { skip },
    async () => {
      const { door, client } = await begin();
      await client.ask(message(1, "tell"));
      assert.ok(door.last !== undefined);
      assert.equal(door.last.listener, LISTENER);
      assert.equal(door.last.client, "refused refused refused");
      const isTold = door.last.transport === "tcp" || door.last.transport === "tls";
      assert.equal(door.last.idleTimeoutS > 0, isTold);
    },
  );
}
