/** What `lethe bench attacks` makes of what it measured. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type AttacksReport, attackTable, floodTable } from "./attacks.ts";
import { readReport } from "./dnsperf.ts";

const report: AttacksReport = {
  costs: [
    { row: "KeyTrap", server: "lethe", cpuMs: 1, answeredPercent: 100, rcodes: "SERVFAIL 50" },
    { row: "KeyTrap", server: "unbound", cpuMs: 4, answeredPercent: 20, rcodes: "SERVFAIL 10" },
    { row: "alone", server: "lethe", cpuMs: 1, answeredPercent: 100, rcodes: "" },
  ],
  floods: [{ server: "lethe", quietP99Ms: 2, floodedP99Ms: 3, lostPercent: 0.5 }],
  loadBefore: 0,
  seconds: 1,
};

test("costs are told beside Unbound's of the same row", () => {
  const rows = attackTable(report).map((cells) => cells.join(" | "));
  assert.deepEqual(rows.slice(1), [
    "KeyTrap | lethe | 1.00 ms | 0.25 × | 100 % | SERVFAIL 50",
    "KeyTrap | unbound | 4.00 ms | 1.00 × | 20 % | SERVFAIL 10",
    "alone | lethe | 1.00 ms | NaN × | 100 % | ",
  ]);
});

test("waits are told beside the quiet ones of the same server", () => {
  assert.deepEqual(floodTable(report)[1], ["lethe", "2.00 ms", "3.00 ms", "1.50 ×", "0.50 %"]);
});

test("the latency that one of a hundred answers exceeds is read from dnsperf's lines", () => {
  const lines = Array.from({ length: 200 }, (_, i) => `> NOERROR n.example A 0.${1000 + i}`);
  const text = [...lines, "", "  Response codes:       NOERROR 200 (100.00%)", ""].join("\n");
  const { p99Ms, rcodes } = readReport(text);
  assert.equal(p99Ms.toFixed(1), "119.7");
  assert.equal(rcodes, "NOERROR 200 (100.00%)");
  assert.ok(Number.isNaN(readReport("  Response codes:       \n").p99Ms));
});
