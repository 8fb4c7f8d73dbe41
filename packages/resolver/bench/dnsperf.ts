/** dnsperf, the load: runs it for a bounded time against loopback and reads its report. */
import { spawn } from "node:child_process";

/** What to send, how fast, how long. */
export interface Load {
  readonly core: number;
  readonly ip: string;
  readonly port: number;
  readonly questionsFile: string;
  /** It ends after so long, or when all questions of the file were asked where `once` says so. */
  readonly seconds: number;
  readonly once: boolean;
  /** Questions a second; 0: as many as are answered. */
  readonly rate: number;
  readonly outstanding: number;
  /** Send an OPT record with DO set. */
  readonly dnssec: boolean;
  /** How long a question waits for its answer; two seconds where nothing is said. */
  readonly timeoutS?: number;
  /** Look at the latency of each answer: costs the load some CPU time. */
  readonly tellsP99?: boolean;
}

export interface LoadReport {
  readonly sent: number;
  readonly completed: number;
  readonly perSecond: number;
  /** Mean latency in milliseconds. */
  readonly meanMs: number;
  /** Ninety-nine of a hundred answers took no longer; NaN where nobody looked. */
  readonly p99Ms: number;
  /** Answers by RCODE, as dnsperf prints them. */
  readonly rcodes: string;
}

/** Runs one load to its end. */
export async function runLoad(load: Load): Promise<LoadReport> {
  const args = ["-c", String(load.core), "dnsperf", "-s", load.ip, "-p", String(load.port)];
  args.push("-d", load.questionsFile, "-l", String(load.seconds), "-q", String(load.outstanding));
  args.push("-c", "4", "-T", "1", "-t", String(load.timeoutS ?? 2));
  if (load.once) args.push("-n", "1");
  if (load.rate > 0) args.push("-Q", String(load.rate));
  if (load.dnssec) args.push("-e", "-D");
  if (load.tellsP99 === true) args.push("-v");
  const child = spawn("taskset", args, { stdio: ["ignore", "pipe", "pipe"] });
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (part: string) => (text += part));
  child.stderr.setEncoding("utf8").on("data", (part: string) => (text += part));
  const code = await new Promise<number | null>((resolve) => child.once("exit", resolve));
  if (code !== 0) throw new Error(`dnsperf ended with ${code}: ${text.slice(-500)}`);
  return readReport(text);
}

/** The numbers of a report. */
export function readReport(text: string): LoadReport {
  const number = (pattern: RegExp): number => Number(pattern.exec(text)?.[1] ?? Number.NaN);
  return {
    sent: number(/Queries sent:\s+(\d+)/),
    completed: number(/Queries completed:\s+(\d+)/),
    perSecond: number(/Queries per second:\s+([\d.]+)/),
    meanMs: number(/Average Latency \(s\):\s+([\d.]+)/) * 1000,
    p99Ms: p99Ms(text),
    rcodes: /Response codes:[^\S\n]+(\S.*)/.exec(text)?.[1] ?? "",
  };
}

/** The latency that one of a hundred answers exceeds: each stands at the end of a line `> …`. */
function p99Ms(text: string): number {
  const latencies = [...text.matchAll(/^> \S+ .* ([\d.]+)$/gm)].map(([, seconds]) =>
    Number(seconds),
  );
  latencies.sort((a, b) => a - b);
  return (latencies[Math.floor(latencies.length * 0.99)] ?? Number.NaN) * 1000;
}
