/** `lethe serve`: the server. */
import { availableParallelism } from "node:os";
import { ROOT } from "@lethe/wire/name.ts";
import { ipToText } from "../../base/address.ts";
import { anchorOver } from "../../dnssec/anchor.ts";
import { monotonicMs, wallS } from "../../system/clock.ts";
import { type Libc, libc as systemLibc } from "../../system/libc.ts";
import { whyTaken } from "../../system/sockets.ts";
import { AdminSocket } from "../../worker/admin-socket.ts";
import type { CannotListen } from "../../worker/options.ts";
import { WorkerPool } from "../../worker/pool.ts";
import { RootKeeper } from "../../worker/root-keeper.ts";
import { rootFile, rootServer } from "../../worker/root-sources.ts";
import { startSandboxThread } from "../../../sim/sandbox-thread.ts";
import { configurationArgs, configurationOptions, readArguments } from "../arguments.ts";
import { type Command, type ExitCode, type Wrong, exit, wrong } from "../command.ts";
import { type ConfigurationArgs, isWrong, readConfiguration } from "../configuration.ts";
import { KeptLedger } from "../kept-ledger.ts";
import { complain, say } from "../print.ts";
import {
  type Place,
  insideSandbox,
  placeInside,
  placeOf,
  resolverOptionsOf,
} from "../resolver-options.ts";
import { type InForce, planReload } from "../reload.ts";
import type { Settings } from "../settings.ts";
import { TrustWatch } from "../trust-watch.ts";

const help = `
usage: lethe serve [--sandbox] [--config FILE] [--set key=value]…

Answers DNS questions over UDP and TCP until SIGTERM or SIGINT. Prints where it
listens and, once it can answer, a line that begins with "ready". On SIGHUP it
reads the configuration again and goes by it, unless that needs a restart.
"lethe config" lists the settings.

  --sandbox   asks a miniature Internet of its own instead of the real one
`;

async function run(args: readonly string[]): Promise<ExitCode | Wrong> {
  const read = readArguments(args, { ...configurationOptions, "--sandbox": "flag" });
  if (isWrong(read)) return read;
  if (read.rest.length > 0) return wrong(`${read.rest[0]}: expected no further argument`);
  const given = configurationArgs(read);
  const readSettings = (): Settings | Wrong => readConfiguration(given);
  const settings = readSettings();
  if (isWrong(settings)) return settings;
  if (!read.flags.has("--sandbox")) {
    return await answer({ settings, given, readSettings, placeOf });
  }
  const sandbox = await startSandboxThread({ port: 0 });
  if (sandbox.kind === "sandbox-problem") return wrong(`--sandbox: ${sandbox.line}`);
  say(`sandbox at 127.53.0.0/16, port ${sandbox.port}: try www.good.lethe, www.example.com`);
  const result = await answer({
    settings: insideSandbox(settings),
    given,
    readSettings: () => {
      const again = readSettings();
      return isWrong(again) ? again : insideSandbox(again);
    },
    placeOf: () => placeInside(sandbox),
  });
  await sandbox.stop();
  return result;
}

/** What a server is told, and where it is told it again. */
interface Told {
  readonly settings: Settings;
  /** What the command line says of the configuration. */
  readonly given: ConfigurationArgs;
  readonly readSettings: () => Settings | Wrong;
  readonly placeOf: (settings: Settings) => Place | Wrong;
}

