/** `lethe serve`: the server. */
import { availableParallelism } from "node:os";
import { ipToText } from "../../base/address.ts";
import { wallS } from "../../system/clock.ts";
import { type Libc, libc as systemLibc } from "../../system/libc.ts";
import type { AdmitOptions } from "../../serve/admit.ts";
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
  tlsTrustOf,
  placeOf,
  resolverOptionsOf,
} from "../resolver-options.ts";
import { QuicWatch } from "../quic-watch.ts";
import { type InForce, planReload } from "../reload.ts";
import { ServiceWatch } from "../service-watch.ts";
import type { Settings } from "../settings.ts";
import { TrustWatch } from "../trust-watch.ts";

const help = `
usage: lethe serve [--sandbox] [--config FILE] [--set key=value]…

Answers DNS questions over UDP, TCP, TLS, HTTPS and QUIC until SIGTERM or SIGINT. Prints
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
    placeOf: (now) => {
      const tlsTrust = tlsTrustOf(now);
      return tlsTrust.kind === "wrong" ? tlsTrust : placeInside(sandbox, tlsTrust);
    },
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

/** What a server is made of before its workers start. */
interface Prepared {
  readonly place: Place;
  readonly libc: Libc | undefined;
  readonly trust: TrustWatch;
  readonly certificates: CertificateKeeper | undefined;
  readonly ledger: KeptLedger | undefined;
}

/** Serves until told to end. */
async function answer(told: Told): Promise<ExitCode | Wrong> {
  const prepared = await prepare(told);
  if (isWrong(prepared)) return prepared;
  const { ledger } = prepared;
  const running = await begin(told.settings, prepared);
  if (isWrong(running)) {
    ledger?.end("it cannot listen");
    return running;
  }
  const { trust, certificates, services, quic, pool, copies, admin } = running;
  const workers = pool.size;
  const level = told.settings["privacy.level"];
  say(`ready: ${workers} ${workers === 1 ? "worker" : "workers"}, level ${level}`);
  trust.start(pool);
  certificates?.start((material) => {
    pool.useTls(material);
    services.certified(material.pair.certificate);
    quic?.certified(material.pair);
  });
  const reload = reloader(told, { settings: told.settings, place: prepared.place }, running);
  process.on("SIGHUP", reload);
  const signal = await untilToldToEnd();
  copies.close();
  trust.stop();
  certificates?.stop();
  services.stop();
  process.off("SIGHUP", reload);
  admin?.close();
  await pool.drain();
  // What the workers have answered leaves by it.
  await quic?.end();
  ledger?.end(signal);
  return exit.done;
}

/** Looks at everything that can be wrong before a socket is opened. */
async function prepare(told: Told): Promise<Prepared | Wrong> {
  const { settings, given, placeOf: where } = told;
  const place = where(settings);
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
  const ledger = KeptLedger.begin(settings, given, trust);
  if (ledger !== undefined && "kind" in ledger) return ledger;
  return { place, libc, trust, certificates, ledger };
}

/** Starts all that answers; where a part cannot be, nothing is left running. */
async function begin(settings: Settings, prepared: Prepared): Promise<Running | Wrong> {
  const { libc, trust, certificates, ledger } = prepared;
  const workers = libc === undefined ? 1 : settings["resolve.workers"] || availableParallelism();
  const resolver = resolverOptionsOf(trust.settings, trust.place, workers);
  const started = await startPool(libc, listenRowsOf(settings), {
    workers,
    tls: certificates?.material,
    resolver,
    proxyFrom: settings["listen.proxy-from"],
    outgoing: settings["resolve.outgoing"],
    onDeath: (worker, why) => complain(`worker ${worker} died (${why}); starting another`),
    onKeys: (keys) => trust.heard(keys),
    onProbed: (probed) => trust.probed(probed),
  });
  if (isWrong(started)) return started;
  const { pool } = started;
  const rows = started.rows.map((row, i) => ({ ...row, port: pool.ports[i]! }));
  if (libc === undefined) say("without system calls: one worker, on sockets of Node's own");
  if (certificates !== undefined) say(certificates.line);
  for (const row of rows) say(listeningLine(row, row.port));
  const undo: (() => unknown)[] = [() => pool.drain()];
  const orUndo = async (problem: Wrong): Promise<Wrong> => {
    for (const one of undo.toReversed()) await one();
    return problem;
  };
  const quic = await beginQuic(settings, rows, prepared, pool, resolver.admit);
  if (quic !== undefined && isWrong(quic)) return await orUndo(quic);
  undo.push(() => quic?.end());
  const pem = certificates?.material.pair.certificate;
  const services = ServiceWatch.begin(settings, rows, quic?.rows ?? [], pem, {
    use: (told) => pool.useServices(told),
    complain,
  });
  if (isWrong(services)) return await orUndo(services);
  undo.push(() => services.stop());
  const admin = await openAdmin(settings["listen.admin"], libc, pool);
  if (admin !== undefined && isWrong(admin)) return await orUndo(admin);
  const copies = keepCopies(
    settings,
    () => trust.place.anchors,
    (zone, packed, untilMs) => pool.useCopy(zone, packed, untilMs),
    say,
  );
  return { trust, certificates, services, quic, pool, copies, admin, ledger };
}

/** Begins to answer over QUIC, where there is a certificate for it. */
async function beginQuic(
  settings: Settings,
  rows: readonly ListenSetting[],
  { libc, certificates }: Prepared,
  pool: WorkerPool,
  admit: AdmitOptions,
): Promise<QuicWatch | Wrong | undefined> {
  if (certificates === undefined) return undefined;
  const { pair } = certificates.material;
  return await QuicWatch.begin(settings, { libc, pool, rows, admit, pair, say, complain });
}

/** A server that answers. */
interface Running {
  readonly trust: TrustWatch;
  readonly certificates: CertificateKeeper | undefined;
  readonly services: ServiceWatch;
  readonly quic: QuicWatch | undefined;
  readonly pool: WorkerPool;
  readonly copies: KeptCopies;
  readonly admin: AdminSocket | undefined;
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
  const { trust, certificates, services, quic, pool, copies, ledger } = running;
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
    quic?.admit(resolver.admit);
    trust.start(pool);
    const source = certificateSourceOf(plan.settings);
    if (source !== undefined) await certificates?.reload(source);
    copies.again();
    services.reload(plan.settings);
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
