/**
 * What the recursor costs per question that takes one upstream question, sockets left out.
 *
 * A zone of `servers` name servers with glue is cached; each question is of a new name in it, and
 * its reply is there at once.
 */
import { rrType } from "@lethe/wire/codes.ts";
import type { RecordSet } from "@lethe/wire/record.ts";
import { assert } from "../src/base/assert.ts";
import type { World } from "../src/recursor/effect.ts";
import { newMemory } from "../src/recursor/memory.ts";
import { Mesh } from "../src/recursor/mesh.ts";
import { name, seeded } from "../test/small-world.ts";
import { Meter, tell } from "./figure.ts";

const QUESTIONS = 40_000;
const ROUNDS = 4;

class InstantWorld implements World {
  readonly random = seeded(1);
  readonly #queue: (() => void)[] = [];
  readonly #reply = new Uint8Array(512);

  nowMs(): number {
    return 0;
  }

  wallS(): number {
    return 0;
  }

  after(_ms: number, done: () => void): () => void {
    this.#queue.push(done);
    return () => undefined;
  }

  ask: World["ask"] = (effect, done) => {
    const { query } = effect;
    const end = query.indexOf(0, 12) + 5;
    const message = this.#reply.slice(0, end + 16);
    message.set(query.subarray(0, end));
    message.set([0x84, 0, 0, 1, 0, 1, 0, 0, 0, 0], 2);
    message.set([0xc0, 12, 0, 1, 0, 1, 0, 0, 1, 44, 0, 4, 192, 0, 2, 1], end);
    return this.after(0, () => done({ kind: "reply", message, rttMs: 5 }));
  };

  run(): void {
    for (let event = this.#queue.shift(); event !== undefined; event = this.#queue.shift()) event();
  }
}

function set(owner: string, type: number, rdatas: Uint8Array[]): RecordSet {
  return { name: name(owner), type, class: 1, ttl: 3600, rdatas, signatures: [] };
}

function bench(servers: number): void {
  const world = new InstantWorld();
  const rrsets = { sizeBytes: 1 << 26, ttlMinS: 0, ttlMaxS: 86400, negativeTtlMaxS: 3600 };
  const memory = newMemory({ rrsets, servers: 4096, failures: 4096, chains: 4096 }, world.random);
  const nsNames = Array.from({ length: servers }, (_, i) => `ns${i}.example.com`);
  const glue = nsNames.map((ns, i) => set(ns, rrType.A, [Uint8Array.of(10, 0, 0, i + 1)]));
  memory.rrsets.storeCut(set("example.com", rrType.NS, nsNames.map(name)), glue, 0);
  const options = {
    rootHints: [],
    upstreamPort: 53,
    minimise: true,
    caseRandomisation: true,
    ipv4: true,
    ipv6: true,
    mayAskLoopback: false,
    fetchAhead: true,
    negativeTtlMaxS: 3600,
  };
  const mesh = new Mesh(options, world, memory);
  for (let round = 0; round < ROUNDS; round++) {
    const names = Array.from({ length: QUESTIONS }, (_, i) => name(`n${round}-${i}.example.com`));
    let answered = 0;
    const meter = new Meter();
    for (const qname of names) {
      mesh.request({ name: qname, type: rrType.A, class: 1 }, (outcome) => {
        if (outcome.kind === "answered") answered++;
      });
      world.run();
    }
    const each = meter.each(QUESTIONS);
    assert(answered === QUESTIONS, "the world answers at once");
    tell({ title: `a miss without sockets, zone of ${servers} servers`, ...each });
  }
}

bench(2);
bench(13);
