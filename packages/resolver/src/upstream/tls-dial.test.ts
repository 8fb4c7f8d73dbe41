/** Tickets: as many as there may be, for as long as they may be kept, and each once. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { afterEach, test } from "node:test";
import { authorityPem } from "../../test/certificates.ts";
import { type LoopbackTls, listenTls } from "../../test/loopback-tls.ts";
import { limits } from "../base/limits.ts";
import { TlsDialler } from "./tls-dial.ts";

const toClose: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of toClose.splice(0)) await close();
});

const trust = { kind: "authorities", roots: authorityPem } as const;

/** Opens sessions at a clock of its own; says of each whether it was resumed. */
class Dialling {
  nowMs = 0;
  readonly #dialler = new TlsDialler(() => this.nowMs);
  readonly #server: LoopbackTls;

  constructor(server: LoopbackTls) {
    this.#server = server;
  }

  /** `name` is not looked at: whoever answers is taken. */
  async open(name: string): Promise<boolean> {
    const terms = { over: "tls", name, path: "", trust: anyone } as const;
    const { address: server } = this.#server;
    const protocols = ["dot"];
    const socket = this.#dialler.dial({ server, terms, protocols, source: undefined });
    socket.resume(); // tickets come as data does
    await once(socket, "secureConnect");
    const isResumed = socket.isSessionReused();
    if (!isResumed) await once(socket, "session");
    socket.destroy();
    return isResumed;
  }
}

const anyone = { kind: "anyone" } as const;

async function serve(): Promise<LoopbackTls> {
  const server = await listenTls(() => {});
  toClose.push(() => server.close());
  return server;
}

test("a ticket is good for a bounded time", async () => {
  const dialling = new Dialling(await serve());
  assert.equal(await dialling.open("a.example"), false);
  dialling.nowMs += limits.tlsTicketS.value * 1000 - 1;
  assert.equal(await dialling.open("a.example"), true);
  dialling.nowMs += limits.tlsTicketS.value * 1000;
  assert.equal(await dialling.open("a.example"), false);
});

test("the oldest ticket goes where there are too many", async () => {
  const dialling = new Dialling(await serve());
  assert.equal(await dialling.open("first.example"), false);
  for (let i = 0; i < limits.tlsTicketsMax.value; i++) {
    assert.equal(await dialling.open(`n${i}.example`), false);
  }
  assert.equal(await dialling.open("first.example"), false);
  assert.equal(await dialling.open("n5.example"), true);
});

test("a ticket that was used is not used again", async () => {
  const server = await serve();
  const dialler = new TlsDialler(() => 0);
  const terms = { over: "tls", name: undefined, path: "", trust } as const;
  const protocols = ["dot"];
  const dial = () => {
    return dialler.dial({ server: server.address, terms, protocols, source: undefined });
  };
  const first = dial();
  first.resume();
  await once(first, "session");
  first.destroy();
  const both = [dial(), dial()];
  await Promise.all(both.map((socket) => once(socket, "secureConnect")));
  assert.deepEqual(
    both.map((socket) => socket.isSessionReused()),
    [true, false],
  );
  for (const socket of both) socket.destroy();
});
