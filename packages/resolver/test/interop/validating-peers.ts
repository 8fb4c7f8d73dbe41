/**
 * Resolvers that validate, each beside the sandbox: its root hints, its trust anchor, EDE on.
 *
 * The sandbox must listen at port 53, which none of them can be told to ask elsewhere. All send
 * from 127.0.0.1 over IPv4 alone, so that zones which name servers elsewhere reach nobody.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Sandbox } from "../../sim/sandbox-server.ts";

/** Where one resolver has its files, and listens. */
interface Site {
  readonly directory: string;
  readonly port: number;
  readonly hints: string;
  /** A file with the DS record of the root. */
  readonly anchors: string;
  /** That record's RDATA: tag, algorithm, digest type, digest. */
  readonly ds: readonly string[];
}

export interface ValidatingPeer {
  readonly name: string;
  readonly program: string;
  readonly versionArgs: readonly string[] | undefined;
  command(site: Site): readonly string[];
}

const LAUNCHER = join(import.meta.dirname, "../../../../lethe");

export const validatingPeers: readonly ValidatingPeer[] = [
  {
    name: "Lethe",
    program: "sh",
    versionArgs: undefined,
    command: ({ port, hints, anchors }) => {
      const sets = [
        `listen.dns=["127.0.0.1:${port}"]`,
        "listen.tls=[]",
        "listen.https=[]",
        `resolve.root-hints=${hints}`,
        `resolve.trust-anchors=${anchors}`,
        'resolve.outgoing=["127.0.0.1"]',
        "resolve.loopback-servers=true",
        "resolve.ipv6=false",
        "resolve.workers=1",
      ];
      return [LAUNCHER, "serve", ...sets.flatMap((set) => ["--set", set])];
    },
  },
  {
    name: "Unbound",
    program: "unbound",
    versionArgs: ["-V"],
    command: (site) => ["unbound", "-d", "-c", written(site, "unbound.conf", unboundConf(site))],
  },
  {
    name: "BIND",
    program: "named",
    versionArgs: ["-v"],
    command: (site) => ["named", "-f", "-4", "-c", written(site, "named.conf", namedConf(site))],
  },
  {
    name: "Knot Resolver",
    program: "kresd",
    versionArgs: ["--version"],
    command: (site) => {
      const file = written(site, "kresd.conf", kresdConf(site));
      return ["kresd", "-n", "-c", file, site.directory];
    },
  },
  {
    name: "PowerDNS",
    program: "pdns_recursor",
    versionArgs: ["--version"],
    command: (site) => {
      written(site, "recursor.conf", pdnsConf(site));
      written(site, "anchors.lua", `clearTA()\naddTA(".", "${site.ds.join(" ")}")\n`);
      return ["pdns_recursor", `--config-dir=${site.directory}`];
    },
  },
];

/** The site of a peer, with the sandbox's files in its own directory. */
export function siteOf(directory: string, port: number, sandbox: Sandbox): Site {
  mkdirSync(directory, { recursive: true });
  const hints = join(directory, "root.hints");
  const anchors = join(directory, "anchors");
  writeFileSync(hints, sandbox.hintsText);
  writeFileSync(anchors, sandbox.trustAnchors);
  const [tag, number, digest, ...hex] = /\bDS\s+(.*)$/m.exec(sandbox.trustAnchors)![1]!.split(" ");
  return { directory, port, hints, anchors, ds: [tag!, number!, digest!, hex.join("")] };
}

function written({ directory }: Site, file: string, text: string): string {
  const path = join(directory, file);
  writeFileSync(path, text);
  return path;
}

function unboundConf(site: Site): string {
  return `server:
  directory: "${site.directory}"
  chroot: ""
  username: ""
  pidfile: ""
  use-syslog: no
  interface: 127.0.0.1@${site.port}
  outgoing-interface: 127.0.0.1
  do-ip6: no
  do-not-query-localhost: no
  ede: yes
  root-hints: "${site.hints}"
  trust-anchor-file: "${site.anchors}"
remote-control:
  control-enable: no
`;
}

function namedConf(site: Site): string {
  const [tag, number, digest, hex] = site.ds;
  return `options {
  directory "${site.directory}";
  pid-file none;
  session-keyfile none;
  listen-on port ${site.port} { 127.0.0.1; };
  listen-on-v6 { none; };
  query-source address 127.0.0.1;
  allow-query { any; };
  recursion yes;
  dnssec-validation yes;
  empty-zones-enable no;
};
controls { };
server 203.0.113.0/24 { bogus yes; };
trust-anchors { . static-ds ${tag} ${number} ${digest} "${hex}"; };
zone "." { type hint; file "${site.hints}"; };
`;
}

function kresdConf(site: Site): string {
  return `net.listen('127.0.0.1', ${site.port}, { kind = 'dns' })
net.ipv6 = false
net.outgoing_v4('127.0.0.1')
option('ALLOW_LOCAL', true)
modules.load('hints > iterate')
hints.root_file('${site.hints}')
modules.unload('ta_update')
modules.unload('ta_signal_query')
modules.unload('detect_time_skew')
modules.unload('detect_time_jump')
trust_anchors.remove('.')
trust_anchors.add('. 3600 IN DS ${site.ds.join(" ")}')
cache.size = 16 * MB
`;
}

function pdnsConf(site: Site): string {
  return `daemon=no
write-pid=no
socket-dir=${site.directory}
local-address=127.0.0.1
local-port=${site.port}
query-local-address=127.0.0.1
hint-file=${site.hints}
lua-config-file=${join(site.directory, "anchors.lua")}
allow-from=127.0.0.0/8
dont-query=203.0.113.0/24
dnssec=validate
extended-resolution-errors=yes
security-poll-suffix=
threads=1
quiet=yes
loglevel=3
`;
}