/** Serves until told to end. */
async function answer(told: Told): Promise<ExitCode | Wrong> {
  const { settings } = told;
  const place = told.placeOf(settings);
  if (isWrong(place)) return place;
  const libc = settings["resolve.system-calls"] ? systemLibc() : undefined;
  for (const ip of settings["resolve.outgoing"]) {
    const why = libc === undefined ? undefined : whyTaken(libc, ip, 0, true);
    if (why === undefined) continue;
    return wrong(
      `resolve.outgoing = ${ipToText(ip)}: expected an address of this machine (${why})`,
    );
  }
  const trust = TrustWatch.begin(settings, place);
  if (isWrong(trust)) return trust;
  const kept = KeptLedger.begin(settings, told.given, () => trust.place.anchors);
  if (kept !== undefined && "kind" in kept) return kept;
  trust.onNews = () => kept?.look();
  const workers = libc === undefined ? 1 : settings["resolve.workers"] || availableParallelism();
  const pool = WorkerPool.open(libc, {
    workers,
    listen: settings["listen.dns"],
    resolver: resolverOptionsOf(trust.settings, trust.place, workers),
    proxyFrom: settings["listen.proxy-from"],
    outgoing: settings["resolve.outgoing"],
    onDeath: (worker, why) => complain(`worker ${worker} died (${why}); starting another`),
    onKeys: (keys) => trust.heard(keys),
    onProbed: (probed) => trust.probed(probed),
  });
  const problem = "kind" in pool ? pool : await pool.start();
  if (problem !== undefined || "kind" in pool) {
    kept?.end("it cannot listen");
    return cannotListen(settings, problem!);
  }
  const admin = await openAdmin(settings["listen.admin"], libc, pool);
  if (admin !== undefined && "kind" in admin) {
    await pool.drain();
    kept?.end("it cannot listen");
    return admin;
  }
  if (libc === undefined) say("without system calls: one worker, on sockets of Node's own");
  for (const [i, { text }] of settings["listen.dns"].entries()) {
    say(`listening on ${text.replace(/:\d+$/, `:${pool.ports[i]}`)}, UDP and TCP`);
  }
  say(
    `ready: ${workers} ${workers === 1 ? "worker" : "workers"}, level ${settings["privacy.level"]}`,
  );
  trust.start(pool);
  const reload = reloader(told, { settings, place }, trust, pool, kept);
  process.on("SIGHUP", reload);
  const endRoot = keepRoot(settings, trust, pool);
  const signal = await untilToldToEnd();
  endRoot();
  trust.stop();
  process.off("SIGHUP", reload);
  admin?.close();
  await pool.drain();
  kept?.end(signal);
  return exit.done;
}

/** What SIGHUP calls: one reload after the other. */
function reloader(
  told: Told,
  begun: InForce,
  trust: TrustWatch,
  pool: WorkerPool,
  kept: KeptLedger | undefined,
): () => void {
  const workers = pool.size;
  let inForce = begun;
  let last = Promise.resolve();
  const reload = async (): Promise<void> => {
    const plan = planReload(inForce, told.readSettings(), told.placeOf, workers);
    if (plan.kind === "wrong") {
      complain(`reload: nothing is changed: ${plan.line}`);
      return;
    }
    const unwritten = plan.changed.length > 0 ? kept?.change(plan.changed) : undefined;
    if (unwritten !== undefined) {
      complain(`reload: nothing is changed: ${unwritten}`);
      return;
    }
    inForce = plan;
    trust.reload(plan.settings, plan.place);
    const resolver = resolverOptionsOf(trust.settings, trust.place, workers);
    await pool.reload(resolver, plan.forgets);
    trust.start(pool);
    say(`reloaded: ${plan.changed.length > 0 ? plan.changed.join(", ") : "nothing has changed"}`);
  };
  return () => {
    last = last.then(reload);
  };
}

/** Opens the operator's socket, where there is to be one. */
async function openAdmin(
  path: string | undefined,
  libc: Libc | undefined,
  pool: WorkerPool,
): Promise<AdminSocket | Wrong | undefined> {
  if (path === undefined) return undefined;
  const opened = await AdminSocket.open({
    path,
    libc,
    workers: pool.size,
    perform: (order) => pool.control(order),
  });
  if (typeof opened !== "string") return opened;
  return wrong(`listen.admin = unix:${path}: expected a path that is free (${opened})`);
}

/** Keeps a copy of the root where the settings want one; gives what ends that. */
function keepRoot(settings: Settings, trust: TrustWatch, pool: WorkerPool): () => void {
  const wanted = settings["resolve.local-root"];
  if (wanted.length === 0) return () => {};
  const ending = new AbortController();
  const { signal } = ending;
  const outgoing = settings["resolve.outgoing"];
  const keeper = new RootKeeper({
    sources: wanted.map((one) =>
      one.kind === "file" ? rootFile(one.path) : rootServer(one.text, one.server, outgoing, signal),
    ),
    get anchor() {
      return anchorOver(ROOT, trust.place.anchors);
    },
    time: {
      nowMs: monotonicMs,
      wallS,
      after: (ms, done) => {
        const timer = setTimeout(done, ms);
        return () => clearTimeout(timer);
      },
    },
    onCopy: (zone, untilMs) => pool.useRoot(zone, untilMs),
    onNews: say,
  });
  void keeper.start();
  return () => {
    ending.abort();
    keeper.close();
  };
}

function cannotListen(settings: Settings, { row, why }: CannotListen): Wrong {
  const { text } = settings["listen.dns"][row]!;
  return wrong(`listen.dns = ${text}: expected an address that is free (${why})`);
}

function untilToldToEnd(): Promise<string> {
  // Signals alone do not keep a process alive; its workers do.
  return new Promise((resolve) => {
    for (const signal of ["SIGTERM", "SIGINT"] as const) {
      process.once(signal, () => resolve(signal));
    }
  });
}

export const serve: Command = { help, run };
