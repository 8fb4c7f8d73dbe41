/**
 * The resolvers that are measured beside each other: how each is started, with one thread.
 *
 * Each has the performance settings of its own manual, the same memory for its caches, validates
 * nothing (so that all do the same work) and begins at the same root hints.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** The place that is measured in. */
export interface Site {
  /** A directory of this server alone. */
  readonly directory: string;
  /** A file of root hints. */
  readonly rootHints: string;
  readonly port: number;
  /** The path of `lethe`. */
  readonly launcher: string;
}

export interface Peer {
  readonly name: string;
  readonly program: string;
  /** What makes it print its version; undefined where there is none to tell. */
  readonly versionArgs: readonly string[] | undefined;
  /** It resolves; the echo only answers. */
  readonly resolves: boolean;
  /** Writes its configuration and gives the command that starts it in the foreground. */
  command(site: Site): readonly string[];
}

const CACHE_MIB = 256;

export const peers: readonly Peer[] = [
  {
    name: "lethe",
    program: "sh",
    versionArgs: undefined,
    resolves: true,
    command: (site) => {
      const sets = [
        `listen.dns=["127.0.0.1:${site.port}"]`,
        `resolve.root-hints=${site.rootHints}`,
        "resolve.loopback-servers=true",
        "resolve.workers=1",
        "resolve.validate=false",
        `cache.size=${CACHE_MIB} MiB`,
      ];
      return [site.launcher, "serve", ...sets.flatMap((set) => ["--set", set])];
    },
  },
  {
    name: "unbound",
    program: "unbound",
    versionArgs: ["-V"],
    resolves: true,
    command: (site) => ["unbound", "-d", "-c", written(site, "unbound.conf", unboundConf(site))],
  },
  {
    name: "kresd",
    program: "kresd",
    versionArgs: ["--version"],
    resolves: true,
    command: (site) => [
      "kresd",
      "-n",
      "-c",
      written(site, "kresd.conf", kresdConf(site)),
      site.directory,
    ],
  },
  {
    name: "pdns",
    program: "pdns_recursor",
    versionArgs: ["--version"],
    resolves: true,
    command: (site) => {
      written(site, "recursor.conf", pdnsConf(site));
      return ["pdns_recursor", `--config-dir=${site.directory}`];
    },
  },
  {
    name: "named",
    program: "named",
    versionArgs: ["-v"],
    resolves: true,
    command: (site) => [
      "named",
      "-f",
      "-n",
      "1",
      "-c",
      written(site, "named.conf", namedConf(site)),
    ],
  },
  {
    name: "echo",
    program: "sh",
    versionArgs: undefined,
    resolves: false,
    command: (site) => [
      process.execPath,
      join(import.meta.dirname, "echo-server.ts"),
      String(site.port),
    ],
  },
];

/** Writes a file into the server's directory and gives its path. */
function written(site: Site, file: string, text: string): string {
  mkdirSync(site.directory, { recursive: true });
  const path = join(site.directory, file);
  writeFileSync(path, text);
  return path;
}

/** NLnet Labs' "Unbound performance tuning": caches, outgoing range, minimal responses. */
function unboundConf(site: Site): string {
  return `server:
  directory: "${site.directory}"
  chroot: ""
  username: ""
  pidfile: ""
  use-syslog: no
  verbosity: 0
  interface: 127.0.0.1@${site.port}
  access-control: 127.0.0.0/8 allow
  num-threads: 1
  so-reuseport: yes
  so-rcvbuf: 4m
  so-sndbuf: 4m
  outgoing-range: 8192
  num-queries-per-thread: 4096
  msg-cache-size: ${CACHE_MIB / 3}m
  rrset-cache-size: ${(CACHE_MIB * 2) / 3}m
  rrset-roundrobin: yes
  minimal-responses: yes
  module-config: "iterator"
  root-hints: "${site.rootHints}"
  do-not-query-localhost: no
  do-ip6: no
remote-control:
  control-enable: no
`.replaceAll(/(\d+)\.\d+m/g, "$1m");
}

/** Knot Resolver's "Scaling out" and "Cache": one process, a cache on tmpfs where there is one. */
function kresdConf(site: Site): string {
  return `net.listen('127.0.0.1', ${site.port}, { kind = 'dns' })
net.ipv6 = false
modules.load('hints > iterate')
hints.root_file('${site.rootHints}')
trust_anchors.remove('.')
modules.unload('ta_update')
modules.unload('ta_signal_query')
modules.unload('detect_time_skew')
modules.unload('detect_time_jump')
cache.size = ${CACHE_MIB} * MB
`;
}

/** The recursor's "Performance Guide": one thread that takes its own questions. */
function pdnsConf(site: Site): string {
  return `daemon=no
write-pid=no
socket-dir=${site.directory}
local-address=127.0.0.1
local-port=${site.port}
hint-file=${site.rootHints}
allow-from=127.0.0.0/8
dont-query=
dnssec=off
security-poll-suffix=
threads=1
pdns-distributes-queries=no
reuseport=yes
max-mthreads=4096
max-cache-entries=1000000
max-packetcache-entries=500000
quiet=yes
loglevel=3
`;
}

/** BIND's reference manual: no logging of questions, room for clients, minimal responses. */
function namedConf(site: Site): string {
  return `options {
  directory "${site.directory}";
  pid-file none;
  session-keyfile none;
  listen-on port ${site.port} { 127.0.0.1; };
  listen-on-v6 { none; };
  allow-query { any; };
  recursion yes;
  dnssec-validation no;
  empty-zones-enable no;
  minimal-responses yes;
  max-cache-size ${CACHE_MIB}m;
  recursive-clients 10000;
  querylog no;
};
controls { };
zone "." { type hint; file "${site.rootHints}"; };
`;
}
