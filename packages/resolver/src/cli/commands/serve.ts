/** `lethe serve`: the server. */
import { availableParallelism } from "node:os";
import { ipToText } from "../../base/address.ts";
import { wallS } from "../../system/clock.ts";
import { libc as systemLibc } from "../../system/libc.ts";
import { whyTaken } from "../../system/sockets.ts";
import type { CannotListen } from "../../worker/options.ts";
import { NegativeWatch } from "../../worker/negative-watch.ts";
import { WorkerPool } from "../../worker/pool.ts";
import { startSandboxThread } from "../../../sim/sandbox-thread.ts";
import { configurationArgs, configurationOptions, readArguments } from "../arguments.ts";
import { type Command, type ExitCode, type Wrong, exit, wrong } from "../command.ts";
import { isWrong, readConfiguration } from "../configuration.ts";
import { followAnchors } from "../follow-anchors.ts";
import { negativeAnchorEnd, negativeAnchorLines } from "../negative-anchor-settings.ts";
import { complain, say } from "../print.ts";
import {
  type Place,
  insideSandbox,
  placeInside,
  placeOf,
  resolverOptionsOf,
} from "../resolver-options.ts";
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
  if (!read.flags.has("--sandbox")) {
    const place = placeOf(settings);
    return isWrong(place) ? place : await answer(settings, place);
  }
  const sandbox = await startSandboxThread({ port: 0 });
  if (sandbox.kind === "sandbox-problem") return wrong(`--sandbox: ${sandbox.line}`);
  say(`sandbox at 127.53.0.0/16, port ${sandbox.port}: try www.good.lethe, www.example.com`);
  const result = await answer(insideSandbox(settings), placeInside(sandbox));
  await sandbox.stop();
  return result;
}

/** Serves until told to end. */
async function answer(settings: Settings, place: Place): Promise<ExitCode | Wrong> {
  const libc = settings["resolve.system-calls"] ? systemLibc() : undefined;
  for (const ip of settings["resolve.outgoing"]) {
    const why = libc === undefined ? undefined : whyTaken(libc, ip, 0, true);
    if (why === undefined) continue;
    return wrong(
      `resolve.outgoing = ${ipToText(ip)}: expected an address of this machine (${why})`,
    );
  }
  for (const line of negativeAnchorLines(settings["resolve.negative-trust-anchors"], wallS())) {
    complain(line);
  }
  const watch = new NegativeWatch({
    negative: settings["resolve.negative-trust-anchors"].filter(({ isProbed }) => isProbed),
    nowS: wallS,
    onEnd: (zone) => complain(negativeAnchorEnd(zone)),
  });
  const followed = followAnchors(settings, place);
  if (isWrong(followed)) return followed;
  const workers = libc === undefined ? 1 : settings["resolve.workers"] || availableParallelism();
  const pool = WorkerPool.open(libc, {
    workers,
    listen: settings["listen.dns"],
    resolver: resolverOptionsOf(settings, followed.place, workers),
    outgoing: settings["resolve.outgoing"],
    onDeath: (worker, why) => complain(`worker ${worker} died (${why}); starting another`),
    onKeys: (told) => followed.heard(told),
    onProbed: ({ zone, validates }) => watch.heard(zone, validates),
  });
  const problem = "kind" in pool ? pool : await pool.start();
  if (problem !== undefined || "kind" in pool) return cannotListen(settings, problem!);
  if (libc === undefined) say("without system calls: one worker, on sockets of Node's own");
  for (const [i, { text }] of settings["listen.dns"].entries()) {
    say(`listening on ${text.replace(/:\d+$/, `:${pool.ports[i]}`)}, UDP and TCP`);
  }
  say(
    `ready: ${workers} ${workers === 1 ? "worker" : "workers"}, level ${settings["privacy.level"]}`,
  );
  followed.start(pool);
  watch.start(pool);
  await untilToldToEnd();
  followed.stop();
  watch.stop();
  await pool.drain();
  return exit.done;
}

function cannotListen(settings: Settings, { row, why }: CannotListen): Wrong {
  const { text } = settings["listen.dns"][row]!;
  return wrong(`listen.dns = ${text}: expected an address that is free (${why})`);
}

function untilToldToEnd(): Promise<void> {
  // Signals alone do not keep a process alive; its workers do.
  return new Promise((resolve) => {
    for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => resolve());
  });
}

export const serve: Command = { help, run };
