/** Authorities of the field as programs: nsd, knot, bind9, pdns-server, each with its zones. */
import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { flag } from "@lethe/wire/header.ts";
import { readMessage } from "@lethe/wire/message.ts";
import { start, stop, until } from "../../bench/processes.ts";
import { askServer, writeClientQuery } from "../../src/cli/dns-client.ts";
import { readQueryArguments } from "../../src/cli/query-arguments.ts";
import { SystemRandom } from "../../src/system/random.ts";
import { relay } from "./relay.ts";
import { freePort } from "../free-port.ts";

/** Where a program serves which zones; each zone is the text of its file by its origin. */
export interface Serving {
  /** A directory of its own; it is made. */
  readonly directory: string;
  readonly ip: string;
  readonly port: number;
  readonly zones: Readonly<Record<string, string>>;
}

interface Program {
  /** What is started. */
  readonly command: string;
  readonly file: string;
  readonly configuration: (serving: Serving) => string;
  readonly args: (serving: Serving) => readonly string[];
}

/** The file of a zone; the root's has a name too. */
function zoneFile(origin: string): string {
  return `${origin === "." ? "root" : origin}.zone`;
}

function eachZone({ zones }: Serving, text: (origin: string, file: string) => string): string {
  return Object.keys(zones)
    .map((origin) => text(origin, zoneFile(origin)))
    .join("");
}

function nsdConf(serving: Serving): string {
  const { directory, ip, port } = serving;
  return `server:
  server-count: 1
  ip-address: ${ip}@${port}
  username: ""
  chroot: ""
  zonesdir: "${directory}"
  database: ""
  pidfile: "${join(directory, "nsd.pid")}"
  zonelistfile: "${join(directory, "zone.list")}"
  xfrdfile: "${join(directory, "xfrd.state")}"
  xfrdir: "${directory}"
  rrl-ratelimit: 0
remote-control:
  control-enable: no
${eachZone(serving, (origin, file) => `zone:\n  name: "${origin}"\n  zonefile: "${file}"\n`)}`;
}

function knotConf(serving: Serving): string {
  const { directory, ip, port } = serving;
  return `server:
  listen: ${ip}@${port}
  rundir: "${directory}"
  udp-workers: 1
  tcp-workers: 1
  background-workers: 1
database:
  storage: "${directory}"
log:
  - target: stdout
    any: info
template:
  - id: default
    storage: "${directory}"
    zonefile-sync: -1
    journal-content: none
zone:
${eachZone(serving, (origin, file) => `  - domain: "${origin}"\n    file: "${file}"\n`)}`;
}

function zoneClauses(serving: Serving): string {
  return eachZone(serving, (origin, file) => {
    return `zone "${origin}" { type master; file "${join(serving.directory, file)}"; };\n`;
  });
}

function namedConf(serving: Serving): string {
  const { directory, ip, port } = serving;
  return `options {
  directory "${directory}";
  pid-file "${join(directory, "named.pid")}";
  session-keyfile "${join(directory, "session.key")}";
  listen-on port ${port} { ${ip}; };
  listen-on-v6 { none; };
  recursion no;
  dnssec-validation no;
  notify no;
};
controls { };
${zoneClauses(serving)}`;
}

/** The programs by their names in Debian. */
export const programs = {
  nsd: {
    command: "nsd",
    file: "nsd.conf",
    configuration: nsdConf,
    args: ({ directory }) => ["-d", "-c", join(directory, "nsd.conf")],
  },
  knot: {
    command: "knotd",
    file: "knot.conf",
    configuration: knotConf,
    args: ({ directory }) => ["-c", join(directory, "knot.conf")],
  },
  bind9: {
    command: "named",
    file: "named.conf",
    configuration: namedConf,
    args: ({ directory }) => ["-g", "-n", "1", "-c", join(directory, "named.conf")],
  },
  "pdns-server": {
    command: "pdns_server",
    file: "zones.conf",
    configuration: zoneClauses,
    args: ({ directory, ip, port }) => [
      `--config-dir=${directory}`,
      "--daemon=no",
      "--guardian=no",
      "--disable-syslog",
      "--write-pid=no",
      `--socket-dir=${directory}`,
      "--launch=bind",
      `--bind-config=${join(directory, "zones.conf")}`,
      `--local-address=${ip}`,
      `--local-port=${port}`,
      "--dname-processing=yes",
    ],
  },
} as const satisfies Record<string, Program>;

export type ProgramName = keyof typeof programs;

/** An authority that serves, until it is ended. */
export interface Authority {
  readonly end: () => Promise<void>;
}

/** Starts an authority; settles once it answers for the first of its zones. */
export async function startAuthority(name: ProgramName, serving: Serving): Promise<Authority> {
  const { command, file, configuration, args }: Program = programs[name];
  // BIND listens at addresses that an interface has, which of 127.0.0.0/8 is one.
  const own = name === "bind9" ? { ip: INTERFACE, port: await freePort(INTERFACE) } : {};
  const at: Serving = { ...serving, ...own };
  mkdirSync(at.directory);
  for (const [origin, text] of Object.entries(at.zones)) {
    writeFileSync(join(at.directory, zoneFile(origin)), text);
  }
  writeFileSync(join(at.directory, file), configuration(at));
  const running = start(name, 0, [command, ...args(at)]);
  const unlink = name === "bind9" ? await relay(serving.ip, serving.port, at.port) : () => {};
  await until(running, () => isServing(serving));
  return {
    end: async () => {
      unlink();
      await stop(running);
    },
  };
}

const INTERFACE = "127.0.0.1";

async function isServing({ ip, port, zones }: Serving): Promise<boolean> {
  const origin = Object.keys(zones)[0]!;
  const plan = readQueryArguments([`@${ip}:${port}`, origin, "SOA"]);
  assert.ok(!("kind" in plan), "the question is one");
  const asked = await askServer(plan, writeClientQuery(plan, new SystemRandom()));
  const message = asked.kind === "reply" ? readMessage(asked.message) : undefined;
  return message?.kind === "message" && (message.header.flags & flag.aa) !== 0;
}
