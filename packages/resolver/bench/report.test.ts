/** The report: ratios to Unbound, each server in each row that it took part in. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Measured, PeersReport } from "./beside.ts";
import { markdown, svg, tableRows } from "./report.ts";
import { rows } from "./rows.ts";

function measured(server: string, row: string, cpuUs: number): Measured {
  const latency = { meanMs: 1, p50Ms: Number.NaN, p99Ms: Number.NaN };
  const rest = { perSecond: 1000, lostPercent: 0, rcodes: "", busierShare: 1 };
  return { server, row, cpuUs, ...latency, ...rest };
}

const REPORT: PeersReport = {
  servers: [
    { name: "lethe", version: "this tree" },
    { name: "unbound", version: "1.2.3" },
  ],
  rows: rows.slice(0, 2),
  measured: [
    measured("lethe", "cached", 4),
    measured("unbound", "cached", 8),
    measured("lethe", "cached-opt", 30),
    measured("unbound", "cached-opt", 8),
  ],
  memory: [
    { server: "lethe", bytes: 300 },
    { server: "unbound", bytes: 600 },
  ],
  names: 100_000,
  loadBefore: 0,
  rounds: 1,
  isQuick: false,
};

test("each figure stands beside Unbound's of the same row", () => {
  const ratios = tableRows(REPORT).map((cells) => `${cells[1]} ${cells[3]}`);
  assert.deepEqual(ratios.slice(1), [
    "lethe 0.50 ×",
    "unbound 1.00 ×",
    "lethe 3.75 ×",
    "unbound 1.00 ×",
    "lethe 0.50 ×",
    "unbound 1.00 ×",
  ]);
});

test("the Markdown names date, versions and the plot, and has the whole table", () => {
  const text = markdown(REPORT, "2026-01-02");
  assert.match(text, /2026-01-02/);
  assert.match(text, /unbound \(1\.2\.3\)/);
  assert.match(text, /\(peers\.svg\)/);
  assert.equal(text.split("\n").filter((line) => line.startsWith("| ")).length, 7 + 14);
  assert.match(text, /in cache, at saturation: CPU to Unbound \| 0\.85 \| 0\.50 \| yes/);
  assert.match(text, /cold walk: CPU to Unbound \| 1\.00 \| {2}\| not measured/);
});

test("a bar that is too long for the plot is cut and keeps its number", () => {
  const plot = svg(REPORT);
  assert.match(plot, /lethe 3\.75/);
  const widths = [...plot.matchAll(/<rect x="300" y="\d+" width="([\d.]+)"/g)].map((m) => +m[1]!);
  assert.ok(Math.max(...widths) <= 520, String(widths));
});
