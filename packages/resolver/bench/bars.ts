/** The speed that Lethe means to have, as ratios in one run, and whether a run shows it. */
import type { Measured, PeersReport } from "./beside.ts";

export interface Bar {
  readonly title: string;
  /** What was measured; NaN where it was not. */
  readonly figure: number;
  readonly most: number;
}

/** Every bar beside what a run measured. */
export function barsOf(report: PeersReport): readonly Bar[] {
  const one = (row: string, server: string): Measured | undefined =>
    report.measured.find((measured) => measured.row === row && measured.server === server);
  const cpu = (row: string, server: string): number => one(row, server)?.cpuUs ?? Number.NaN;
  const toUnbound = (row: string, title: string, most: number): Bar => {
    return {
      title: `${title}: CPU to Unbound`,
      figure: cpu(row, "lethe") / cpu(row, "unbound"),
      most,
    };
  };
  const memory = (server: string): number =>
    report.memory.find((entry) => entry.server === server)?.bytes ?? Number.NaN;
  const peers = report.servers.filter(({ name }) => name !== "lethe" && name !== "echo");
  const best = Math.min(...peers.map(({ name }) => cpu("miss", name)).filter(Number.isFinite));
  return [
    toUnbound("cached", "in cache, at saturation", 0.85),
    {
      title: "in cache, at saturation: CPU to the echo",
      figure: cpu("cached", "lethe") / cpu("cached", "echo"),
      most: 1.35,
    },
    toUnbound("cached-5k", "in cache, 5,000 a second", 1.15),
    toUnbound("cached-20k", "in cache, 20,000 a second", 1.15),
    toUnbound("miss", "one upstream question each", 0.85),
    {
      title: "one upstream question each: CPU to the best peer",
      figure: cpu("miss", "lethe") / best,
      most: 0.95,
    },
    toUnbound("walk", "cold walk", 1),
    toUnbound("mixed", "mixed", 0.85),
    {
      title: "in cache, half of Unbound's saturation: p99 to Unbound's",
      figure: (one("half", "lethe")?.p99Ms ?? Number.NaN) / (one("half", "unbound")?.p99Ms ?? 1),
      most: 1,
    },
    {
      title: "memory a cached name: to Unbound's",
      figure: memory("lethe") / memory("unbound"),
      most: 0.6,
    },
    toUnbound("cached-tcp", "in cache, TCP", 0.9),
    {
      title: "two workers: CPU to that of one",
      figure: cpu("pair", "lethe") / cpu("cached", "lethe"),
      most: 1.15,
    },
    {
      title: "two workers, 64 sockets: share of the busier",
      figure: one("pair", "lethe")?.busierShare ?? Number.NaN,
      most: 0.6,
    },
  ];
}
