/** What attacks are performed with: parents that delegate, counts of who was asked, and costs. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { rcode } from "@lethe/wire/codes.ts";
import type { Server, SmallWorld } from "../small-world.ts";

const DOCUMENT = join(import.meta.dirname, "../../../../docs/attacks.md");

/** The root's server: it refers to these zones, `zone → address of their only server`. */
export function refersTo(zones: Readonly<Record<string, string>>): Server {
  return (qname) => {
    for (const [zone, ip] of Object.entries(zones)) {
      if (qname !== zone && !qname.endsWith(`.${zone}`)) continue;
      return { authority: [`${zone} NS ns.${zone}`], additional: [`ns.${zone} A ${ip}`] };
    }
    if (qname === ".") return { aa: true, answer: [". NS a.root."] };
    return { rcode: rcode.NXDOMAIN, aa: true, authority: [". SOA 60"] };
  };
}

/** A server that says of every name below `zone` that it is not there. */
export function deniesAll(zone: string): Server {
  return () => ({ rcode: rcode.NXDOMAIN, aa: true, authority: [`${zone} SOA 60`] });
}

/** Questions that one server was asked so far. */
export function asksTo(world: SmallWorld, ip: string): number {
  return world.asked.filter((asked) => asked.startsWith(`${ip} `)).length;
}

/** As many texts as wanted, by their numbers. */
export function many(count: number, of: (index: number) => string): string[] {
  return Array.from({ length: count }, (_, index) => of(index));
}

/** What something cost upstream, until nothing of it went on any more. */
export interface Cost {
  readonly asks: number;
  /** Of the questions and of their replies. */
  readonly bytes: number;
  /** Virtual time: a server answers after ten milliseconds, or not at all. */
  readonly ms: number;
}

/** What it costs to let something happen in a world. */
export function costOf(world: SmallWorld, happen: () => void): Cost {
  const before = { asks: world.asked.length, bytes: world.bytes, ms: world.nowMs() };
  happen();
  world.run();
  return {
    asks: world.asked.length - before.asks,
    bytes: world.bytes - before.bytes,
    ms: world.nowMs() - before.ms,
  };
}

/** Checks that the table of docs/attacks.md tells what an attack cost. */
export function assertTold(attack: string, cost: Cost): void {
  const cells = [attack, number(cost.asks), number(cost.bytes), `${number(cost.ms)} ms`];
  const row = `| ${cells.join(" | ")} | `;
  assertSaid(row);
}

/** Checks that docs/attacks.md holds a text. */
export function assertSaid(text: string): void {
  assert.ok(readFileSync(DOCUMENT, "utf8").includes(text), `docs/attacks.md lacks: ${text}`);
}

/** A number as the document writes it. */
export function number(value: number): string {
  return Math.round(value).toLocaleString("en");
}
