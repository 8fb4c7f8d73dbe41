/** The sandbox in virtual time: its servers at the other end of a perfect network, and a mesh. */
import type { Question } from "@lethe/wire/question.ts";
import { assert } from "../src/base/assert.ts";
import { ipToText } from "../src/base/address.ts";
import { readAnchors } from "../src/dnssec/anchor.ts";
import type { Ask, AskResult, Cancel, World } from "../src/recursor/effect.ts";
import { newMemory } from "../src/recursor/memory.ts";
import { Mesh } from "../src/recursor/mesh.ts";
import type {
  ConfiguredZone,
  RecursorMemory,
  RecursorOptions,
  TraceStep,
  Validation,
} from "../src/recursor/options.ts";
import type { Outcome } from "../src/recursor/outcome.ts";
import { rootHintsFromText } from "../src/recursor/root-hints.ts";
import { judgeReply, questionEnd } from "../src/upstream/match.ts";
import type { Authority } from "./authority.ts";
import { sandboxTrustAnchors } from "./sandbox-signing.ts";
import { sandboxAuthorities, sandboxRootHints } from "./sandbox-zones.ts";
import { Dice } from "./seeded.ts";
import { SimVerifier } from "./verifier.ts";
import { VirtualTime } from "./virtual-time.ts";

/** When the world begins, in seconds since 1970. */
const NOW_S = 1_800_000_000;
const WAY_MS = 1;
const ENTRIES = 1024;
const AUTHORITIES = sandboxAuthorities(NOW_S);

/** What stands between a server and the resolver: it may change or forge replies. */
export type Meddler = (reply: Uint8Array, server: string, query: Uint8Array) => Uint8Array;

export interface SandboxWorldOptions {
  /** Added to what is validated by; `insecure` names, say. */
  readonly validation?: Partial<Validation>;
  readonly meddler?: Meddler;
  readonly configuredZones?: readonly ConfiguredZone[];
  /** Whether denials answer for other names; they do where absent. */
  readonly aggressive?: boolean;
  readonly reportErrors?: boolean;
}

export class SandboxWorld implements World {
  readonly time = new VirtualTime();
  readonly random = new Dice(1);
  readonly options: RecursorOptions;
  readonly memory: RecursorMemory;
  readonly mesh: Mesh;
  readonly steps: TraceStep[] = [];
  readonly verifier: SimVerifier;
  /** Signatures that were checked. */
  checks = 0;
  /** Bytes of upstream questions and of the replies to them. */
  bytes = 0;
  meddler: Meddler | undefined;
  readonly #authorities: ReadonlyMap<string, Authority> = AUTHORITIES;

  constructor(options: SandboxWorldOptions = {}) {
    const { random } = this;
    this.meddler = options.meddler;
    this.verifier = new SimVerifier(this);
    const rootHints = rootHintsFromText(sandboxRootHints());
    const anchors = readAnchors(sandboxTrustAnchors());
    assert(!("kind" in rootHints) && !("kind" in anchors), "the sandbox's own files can be read");
    const rrsets = { sizeBytes: 1 << 20, ttlMinS: 0, ttlMaxS: 86400, negativeTtlMaxS: 3600 };
    const sizes = { rrsets, servers: ENTRIES, failures: ENTRIES, chains: ENTRIES };
    this.memory = newMemory(sizes, random);
    this.options = {
      rootHints,
      configuredZones: options.configuredZones ?? [],
      aggressive: options.aggressive,
      upstreamPort: 53,
      minimise: true,
      caseRandomisation: true,
      ipv4: true,
      ipv6: false,
      mayAskLoopback: true,
      fetchAhead: true,
      negativeTtlMaxS: 3600,
      reportErrors: options.reportErrors === true,
      validation: { anchors, insecure: [], trustsSha1: false, ...options.validation },
      trace: (step) => this.steps.push(step),
    };
    this.mesh = new Mesh(this.options, this, this.memory, {
      verifier: {
        verify: (check, done) => {
          this.checks++;
          return this.verifier.verify(check, done);
        },
      },
    });
  }

  nowMs(): number {
    return this.time.nowMs;
  }

  wallS(): number {
    return NOW_S + Math.floor(this.time.nowMs / 1000);
  }

  after(ms: number, done: () => void): Cancel {
    return this.time.after(ms, done);
  }

  ask(effect: Ask, done: (result: AskResult) => void): Cancel {
    const { query, transport, timeoutMs } = effect;
    this.bytes += query.length;
    const server = ipToText(effect.server.ip);
    const authority = this.#authorities.get(server);
    if (authority === undefined) {
      return this.time.after(WAY_MS, () => done({ kind: "unreachable" }));
    }
    const sent = authority.reply(query, transport === "udp" ? "udp" : "tcp");
    const rttMs = sent.delayMs + 2 * WAY_MS;
    for (const told of sent.messages) {
      const message = this.meddler?.(told, server, query) ?? told;
      const judged = judgeReply(query, questionEnd(query), message, message.length);
      if (rttMs > timeoutMs) break;
      this.bytes += message.length;
      if (judged === "match") {
        return this.after(rttMs, () => done({ kind: "reply", message, rttMs }));
      }
      if (judged === "wrong-case") {
        return this.after(rttMs, () => done({ kind: "case-mismatch", rttMs }));
      }
    }
    return this.after(timeoutMs, () => done({ kind: "timeout" }));
  }

  /** Asks one question and lets everything happen until it is answered. */
  resolve(question: Question, checkingDisabled = false): Outcome {
    const outcomes: Outcome[] = [];
    this.mesh.request(question, (result) => outcomes.push(result), checkingDisabled);
    while (outcomes.length === 0 && this.time.step());
    const [outcome] = outcomes;
    assert(outcome !== undefined, "an asker is always answered");
    return outcome;
  }
}
