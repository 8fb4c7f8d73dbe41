/** `lethe serve`: the server. */
import { availableParallelism } from "node:os";
import { ipToText } from "../../base/address.ts";
import { wallS } from "../../system/clock.ts";
import { type Libc, libc as systemLibc } from "../../system/libc.ts";
import { whyTaken } from "../../system/sockets.ts";
import { AdminSocket } from "../../worker/admin-socket.ts";
import { CertificateKeeper } from "../../worker/certificate-keeper.ts";
import { type PoolOptions, WorkerPool } from "../../worker/pool.ts";
import { startSandboxThread } from "../../../sim/sandbox-thread.ts";
import { configurationArgs, configurationOptions, readArguments } from "../arguments.ts";
import { certificateSourceOf } from "../certificate-settings.ts";
import { type Command, type ExitCode, type Wrong, exit, wrong } from "../command.ts";
import { type ConfigurationArgs, isWrong, readConfiguration } from "../configuration.ts";
import { type KeptCopies, keepCopies } from "../copy-watch.ts";
import { KeptLedger } from "../kept-ledger.ts";
import { type ListenSetting, cannotListen, listenRowsOf, listeningLine } from "../listen-rows.ts";
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

Answers DNS questions over UDP, TCP, TLS and HTTPS until SIGTERM or SIGINT. Prints
where it listens and, once it can answer, a line that begins with "ready". On SIGHUP it
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
    const why = libc === undefined ? undefined : whyTaken(libc, "udp", ip, 0, true);
    if (why === undefined) continue;
    return wrong(
      `resolve.outgoing = ${ipToText(ip)}: expected an address of this machine (${why})`,
    );
  }
  const trust = TrustWatch.begin(settings, place);
  if (isWrong(trust)) return trust;
  const source = certificateSourceOf(settings);
  const certificates = source && (await CertificateKeeper.begin(source, certificateParts));
  if (certificates !== undefined && "kind" in certificates) {
    const { file, why } = certificates;
    return wrong(`tls.${file} = ${settings[`tls.${file}`]}: expected a file of PEM (${why})`);
  }
  const ledger = KeptLedger.begin(settings, told.given, trust);
  if (ledger !== undefined && "kind" in ledger) return ledger;
  const workers = libc === undefined ? 1 : settings["resolve.workers"] || availableParallelism();
  const started = await startPool(libc, listenRowsOf(settings), {
    workers,
    tls: certificates?.material,
    resolver: resolverOptionsOf(trust.settings, trust.place, workers),
    proxyFrom: settings["listen.proxy-from"],
    outgoing: settings["resolve.outgoing"],
    onDeath: (worker, why) => complain(`worker ${worker} died (${why}); starting another`),
    onKeys: (keys) => trust.heard(keys),
    onProbed: (probed) => trust.probed(probed),
  });
  if (isWrong(started)) {
    ledger?.end("it cannot listen");
    return started;
  }
  const { pool, rows } = started;
  const admin = await openAdmin(settings["listen.admin"], libc, pool);
  if (admin !== undefined && "kind" in admin) {
    await pool.drain();
    ledger?.end("it cannot listen");
    return admin;
  }
  if (libc === undefined) say("without system calls: one worker, on sockets of Node's own");
  if (certificates !== undefined) say(certificates.line);
  for (const [i, row] of rows.entries()) say(listeningLine(row, pool.ports[i]!));
  say(
    `ready: ${workers} ${workers === 1 ? "worker" : "workers"}, level ${settings["privacy.level"]}`,
  );
  const parts = { trust, certificates, pool, ledger };
  const signal = await runUntilEnd(told, { settings, place }, parts);
  admin?.close();
  await pool.drain();
  ledger?.end(signal);
  return exit.done;
}

/** Keeps watch over everything that a server keeps, until it is told to end; gives the signal. */
async function runUntilEnd(
  told: Told,
  begun: InForce,
  parts: Omit<Running, "copies">,
): Promise<string> {
  const { trust, certificates, pool } = parts;
  trust.start(pool);
  certificates?.start((material) => pool.useTls(material));
  const copies = keepCopies(
    begun.settings,
    () => trust.place.anchors,
    (zone, packed, untilMs) => pool.useCopy(zone, packed, untilMs),
    say,
  );
  const reload = reloader(told, begun, { ...parts, copies });
  process.on("SIGHUP", reload);
  const signal = await untilToldToEnd();
  copies.close();
  trust.stop();
  certificates?.stop();
  process.off("SIGHUP", reload);
  return signal;
}

/** What a reload reaches. */
interface Running {
  readonly trust: TrustWatch;
  readonly certificates: CertificateKeeper | undefined;
  readonly pool: WorkerPool;
  readonly copies: KeptCopies;
  readonly ledger: KeptLedger | undefined;
}

/**
 * Starts workers at these addresses; those that stand in no configuration are left out where they
 * are taken, with a line.
 */
async function startPool(
  libc: Libc | undefined,
  wanted: readonly ListenSetting[],
  options: Omit<PoolOptions, "listen">,
): Promise<{ readonly pool: WorkerPool; readonly rows: readonly ListenSetting[] } | Wrong> {
  let rows = wanted;
  for (;;) {
    const pool = WorkerPool.open(libc, { ...options, listen: rows });
    const problem = "kind" in pool ? pool : await pool.start();
    if (problem === undefined && !("kind" in pool)) return { pool, rows };
    const row = rows[problem!.row]!;
    const refusal = cannotListen(row, problem!);
    if (!row.isOptional) return refusal;
    complain(`${refusal.line}; the server goes on without it`);
    rows = rows.filter((one) => one !== row);
  }
}

const certificateParts = { nowMs: () => wallS() * 1000, say, complain };

/** What SIGHUP calls: one reload after the other. */
function reloader(told: Told, begun: InForce, running: Running): () => void {
  const { trust, certificates, pool, copies, ledger } = running;
  const workers = pool.size;
  let inForce = begun;
  let last = Promise.resolve();
  const reload = async (): Promise<void> => {
    const plan = planReload(inForce, told.readSettings(), told.placeOf, workers);
    if (plan.kind === "wrong") {
      complain(`reload: nothing is changed: ${plan.line}`);
      return;
    }
    const unwritten = plan.changed.length > 0 ? ledger?.change(plan.changed) : undefined;
    if (unwritten !== undefined) {
      complain(`reload: nothing is changed: ${unwritten}`);
      return;
    }
    inForce = plan;
    trust.reload(plan.settings, plan.place);
    const resolver = resolverOptionsOf(trust.settings, trust.place, workers);
    await pool.reload(resolver, plan.forgets);
    trust.start(pool);
    const source = certificateSourceOf(plan.settings);
    if (source !== undefined) await certificates?.reload(source);
    copies.again();
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

function untilToldToEnd(): Promise<string> {
  // Signals alone do not keep a process alive; its workers do.
  return new Promise((resolve) => {
    for (const signal of ["SIGTERM", "SIGINT"] as const) {
      process.once(signal, () => resolve(signal));
    }
  });
}

export const serve: Command = { help, run };
