/** The authority behind every measurement: nsd, with a root and the zone `bench.lethe`. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Running, start, until } from "./processes.ts";

/** Where the authority answers. */
export const authorityIp = "127.0.0.53";

const SOA = "bench.lethe. 3600 SOA ns.bench.lethe. hostmaster.bench.lethe. 1 3600 900 604800 300";

/** Starts nsd on a core; the zone holds `names` names with an address each. */
export async function startAuthority(
  directory: string,
  port: number,
  names: number,
  core: number,
): Promise<Running> {
  mkdirSync(join(directory, "nsd"), { recursive: true });
  const at = (file: string): string => join(directory, "nsd", file);
  writeFileSync(
    at("root.zone"),
    `. 3600 SOA ns.root. hostmaster.root. 1 3600 900 604800 300
. 3600 NS ns.root.
ns.root. 3600 A ${authorityIp}
bench.lethe. 3600 NS ns.bench.lethe.
ns.bench.lethe. 3600 A ${authorityIp}
`,
  );
  const lines = [
    SOA,
    "bench.lethe. 3600 NS ns.bench.lethe.",
    `ns.bench.lethe. 3600 A ${authorityIp}`,
  ];
  for (let i = 0; i < names; i++) lines.push(`${nameAt(i)}. 3600 A 192.0.2.${(i % 250) + 1}`);
  lines.push("*.miss.bench.lethe. 3600 A 192.0.2.99");
  writeFileSync(at("bench.zone"), `${lines.join("\n")}\n`);
  writeFileSync(
    at("nsd.conf"),
    `server:
  server-count: 1
  ip-address: ${authorityIp}@${port}
  username: ""
  chroot: ""
  zonesdir: "${at("")}"
  database: ""
  pidfile: "${at("nsd.pid")}"
  zonelistfile: "${at("zone.list")}"
  xfrdfile: "${at("xfrd.state")}"
  xfrdir: "${at("")}"
  rrl-ratelimit: 0
remote-control:
  control-enable: no
zone:
  name: "."
  zonefile: "root.zone"
zone:
  name: "bench.lethe"
  zonefile: "bench.zone"
`,
  );
  const running = start("nsd", core, ["nsd", "-d", "-c", at("nsd.conf")]);
  await until(running, () => running.said().includes("nsd started"));
  return running;
}

/** The name number `i` of the zone: about as long as names that people ask. */
export function nameAt(i: number): string {
  return `host-${i.toString(36).padStart(4, "0")}.bench.lethe`;
}

/** The root hints that lead to the authority. */
export const rootHints = `. 3600 NS ns.root.\nns.root. 3600 A ${authorityIp}\n`;
