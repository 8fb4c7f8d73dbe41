/** Resolvers of the field that speak DNS over TLS and HTTPS: unbound and kresd, as programs. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Running, start, until } from "../../bench/processes.ts";
import { certificateFile, keyFile } from "../certificates.ts";

export interface TlsServing {
  /** A directory of its own; it is made. */
  readonly directory: string;
  readonly tlsPort: number;
  readonly httpsPort: number;
  /** What every name below this zone has as its address. */
  readonly zone: string;
  readonly address: string;
}

type Certificate = Parameters<typeof certificateFile>[0];

function unboundConf({ directory, tlsPort, httpsPort, zone, address }: TlsServing, cert: string) {
  return `server:
  interface: 127.0.0.1@${tlsPort}
  interface: 127.0.0.1@${httpsPort}
  tls-port: ${tlsPort}
  https-port: ${httpsPort}
  tls-service-key: "${keyFile}"
  tls-service-pem: "${cert}"
  directory: "${directory}"
  pidfile: ""
  username: ""
  chroot: ""
  use-syslog: no
  logfile: ""
  verbosity: 2
  do-daemonize: no
  module-config: "iterator"
  local-zone: "${zone}." redirect
  local-data: "${zone}. 60 A ${address}"
remote-control:
  control-enable: no
`;
}

function kresdConf({ tlsPort, httpsPort, zone, address }: TlsServing, cert: string) {
  return `net.listen('127.0.0.1', ${tlsPort}, { kind = 'tls' })
net.listen('127.0.0.1', ${httpsPort}, { kind = 'doh2' })
net.tls('${cert}', '${keyFile}')
cache.size = 4 * MB
trust_anchors.remove('.')
modules.load('hints')
policy.add(policy.suffix(policy.ANSWER({ [kres.type.A] = {
  rdata = kres.str2ip('${address}'), ttl = 60 } }), { todname('${zone}.') }))
`;
}

/** The programs by their names in Debian. */
export const tlsPrograms = {
  unbound: {
    command: "unbound",
    file: "unbound.conf",
    configuration: unboundConf,
    args: (directory: string) => ["-d", "-p", "-c", join(directory, "unbound.conf")],
  },
  kresd: {
    command: "kresd",
    file: "kresd.conf",
    configuration: kresdConf,
    args: (directory: string) => ["-n", "-c", join(directory, "kresd.conf"), directory],
  },
} as const;

export type TlsProgramName = keyof typeof tlsPrograms;

/** Starts a resolver; settles once it listens. */
export async function startTlsProgram(
  name: TlsProgramName,
  serving: TlsServing,
  certificate: Certificate,
): Promise<Running> {
  const { command, file, configuration, args } = tlsPrograms[name];
  const { directory } = serving;
  mkdirSync(directory);
  writeFileSync(join(directory, file), configuration(serving, certificateFile(certificate)));
  const running = start(name, 0, [command, ...args(directory)]);
  await until(running, async () => await isListening(serving));
  return running;
}

async function isListening({ tlsPort, httpsPort }: TlsServing): Promise<boolean> {
  const { connect } = await import("node:net");
  const opens = (port: number): Promise<boolean> =>
    new Promise((resolve) => {
      const socket = connect(port, "127.0.0.1");
      socket.once("connect", () => {
        socket.destroy();
        resolve(true);
      });
      socket.once("error", () => resolve(false));
    });
  return (await opens(tlsPort)) && (await opens(httpsPort));
}
