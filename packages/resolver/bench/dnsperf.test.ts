/** dnsperf's report, read. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { readReport } from "./dnsperf.ts";

const REPORT = `
> NOERROR a.example A 0.003000
> NOERROR b.example A 0.001000
> NOERROR c.example A 0.002000
Statistics:
  Queries sent:         4
  Queries completed:    3 (75.00%)
  Queries lost:         1 (25.00%)
  Response codes:       NOERROR 3 (100.00%)
  Queries per second:   74.165947
  Average Latency (s):  0.002000 (min 0.001000, max 0.003000)
`;

test("numbers, RCODEs and latencies are read", () => {
  const report = readReport(REPORT);
  assert.deepEqual([report.sent, report.completed], [4, 3]);
  assert.deepEqual([report.meanMs, report.p50Ms, report.p99Ms], [2, 2, 2]);
  assert.equal(report.rcodes, "NOERROR 3 (100.00%)");
});

test("where latencies were not told there are none", () => {
  assert.ok(Number.isNaN(readReport(REPORT.replaceAll(/^>.*$/gm, "")).p99Ms));
});
