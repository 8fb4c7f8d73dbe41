/**
 * dnsperf, the load: runs it for a bounded number of questions against loopback and reads its
 * report. It is a process of its own on a core of its own; nothing of it counts for the server.
 */
import { spawn } from "node:child_process";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** What to send, how fast, how long. */
export interface Load {
  readonly core: number;
  readonly ip: string;
  readonly port: number;
  readonly transport: "udp" | "tcp";
  readonly questionsFile: string;
  /** How many times the file is gone through; 0: until the time is over. */
  readonly times: number;
  /** It ends after so long in any case. */
  readonly secondsMax: number;
  /** Questions a second; 0: as many as are answered. */
  readonly rate: number;
  readonly outstanding: number;
  /** Sockets that questions come from. */
  readonly sockets: number;
  /** No OPT record, one, or one with DO set. */
  readonly edns: "none" | "opt" | "do";
  /** Tell the latency of each answer: the load does more for it, the server does not. */
  readonly latencies: boolean;
  /** How long a question waits for its answer; three seconds where nothing is said. */
  readonly timeoutS?: number;
}

export interface LoadReport {
  readonly sent: number;
  readonly completed: number;
  /** Answers without an error. */
  readonly good: number;
  readonly perSecond: number;
  /** Mean latency in milliseconds. */
  readonly meanMs: number;
  /** Of all latencies in milliseconds, where they were asked for; else NaN. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Answers by RCODE, as dnsperf prints them. */
  readonly rcodes: string;
}

/** Lets what a machine under load was late with still count as answered. */
const TIMEOUT_S = 3;

/** Runs one load to its end. */
export async function runLoad(load: Load): Promise<LoadReport> {
  const args = ["-c", String(load.core), "dnsperf", "-s", load.ip, "-p", String(load.port)];
  args.push("-m", load.transport, "-d", load.questionsFile);
  if (load.times > 0) args.push("-n", String(load.times));
  args.push("-l", String(load.secondsMax), "-q", String(load.outstanding));
  args.push("-c", String(load.sockets), "-T", "1", "-t", String(load.timeoutS ?? TIMEOUT_S));
  if (load.rate > 0) args.push("-Q", String(load.rate));
  if (load.edns !== "none") args.push("-e");
  if (load.edns === "do") args.push("-D");
  if (load.latencies) args.push("-v");
  // Into a file: who reads fifty thousand lines a second meanwhile takes a core from the others.
  const directory = mkdtempSync(join(tmpdir(), "lethe-dnsperf-"));
  try {
    const file = join(directory, "report");
    const to = openSync(file, "w");
    const child = spawn("taskset", args, { stdio: ["ignore", to, to] });
    closeSync(to);
    const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
    const text = readFileSync(file, "utf8");
    if (code !== 0) throw new Error(`dnsperf ended with ${code}: ${text.slice(-500)}`);
    return readReport(text);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
/** The numbers of a report. */
export function readReport(text: string): LoadReport {
  const number = (pattern: RegExp): number => Number(pattern.exec(text)?.[1] ?? Number.NaN);
  const rcodes = /Response codes:[^\S\n]+(\S.*)/.exec(text)?.[1] ?? "";
  const latencies = Array.from(text.matchAll(/^> \S+ \S+ \S+ ([\d.]+)$/gm), (m) => Number(m[1]));
  latencies.sort((a, b) => a - b);
  const atShare = (share: number): number =>
    (latencies[Math.floor((latencies.length - 1) * share)] ?? Number.NaN) * 1000;
  return {
    sent: number(/Queries sent:\s+(\d+)/),
    completed: number(/Queries completed:\s+(\d+)/),
    good: Number(/NOERROR (\d+)/.exec(rcodes)?.[1] ?? 0),
    perSecond: number(/Queries per second:\s+([\d.]+)/),
    meanMs: number(/Average Latency \(s\):\s+([\d.]+)/) * 1000,
    p50Ms: atShare(0.5),
    p99Ms: atShare(0.99),
    rcodes,
  };
}
