/**
 * Asks Lethe and its peers the same of seeded signed zones, and tells where they say different
 * things: another RCODE, or AD where the other has none.
 *
 * The zones are served in batches, each to resolvers that were just started: so a zone fares the
 * same alone as among hundreds.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { rcode } from "@lethe/wire/codes.ts";
import { rcodeToText, typeFromText } from "@lethe/wire/codes-text.ts";
import { optionCode } from "@lethe/wire/edns.ts";
import { flag } from "@lethe/wire/header.ts";
import { fullRcode, readMessage } from "@lethe/wire/message.ts";
import { type SeededQuestion, type SeededZone, seededZone } from "../sim/seeded-zone.ts";
import { plainName } from "../sim/signer-zone.ts";
import { askServer, writeClientQuery } from "../src/cli/dns-client.ts";
import type { QueryPlan } from "../src/cli/query-arguments.ts";
import { SystemRandom } from "../src/system/random.ts";
import { type Beginning, validators } from "./differ-peers.ts";
import { unexplained } from "./differ-report.ts";
import { differAnchor, differHints, startWorld, zoneIps } from "./differ-world.ts";
import { type Running, isInstalled, start, stop, until } from "./processes.ts";

const FIRST_PORT = 5341;
const BATCH = 250;
/** Zones that are asked about at the same time. */
const AT_ONCE = 12;
const AT_ONCE_AGAIN = 2;
const TIMEOUT_MS = 8000;
const SERVER_CORE = 0;
const OTHER_CORE = 1;
const RANDOM = new SystemRandom();

/** What each resolver said to one question of a zone. */
export interface Told {
  readonly zone: SeededZone;
  readonly question: SeededQuestion;
  /** RCODE, and "AD" where it is set, by the name of the resolver. */
  readonly said: Readonly<Record<string, string>>;
  /** What Lethe gives as its reason (RFC 8914). */
  readonly reason: string;
}

export interface DifferOptions {
  readonly seed: number;
  readonly zones: number;
  /** The path of `lethe`. */
  readonly launcher: string;
  readonly progress: (done: number, total: number) => void;
}

/** What a comparison cannot do without; of the resolvers those are asked that are installed. */
export const differNeeds = ["nsd", "taskset"] as const;

/** The resolvers that are here; the first is Lethe. */
export function differValidators(): readonly string[] {
  return validators.filter(({ program }) => isInstalled(program)).map(({ name }) => name);
}

/**
 * Everything that was told, the zones in the order of their seeds.
 *
 * Zones of which something is not explained are asked about once more, a few at a time: on a busy
 * machine somebody may have waited for too long, which is no verdict.
 */
export async function differ(options: DifferOptions): Promise<readonly Told[]> {
  const { seed, zones, launcher, progress } = options;
  const told: Told[] = [];
  for (let done = 0; done < zones; done += BATCH) {
    const seeds = Array.from({ length: Math.min(BATCH, zones - done) }, (_, i) => seed + done + i);
    const batch = new Batch(launcher, AT_ONCE);
    told.push(...(await batch.run(seeds, (at) => progress(done + at, zones))));
  }
  const open = new Set(told.filter((one) => unexplained(one).length > 0).map(seedOf));
  if (open.size === 0) return told;
  const again = await new Batch(launcher, AT_ONCE_AGAIN).run([...open], () => {});
  return [...told.filter((one) => !open.has(seedOf(one))), ...again];
}

function seedOf({ zone }: Told): number {
  return zone.seed;
}

interface Resolver {
  readonly name: string;
  readonly port: number;
  readonly running: Running;
}

class Batch {
  readonly #launcher: string;
  readonly #directory = mkdtempSync(join(tmpdir(), "lethe-differ-"));
  readonly #running: Running[] = [];
  readonly #atOnce: number;

  /** `atOnce`: zones that are asked about at the same time. */
  constructor(launcher: string, atOnce: number) {
    this.#launcher = launcher;
    this.#atOnce = atOnce;
  }

