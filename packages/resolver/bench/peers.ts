/**
 * The resolvers that are measured beside each other: how each is started.
 *
 * Their configurations stand in `peers/`: the performance settings of each manual, the same memory
 * for caches, the same root hints. All validate, or none does, so that all do the same work.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** The place that is measured in. */
export interface Site {
  /** A directory of this server alone. */
  readonly directory: string;
  /** A directory of this server alone, in memory where the machine has such. */
  readonly memory: string;
  /** A file of root hints. */
  readonly rootHints: string;
  readonly port: number;
  /** The path of `lethe`. */
  readonly launcher: string;
  readonly workers: number;
  /** A DS record; undefined where nothing is validated. */
  readonly anchor: string | undefined;
}

export interface Peer {
  readonly name: string;
  readonly program: string;
  /** What makes it print its version; undefined where there is none to tell. */
  readonly versionArgs: readonly string[] | undefined;
  /** It resolves; the echo only answers. */
  readonly resolves: boolean;
  /** Several threads of one process can share its work. */
  readonly threads: boolean;
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
    threads: true,
    command: (site) => [
      site.launcher,
      "serve",
      ...letheSets(site).flatMap((set) => ["--set", set]),
    ],
  },
  {
    name: "unbound",
    program: "unbound",
    versionArgs: ["-V"],
    resolves: true,
    threads: true,
    command: (site) => ["unbound", "-d", "-c", written(site, "unbound.conf")],
  },
  {
    name: "kresd",
    program: "kresd",
    versionArgs: ["--version"],
    resolves: true,
    threads: false,
    command: (site) => ["kresd", "-n", "-c", written(site, "kresd.conf"), site.directory],
  },
  {
    name: "pdns",
    program: "pdns_recursor",
    versionArgs: ["--version"],
    resolves: true,
    threads: true,
    command: (site) => {
      written(site, "recursor.conf");
      if (site.anchor !== undefined) written(site, "anchors.lua");
      return ["pdns_recursor", `--config-dir=${site.directory}`];
    },
  },
  {
    name: "named",
    program: "named",
    versionArgs: ["-v"],
    resolves: true,
    threads: true,
    command: (site) => ["named", "-f", "-n", `${site.workers}`, "-c", written(site, "named.conf")],
  },
  {
    name: "echo",
    program: "sh",
    versionArgs: undefined,
    resolves: false,
    threads: false,
    command: (site) => {
      return [process.execPath, join(import.meta.dirname, "echo-server.ts"), String(site.port)];
    },
  },
];

function letheSets(site: Site): string[] {
  const sets = [
    `listen.dns=["127.0.0.1:${site.port}"]`,
    "listen.tls=[]",
    "listen.https=[]",
    `resolve.root-hints=${site.rootHints}`,
    "resolve.loopback-servers=true",
    `resolve.workers=${site.workers}`,
    `cache.size=${CACHE_MIB} MiB`,
  ];
  if (site.anchor === undefined) return [...sets, "resolve.validate=false"];
  mkdirSync(site.directory, { recursive: true });
  const file = join(site.directory, "anchor");
  writeFileSync(file, `${site.anchor}\n`);
  return [...sets, `resolve.trust-anchors=${file}`];
}

/** Fills in a template of `peers/`, writes it into the server's directory and gives its path. */
function written(site: Site, file: string): string {
  mkdirSync(site.directory, { recursive: true });
  const path = join(site.directory, file);
  writeFileSync(path, filled(readFileSync(join(import.meta.dirname, "peers", file), "utf8"), site));
  return path;
}

/** A template with what a site has; a name that is not among it is our mistake, and stays. */
export function filled(template: string, site: Site): string {
  const isValidating = site.anchor !== undefined;
  const [zone = "", , , tag, algorithm, kind, digest] = site.anchor?.split(" ") ?? [];
  const values: Readonly<Record<string, string | number>> = {
    directory: site.directory,
    memory: site.memory,
    root_hints: site.rootHints,
    port: site.port,
    workers: site.workers,
    cache_mib: CACHE_MIB,
    third_mib: Math.floor(CACHE_MIB / 3),
    two_thirds_mib: Math.floor((CACHE_MIB * 2) / 3),
    anchor: site.anchor ?? "",
    anchor_zone: zone.replace(/\.$/, ""),
    anchor_numbers: `${tag} ${algorithm} ${kind}`,
    anchor_digest: digest ?? "",
    anchor_rdata: `${tag} ${algorithm} ${kind} ${digest}`,
  };
  const left = isValidating ? "{{plain}}" : "{{validating}}";
  return template
    .split("\n")
    .filter((line) => !line.startsWith(left))
    .map((line) => line.replace(/^\{\{(plain|validating)\}\}/, ""))
    .join("\n")
    .replaceAll(/\{\{(\w+)\}\}/g, (whole, name: string) => String(values[name] ?? whole));
}
