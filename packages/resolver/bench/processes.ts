/**
 * Other people's programs, started for a measurement, on a core of their own, and always ended.
 *
 * CPU time is the kernel's accounting of the whole process, all threads, in clock ticks of 10 ms:
 * so a run must be long enough that a tick is nothing.
 */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { readFileSync, readdirSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

/** `USER_HZ` of every Linux that Node runs on. */
const TICK_MS = 10;

/** A running program. */
export interface Running {
  readonly name: string;
  readonly process: ChildProcess;
  readonly pid: number;
  /** What it has said on both outputs so far, for the reader of a failure. */
  said(): string;
}

/** Says whether a program can be started on this machine. */
export function isInstalled(program: string): boolean {
  return spawnSync("sh", ["-c", `command -v ${program}`]).status === 0;
}

/**
 * Starts a program on one core or several; `taskset` execs it, so that the process is the program
 * itself.
 */
export function start(
  name: string,
  core: number | readonly number[],
  command: readonly string[],
): Running {
  const cores = typeof core === "number" ? [core] : core;
  const child = spawn("taskset", ["-c", cores.join(","), ...command], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let text = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (part: string) => {
      text = (text + part).slice(-8192);
    });
  }
  return { name, process: child, pid: child.pid!, said: () => text };
}

/** Ends a program: SIGTERM, and SIGKILL for one that does not listen. */
export async function stop(running: Running): Promise<void> {
  const { process: child } = running;
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGTERM");
  const killer = setTimeout(() => child.kill("SIGKILL"), 5000);
  await gone;
  clearTimeout(killer);
}

/** Waits until `isReady` says so, asking again and again. */
export async function until(
  running: Running,
  isReady: () => boolean | Promise<boolean>,
): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    if (running.process.exitCode !== null) break;
    if (await isReady()) return;
    await sleep(100);
  }
  throw new Error(`${running.name} did not become ready: ${running.said()}`);
}

/** CPU time of a process and all its threads, user and system, in milliseconds. */
export function cpuMs(pid: number): number {
  return cpuMsIn(`/proc/${pid}/stat`);
}

/** CPU time of each thread of a process, by the thread's number. */
export function threadsCpuMs(pid: number): Map<string, number> {
  const directory = `/proc/${pid}/task`;
  return new Map(readdirSync(directory).map((id) => [id, cpuMsIn(`${directory}/${id}/stat`)]));
}

function cpuMsIn(file: string): number {
  const stat = readFileSync(file, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}

/** Memory of a process that is resident, in bytes. */
export function residentBytes(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? Number.NaN) * 1024;
}