  async run(seeds: readonly number[], progress: (done: number) => void): Promise<Told[]> {
    const nowS = Math.floor(Date.now() / 1000);
    const zones = seeds.map((seed) => seededZone(seed, nowS, zoneIps));
    try {
      this.#running.push(...(await startWorld(this.#directory, zones, nowS, OTHER_CORE)));
      const resolvers = await this.#startResolvers();
      const told = new Map<SeededZone, Told[]>();
      const left = [...zones];
      const walk = async (): Promise<void> => {
        for (let zone = left.shift(); zone !== undefined; zone = left.shift()) {
          told.set(zone, await askAbout(zone, resolvers));
          progress(told.size);
        }
      };
      await Promise.all(Array.from({ length: this.#atOnce }, walk));
      return zones.flatMap((zone) => told.get(zone)!);
    } finally {
      await Promise.all(this.#running.map(stop));
      rmSync(this.#directory, { recursive: true, force: true });
    }
  }

  async #startResolvers(): Promise<Resolver[]> {
    const ds = differAnchor();
    const rootHints = join(this.#directory, "root.hints");
    const anchors = join(this.#directory, "anchors");
    writeFileSync(rootHints, differHints);
    writeFileSync(anchors, `. 3600 IN DS ${ds.join(" ")}\n`);
    const resolvers: Resolver[] = [];
    for (const [i, validator] of validators.entries()) {
      const { name } = validator;
      if (!isInstalled(validator.program)) continue;
      const port = FIRST_PORT + i;
      const directory = join(this.#directory, name);
      const where: Beginning = {
        directory,
        port,
        rootHints,
        anchors,
        ds,
        launcher: this.#launcher,
      };
      const running = start(name, SERVER_CORE, validator.command(where));
      this.#running.push(running);
      resolvers.push({ name, port, running });
    }
    for (const { running, port } of resolvers) {
      await until(running, async () => (await ask(ROOT_SOA, port)).text === "NOERROR AD");
    }
    return resolvers;
  }
}

const ROOT_SOA: SeededQuestion = { what: "the root", name: ".", type: "SOA" };

/** Asks the questions of a zone one after the other, each of all resolvers at once. */
async function askAbout(zone: SeededZone, resolvers: readonly Resolver[]): Promise<Told[]> {
  const told: Told[] = [];
  for (const question of zone.questions) {
    const said = await Promise.all(
      resolvers.map(async ({ name, port }) => [name, await ask(question, port)] as const),
    );
    const { reason } = said.find(([name]) => name === "lethe")![1];
    const short = said.map(([name, { text }]) => [name, text] as const);
    told.push({ zone, question, said: Object.fromEntries(short), reason });
  }
  return told;
}

interface Said {
  readonly text: string;
  readonly reason: string;
}

/** RCODE and AD of what a resolver says. */
async function ask({ name, type }: SeededQuestion, port: number): Promise<Said> {
  const plan: QueryPlan = {
    place: { kind: "address", ip: Uint8Array.of(127, 0, 0, 1), port },
    secure: undefined,
    name: plainName(name === "." ? "" : name.slice(0, -1)),
    type: typeFromText(type)!,
    class: 1,
    transport: "any",
    output: "text",
    dnssec: true,
    checkingDisabled: false,
    recursionDesired: true,
    nsid: false,
    bufferBytes: 1232,
    timeoutMs: TIMEOUT_MS,
  };
  const asked = await askServer(plan, writeClientQuery(plan, RANDOM));
  if (asked.kind !== "reply") {
    return { text: "nothing", reason: asked.kind === "json" ? asked.kind : asked.why };
  }
  const answer = readMessage(asked.message);
  if (answer.kind === "malformed") return { text: "malformed", reason: answer.why };
  const code = fullRcode(answer);
  // BIND leaves AD set where it fails after a part of a chain was proven: it says nothing.
  const isAd = (answer.header.flags & flag.ad) !== 0 && code !== rcode.SERVFAIL;
  const told = answer.opt?.options.find((option) => option.code === optionCode.extendedError);
  const reason = told === undefined ? "" : new TextDecoder().decode(told.data.subarray(2));
  return { text: `${rcodeToText(code)}${isAd ? " AD" : ""}`, reason };
}
