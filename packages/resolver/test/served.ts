/** `lethe serve` as a process of its own, for tests. */
import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";

export const main: string = join(import.meta.dirname, "../src/cli/main.ts");

export interface Served {
  readonly child: ChildProcess;
  readonly port: number;
  /** What it printed up to the line that says that it is ready. */
  readonly lines: readonly string[];
}

/** The port of the first row that speaks something, as its line has it. */
export function portOf({ lines }: Served, spoken: string): number {
  const line = lines.find((one) => one.startsWith("listening") && one.includes(spoken));
  return Number(/:(\d+), /.exec(line ?? "")?.[1]);
}

/** Starts a server on a free port of 127.0.0.1, with settings; settles once it is ready. */
export async function serve(
  sets: readonly string[] = [],
  flags: readonly string[] = [],
): Promise<Served> {
  const bare = [
    'listen.dns=["127.0.0.1:0"]',
    "listen.tls=[]",
    "listen.https=[]",
    "listen.quic=[]",
    "listen.http3=false",
  ];
  const all = [...bare, ...sets].flatMap((set) => ["--set", set]);
  const child = spawn(process.execPath, [main, "serve", ...flags, ...all]);
  let port = 0;
  const lines: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    lines.push(line);
    port ||= Number(/:(\d+), UDP/.exec(line)?.[1] ?? 0);
    if (line.startsWith("ready")) break;
  }
  return { child, port, lines };
}
