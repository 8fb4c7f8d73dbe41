/** `lethe serve`: the server. */
import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { ipToText } from "../../base/address.ts";
import { builtInRootHints, rootHintsFromText } from "../../recursor/root-hints.ts";
import type { RootHint } from "../../recursor/options.ts";
import type { ResolverOptions } from "../../serve/resolver.ts";
import { libc as systemLibc } from "../../system/libc.ts";
import { whyTaken } from "../../system/sockets.ts";
import { WorkerPool } from "../../worker/pool.ts";
import { startSandboxThread } from "../../../sim/sandbox-thread.ts";
import { configurationArgs, configurationOptions, readArguments } from "../arguments.ts";
import { type Command, type ExitCode, type Wrong, exit, wrong } from "../command.ts";
import { isWrong, readConfiguration } from "../configuration.ts";
import { complain, say } from "../print.ts";
import type { Settings } from "../settings.ts";

const help = `
usage: lethe serve [--sandbox] [--config FILE] [--set key=value]…

Answers DNS questions over UDP and TCP until SIGTERM or SIGINT. Prints where it
listens and, once it can answer, a line that begins with "ready".
"lethe config" lists the settings.

  --sandbox   asks a miniature Internet of its own instead of the real one
`;

async function run(args: readonly string[]): Promise<ExitCode | Wrong> {
  const read = readArguments(args, { ...configurationOptions, "--sandbox": "flag" });
  if (isWrong(read)) return read;
  if (read.rest.length > 0) return wrong(`${read.rest[0]}: expected no further argument`);
  const settings = readConfiguration(configurationArgs(read));
  if (isWrong(settings)) return settings;
  const hints = rootHintsOf(settings);
  if (isWrong(hints)) return hints;
  if (!read.flags.has("--sandbox")) return await answer(settings, hints);
  const sandbox = await startSandboxThread({ port: 0 });
  if (sandbox.kind === "sandbox-problem") return wrong(`--sandbox: ${sandbox.line}`);
  say(`sandbox at 127.53.0.0/16, port ${sandbox.port}: try www.good.lethe, www.example.com`);
  const inside = {
    ...settings,
    "resolve.upstream-port": sandbox.port,
    "resolve.loopback-servers": true,
  };
  const result = await answer(inside, sandbox.rootHints);
  await sandbox.stop();
  return result;
}

/** Serves until told to end. */
async function answer(settings: Settings, hints: readonly RootHint[]): Promise<ExitCode | Wrong> {
  const libc = systemLibc();
  if (libc === undefined) return wrong("system calls: expected Linux and an FFI that loads");
  for (const ip of settings["resolve.outgoing"]) {
    const why = whyTaken(libc, ip, 0, true);
    if (why === undefined) continue;
    return wrong(
      `resolve.outgoing = ${ipToText(ip)}: expected an address of this machine (${why})`,
    );
  }
  const workers = settings["resolve.workers"] || availableParallelism();
  const pool = WorkerPool.open(libc, {
    workers,
    listen: settings["listen.dns"],
    resolver: resolverOptionsOf(settings, hints, workers),
    outgoing: settings["resolve.outgoing"],
    onDeath: (worker, why) => complain(`worker ${worker} died (${why}); starting another`),
  });
  if ("kind" in pool) {
    const { text } = settings["listen.dns"][pool.row]!;
    return wrong(`listen.dns = ${text}: expected an address that is free (${pool.why})`);
  }
  await pool.start();
  for (const [i, { text }] of settings["listen.dns"].entries()) {
    say(`listening on ${text.replace(/:\d+$/, `:${pool.ports[i]}`)}, UDP and TCP`);
  }
  say(
    `ready: ${workers} ${workers === 1 ? "worker" : "workers"}, level ${settings["privacy.level"]}`,
  );
  await untilToldToEnd();
  await pool.drain();
  return exit.done;
}

function untilToldToEnd(): Promise<void> {
  // Signals alone do not keep a process alive; its workers do.
  return new Promise((resolve) => {
    for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => resolve());
  });
}

function rootHintsOf(settings: Settings): readonly RootHint[] | Wrong {
  const file = settings["resolve.root-hints"];
  if (file === undefined) return builtInRootHints();
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return wrong(`resolve.root-hints = ${file}: expected a file that can be read (${code})`);
  }
  const hints = rootHintsFromText(text);
  if (!("kind" in hints)) return hints;
  return wrong(`resolve.root-hints = ${file}: expected root hints: ${hints.why}`);
}

function resolverOptionsOf(
  settings: Settings,
  rootHints: readonly RootHint[],
  workers: number,
): ResolverOptions {
  const negativeMaxS = settings["cache.negative-ttl-ceiling"];
  return {
    recursor: {
      rootHints,
      upstreamPort: settings["resolve.upstream-port"],
      minimise: settings["resolve.minimise"],
      verifyGlue: settings["resolve.verify-glue"],
      caseRandomisation: settings["resolve.case-randomisation"],
      ipv4: settings["resolve.ipv4"],
      ipv6: settings["resolve.ipv6"],
      mayAskLoopback: settings["resolve.loopback-servers"],
      fetchAhead: settings["resolve.fetch-ahead"],
      negativeTtlMaxS: negativeMaxS,
    },
    admit: {
      allow: settings["access.allow"],
      refuse: settings["access.refuse"],
      others: settings["access.others"],
    },
    slow: {
      identity: { server: settings["identity.server"], version: settings["identity.version"] },
      bounds: {
        minS: settings["cache.ttl-floor"],
        maxS: settings["cache.ttl-ceiling"],
        negativeMaxS,
      },
      recursionWithoutRd: settings["access.recursion-without-rd"],
    },
    cacheBytes: Math.floor(settings["cache.size"] / workers),
  };
}

export const serve: Command = { help, run };
