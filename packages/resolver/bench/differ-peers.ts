/** The validating resolvers that are asked the same: their own defaults, and our root's anchor. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Where a resolver begins. */
export interface Beginning {
  /** A directory of this resolver alone. */
  readonly directory: string;
  readonly port: number;
  /** Root hints and the DS record of the root, as files. */
  readonly rootHints: string;
  readonly anchors: string;
  /** The DS record as fields: tag, algorithm, digest type, digest. */
  readonly ds: readonly string[];
  /** The path of `lethe`. */
  readonly launcher: string;
}

export interface Validator {
  readonly name: string;
  readonly program: string;
  /** Writes its configuration and gives the command that starts it in the foreground. */
  command(beginning: Beginning): readonly string[];
}

export const validators: readonly Validator[] = [
  {
    name: "lethe",
    program: "sh",
    command: ({ port, rootHints, anchors, launcher }) => {
      const sets = [
        `listen.dns=["127.0.0.1:${port}"]`,
        "listen.tls=[]",
        "listen.https=[]",
        `resolve.root-hints=${rootHints}`,
        `resolve.trust-anchors=${anchors}`,
        "resolve.loopback-servers=true",
        'resolve.outgoing=["127.0.0.1"]',
        "resolve.ipv6=false",
        "resolve.workers=1",
      ];
      return [launcher, "serve", ...sets.flatMap((set) => ["--set", set])];
    },
  },
  {
    name: "unbound",
    program: "unbound",
    command: (to) => ["unbound", "-d", "-c", written(to, "unbound.conf", unboundConf(to))],
  },
  {
    name: "named",
    program: "named",
    command: (to) => ["named", "-g", "-n", "1", "-c", written(to, "named.conf", namedConf(to))],
  },
  {
    name: "kresd",
    program: "kresd",
    command: (to) => ["kresd", "-n", "-c", written(to, "kresd.conf", kresdConf(to)), to.directory],
  },
];

function written({ directory }: Beginning, file: string, text: string): string {
  mkdirSync(directory, { recursive: true });
  const path = join(directory, file);
  writeFileSync(path, text);
  return path;
}

function unboundConf({ directory, port, rootHints, anchors }: Beginning): string {
  return `server:
  directory: "${directory}"
  chroot: ""
  username: ""
  pidfile: ""
  use-syslog: no
  verbosity: 0
  interface: 127.0.0.1@${port}
  outgoing-interface: 127.0.0.1
  access-control: 127.0.0.0/8 allow
  do-ip6: no
  do-not-query-localhost: no
  root-hints: "${rootHints}"
  trust-anchor-file: "${anchors}"
  trust-anchor-signaling: no
  outgoing-range: 2048
  num-queries-per-thread: 1024
remote-control:
  control-enable: no
`;
}

function namedConf({ directory, port, rootHints, ds }: Beginning): string {
  const [tag, number, digest, hex] = ds;
  return `options {
  directory "${directory}";
  pid-file none;
  session-keyfile none;
  listen-on port ${port} { 127.0.0.1; };
  listen-on-v6 { none; };
  query-source address 127.0.0.1;
  allow-query { any; };
  recursion yes;
  dnssec-validation yes;
  trust-anchor-telemetry no;
  empty-zones-enable no;
  querylog no;
};
controls { };
trust-anchors { . static-ds ${tag} ${number} ${digest} "${hex}"; };
zone "." { type hint; file "${rootHints}"; };
`;
}

function kresdConf({ port, rootHints, anchors }: Beginning): string {
  return `net.listen('127.0.0.1', ${port}, { kind = 'dns' })
net.ipv6 = false
option('ALLOW_LOCAL', true)
modules.load('hints > iterate')
hints.root_file('${rootHints}')
modules.unload('ta_update')
modules.unload('ta_signal_query')
modules.unload('detect_time_skew')
modules.unload('detect_time_jump')
trust_anchors.remove('.')
trust_anchors.add_file('${anchors}', true)
cache.size = 100 * MB
`;
}
