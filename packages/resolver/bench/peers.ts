/**
 * The resolvers that Lethe is measured beside: how each is started, with one thread, on one core.
 *
 * Each has the performance settings of its own manual, answers from its cache, validates nothing
 * (so that all do the same work) and finds the zone `bench.lethe` at one authority on loopback.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";

/** The place that is measured in: addresses, and a directory for configuration files. */
export interface Site {
  readonly directory: string;
  readonly authorityIp: string;
  readonly authorityPort: number;
  readonly rootHints: string;
  readonly port: number;
  readonly launcher: string;
}

export interface Peer {
  readonly name: string;
  readonly program: string;
  readonly versionArgs: readonly string[];
  /** Writes its configuration and gives the command that starts it in the foreground. */
  command(site: Site): readonly string[];
}

export const lethe: Peer = {
  name: "lethe",
  program: "sh",
  versionArgs: ["-c", "true"],
  command: (site) => {
    const sets = [
      `listen.dns=["127.0.0.1:${site.port}"]`,
      `resolve.root-hints=${site.rootHints}`,
      `resolve.upstream-port=${site.authorityPort}`,
      "resolve.loopback-servers=true",
      "resolve.workers=1",
      "cache.size=256 MiB",
    ];
    return [site.launcher, "serve", ...sets.flatMap((set) => ["--set", set])];
  },
};

export const unbound: Peer = {
  name: "unbound",
  program: "unbound",
  versionArgs: ["-V"],
  command: (site) => {
    const file = join(site.directory, "unbound.conf");
    writeFileSync(
      file,
      `server:
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
  outgoing-range: 8192
  num-queries-per-thread: 4096
  msg-cache-size: 128m
  rrset-cache-size: 128m
  rrset-roundrobin: yes
  minimal-responses: yes
  module-config: "iterator"
  do-not-query-localhost: no
  do-ip6: no
stub-zone:
  name: "bench.lethe"
  stub-addr: ${site.authorityIp}@${site.authorityPort}
remote-control:
  control-enable: no
`,
    );
    return ["unbound", "-d", "-c", file];
  },
};
