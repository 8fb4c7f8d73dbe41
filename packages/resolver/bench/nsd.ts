/** An nsd with zones from texts, at port 53 of an address of its own. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Running, start, stop, until } from "./processes.ts";

/** Starts one in a directory that it makes, on a core; it serves when this returns. */
export async function startNsd(
  directory: string,
  ip: string,
  zones: readonly (readonly [origin: string, text: string])[],
  core: number,
): Promise<Running> {
  mkdirSync(directory);
  const parts = zones.map(([origin, text], i) => {
    writeFileSync(join(directory, `zone-${i}`), text);
    return `zone:\n  name: "${origin}"\n  zonefile: "zone-${i}"\n`;
  });
  const conf = join(directory, "nsd.conf");
  writeFileSync(
    conf,
    `server:
  server-count: 1
  ip-address: ${ip}@53
  username: ""
  chroot: ""
  zonesdir: "${directory}"
  database: ""
  pidfile: "${join(directory, "pid")}"
  zonelistfile: "${join(directory, "zone.list")}"
  xfrdfile: "${join(directory, "xfrd.state")}"
  xfrdir: "${directory}"
  rrl-ratelimit: 0
remote-control:
  control-enable: no
${parts.join("")}`,
  );
  const running = start(`nsd at ${ip}`, core, ["nsd", "-d", "-c", conf]);
  try {
    await until(running, () => running.said().includes("nsd started"));
  } catch (failure) {
    await stop(running);
    throw failure;
  }
  return running;
}
