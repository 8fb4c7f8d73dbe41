/**
 * The sandbox in a thread of its own, so that it takes no time from the resolver beside it.
 *
 * The same file is the thread's program: it starts the sandbox, tells how that went, and stops
 * when it is told to.
 */
import { Worker, isMainThread, parentPort, workerData } from "node:worker_threads";
import { assert } from "../src/base/assert.ts";
import {
  type Sandbox,
  type SandboxOptions,
  type SandboxProblem,
  sandboxAt,
  startSandbox,
} from "./sandbox-server.ts";

/** What the thread says once it has started, or could not. */
type Started = { readonly kind: "started"; readonly port: number } | SandboxProblem;

const PROGRAM = new URL(import.meta.url);

/** Starts the sandbox in a thread; the rest is as with `startSandbox`. */
export async function startSandboxThread(
  options: SandboxOptions,
): Promise<Sandbox | SandboxProblem> {
  const thread = new Worker(PROGRAM, { workerData: { sandbox: options } });
  const gone = new Promise<void>((resolve) => thread.once("exit", () => resolve()));
  const started = await new Promise<Started>((resolve, reject) => {
    thread.once("message", resolve);
    thread.once("error", reject);
  });
  if (started.kind === "sandbox-problem") {
    await gone;
    return started;
  }
  const stop = async (): Promise<void> => {
    thread.postMessage("stop");
    await gone;
  };
  return sandboxAt(started.port, stop);
}

function isSandboxThread(data: unknown): data is { readonly sandbox: SandboxOptions } {
  return !isMainThread && typeof data === "object" && data !== null && "sandbox" in data;
}

if (isSandboxThread(workerData)) {
  const port = parentPort;
  assert(port !== null, "a thread has a parent");
  const running = await startSandbox(workerData.sandbox);
  if (running.kind === "sandbox") {
    port.once("message", () => void running.stop().then(() => port.close()));
    port.postMessage({ kind: "started", port: running.port } satisfies Started);
  } else {
    port.postMessage(running satisfies Started);
  }
}
