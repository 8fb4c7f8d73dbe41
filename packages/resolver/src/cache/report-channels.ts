/**
 * Whom zones want to be told of their faults (RFC 9567), and which faults they were told of.
 *
 * Bounded like all caches: the agents of the zones that were asked last, by the keyed hash of the
 * zone; of faults only the keyed hash of what was reported.
 */
import { equalBytes } from "@lethe/wire/bytes.ts";
import { type Name, isAtOrUnder } from "@lethe/wire/name.ts";
import { limits } from "../base/limits.ts";
import type { Random } from "../base/random.ts";
import { SipHash } from "../base/siphash.ts";
import { SlotTable } from "./slot-table.ts";

const AGENT_MS = limits.reportAgentTtlS.value * 1000;
const PAUSE_MS = limits.reportPauseS.value * 1000;
const SPACING_MS = limits.reportSpacingMs.value;

export class ReportChannels {
  readonly #agents = new SlotTable(limits.reportAgentsMax.value);
  readonly #agentHash: SipHash;
  readonly #names: (Name | undefined)[] = [];
  readonly #sent = new SlotTable(limits.reportsRememberedMax.value);
  readonly #sentHash: SipHash;
  #lastMs = Number.NEGATIVE_INFINITY;

  constructor(random: Random) {
    this.#agentHash = SipHash.keyed(random);
    this.#sentHash = SipHash.keyed(random);
  }

  /** A server of a zone named an agent; undefined: none, and an earlier one is forgotten. */
  note(zone: Name, agent: Name | undefined, nowMs: number): void {
    this.#agentHash.hashFolded(zone, 0, zone.length, 0, 0);
    const known = this.#agents.find(this.#agentHash, nowMs);
    if (agent === undefined) {
      if (known >= 0) this.#agents.free(known);
      return;
    }
    const slot = this.#agents.take(this.#agentHash, nowMs + AGENT_MS);
    const before = this.#names[slot];
    if (before === undefined || !equalBytes(before, agent)) this.#names[slot] = agent;
  }

  /** The agent that the servers of a zone named last; one that would fail with the zone is none. */
  agentOf(zone: Name, nowMs: number): Name | undefined {
    this.#agentHash.hashFolded(zone, 0, zone.length, 0, 0);
    const slot = this.#agents.find(this.#agentHash, nowMs);
    const agent = slot < 0 ? undefined : this.#names[slot];
    return agent === undefined || isAtOrUnder(agent, zone) ? undefined : agent;
  }

  /** Says whether a report may be sent now: it was not lately, and the last one is a while ago. */
  mayReport(report: Name, nowMs: number): boolean {
    this.#sentHash.hashFolded(report, 0, report.length, 0, 0);
    if (this.#sent.find(this.#sentHash, nowMs) >= 0) return false;
    if (nowMs - this.#lastMs < SPACING_MS) return false;
    this.#sent.take(this.#sentHash, nowMs + PAUSE_MS);
    this.#lastMs = nowMs;
    return true;
  }
}
