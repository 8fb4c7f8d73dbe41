/**
 * Answers to what a scenario's author did not think of.
 *
 * The files hold what one resolver asks. Another may want the address of a name server before or
 * after, or of the other family: such a question is answered from the addresses that stand
 * anywhere in the file's replies. Everything else that no entry matches is SERVFAIL, and so is all
 * that is asked at an address where the file has no server.
 */
import { rcode, rrType } from "@lethe/wire/codes.ts";
import { flag } from "@lethe/wire/header.ts";
import type { Message } from "@lethe/wire/message.ts";
import { type NameKey, nameKey } from "@lethe/wire/name.ts";
import type { ResourceRecord } from "@lethe/wire/record.ts";
import { plainReply } from "./entry-match.ts";
import type { Scenario } from "./scenario.ts";

export class Glue {
  readonly #addresses = new Map<NameKey, ResourceRecord[]>();
  readonly #scenario: Scenario;

  constructor(scenario: Scenario) {
    this.#scenario = scenario;
    const replies = scenario.steps.filter((step) => step.kind === "REPLY");
    const entries = [
      ...scenario.ranges.flatMap((range) => range.entries),
      ...replies.map((step) => step.entry!),
    ];
    for (const entry of entries) {
      for (const record of entry.additional) this.#add(record);
    }
  }

  #add(record: ResourceRecord): void {
    if (record.type !== rrType.A && record.type !== rrType.AAAA) return;
    const key = nameKey(record.name);
    const known = this.#addresses.get(key) ?? [];
    const isNew = !known.some((one) => one.type === record.type && same(one, record));
    if (isNew) this.#addresses.set(key, [...known, record]);
  }

  /** What the server at an address replies to a question that no entry is for. */
  replyTo(query: Message, server: string): Uint8Array {
    if (!this.#isThere(server)) return plainReply(query, rcode.SERVFAIL, []);
    const question = query.questions[0]!;
    const isAddress = question.type === rrType.A || question.type === rrType.AAAA;
    const known = isAddress ? this.#addresses.get(nameKey(question.name)) : undefined;
    if (known === undefined) return plainReply(query, rcode.SERVFAIL, []);
    const wanted = known.filter((record) => record.type === question.type);
    return plainReply(query, flag.aa, wanted);
  }

  #isThere(server: string): boolean {
    const { ranges, steps } = this.#scenario;
    return (
      ranges.some(({ addresses }) => addresses.size === 0 || addresses.has(server)) ||
      steps.some((step) => step.kind === "REPLY")
    );
  }
}

function same(a: ResourceRecord, b: ResourceRecord): boolean {
  return a.rdata.length === b.rdata.length && a.rdata.every((byte, i) => byte === b.rdata[i]);
}
