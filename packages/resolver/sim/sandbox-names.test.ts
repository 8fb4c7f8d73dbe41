/** Every name that the sandbox offers is answered as its table says, in virtual time. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { rcodeToText, typeFromText } from "@lethe/wire/codes-text.ts";
import { rdataToText } from "@lethe/wire/rdata-text.ts";
import { ipToText } from "../src/base/address.ts";
import { limits } from "../src/base/limits.ts";
import { FailureCache } from "../src/cache/failure-cache.ts";
import { RrsetCache } from "../src/cache/rrset-cache.ts";
import { ServerCache } from "../src/cache/server-cache.ts";
import { nameFromPerson } from "../src/cli/query-arguments.ts";
import type { Ask, AskResult, Cancel, World } from "../src/recursor/effect.ts";
import { explain } from "../src/recursor/explain.ts";
import { Mesh } from "../src/recursor/mesh.ts";
import type { Outcome } from "../src/recursor/outcome.ts";
import { rootHintsFromText } from "../src/recursor/root-hints.ts";
import { judgeReply, questionEnd } from "../src/upstream/match.ts";
import { CASES_ZONE, caseMeanings } from "./sandbox-cases.ts";
import { sandboxNames } from "./sandbox-names.ts";
import { sandboxAuthorities, sandboxRootHints } from "./sandbox-zones.ts";
import { Dice } from "./seeded.ts";
import { CASE_NAMES } from "./signer-breaks.ts";
import { VirtualTime } from "./virtual-time.ts";

const authorities = sandboxAuthorities(1_800_000_000);
const WAY_MS = 1;

/** The sandbox's servers at the other end of a perfect network. */
class SandboxWorld implements World {
  readonly time = new VirtualTime();
  readonly random = new Dice(1);

  nowMs(): number {
    return this.time.nowMs;
  }

  after(ms: number, done: () => void): Cancel {
    return this.time.after(ms, done);
  }

  ask(effect: Ask, done: (result: AskResult) => void): Cancel {
    const { query, transport, timeoutMs } = effect;
    const authority = authorities.get(ipToText(effect.server.ip));
    if (authority === undefined) {
      return this.time.after(WAY_MS, () => done({ kind: "unreachable" }));
    }
    const sent = authority.reply(query, transport);
    const rttMs = sent.delayMs + 2 * WAY_MS;
    for (const message of sent.messages) {
      const judged = judgeReply(query, questionEnd(query), message, message.length);
      if (rttMs > timeoutMs) break;
      if (judged === "match")
        return this.after(rttMs, () => done({ kind: "reply", message, rttMs }));
      if (judged === "wrong-case") {
        return this.after(rttMs, () => done({ kind: "case-mismatch", rttMs }));
      }
    }
    return this.after(timeoutMs, () => done({ kind: "timeout" }));
  }
}

function resolve(name: string, type: string): Outcome {
  const world = new SandboxWorld();
  const { random } = world;
  const cacheOptions = { sizeBytes: 1 << 20, ttlMinS: 0, ttlMaxS: 86400, negativeTtlMaxS: 3600 };
  const rootHints = rootHintsFromText(sandboxRootHints());
  assert.ok(!("kind" in rootHints));
  const mesh = new Mesh(
    {
      rootHints,
      upstreamPort: 53,
      minimise: true,
      caseRandomisation: true,
      ipv4: true,
      ipv6: false,
      mayAskLoopback: true,
      fetchAhead: true,
      negativeTtlMaxS: 3600,
    },
    world,
    {
      rrsets: new RrsetCache(cacheOptions, random),
      servers: new ServerCache({ entriesMax: 1024 }, random),
      failures: new FailureCache({ entriesMax: 1024 }, random),
    },
  );
  const question = { name: nameFromPerson(name)!, type: typeFromText(type)!, class: 1 };
  const outcomes: Outcome[] = [];
  mesh.request(question, (result) => outcomes.push(result));
  while (outcomes.length === 0 && world.time.step());
  const [outcome] = outcomes;
  assert.ok(outcome !== undefined, "an asker is always answered");
  assert.ok(world.nowMs() <= limits.clientWaitMs.value, `while he waits: ${world.nowMs()} ms`);
  return outcome;
}

/** An outcome as the table writes it. */
function said(outcome: Outcome): string {
  if (outcome.kind === "failed") {
    const { rcode, errors } = explain(outcome);
    return [rcodeToText(rcode), ...errors.map((error) => error.code)].join(" ");
  }
  const status = rcodeToText(outcome.rcode);
  const last = outcome.answer.at(-1);
  if (status !== "NOERROR") return status;
  if (last === undefined) return "NOERROR no data";
  return `NOERROR ${rdataToText(last.type, last.rdatas.at(-1)!)}`;
}

/** Cases whose servers nobody is answered by, signatures or not. */
const UNREACHABLE: ReadonlySet<string> = new Set([
  "allow-query-none",
  "allow-query-localhost",
  "not-auth",
  "v4-doc",
  "v6-doc",
]);

describe("who does not validate", () => {
  for (const name of CASE_NAMES) {
    const isReached = !UNREACHABLE.has(name);
    test(`${isReached ? "is" : "is not"} answered by ${name}.${CASES_ZONE}`, () => {
      const found = said(resolve(`${name}.${CASES_ZONE}`, "A"));
      if (isReached) assert.equal(found, "NOERROR 198.18.7.1");
      else assert.match(found, /^SERVFAIL/);
    });
  }
});

test("each misconfigured zone has a meaning", () => {
  assert.deepEqual(Object.keys(caseMeanings), CASE_NAMES);
});

describe("in the sandbox", () => {
  for (const { name, type, shows, says } of sandboxNames) {
    test(`${name} ${type} shows ${shows}: ${says}`, () => {
      const found = said(resolve(name, type));
      assert.ok(says === "NOERROR" ? found.startsWith(says) : found === says, found);
    });
  }
});
