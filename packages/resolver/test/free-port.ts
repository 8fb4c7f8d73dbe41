/** Ports for other people's servers. */
import assert from "node:assert/strict";
import { createServer } from "node:net";

/** A TCP port of a loopback address that nobody has just now. */
export async function freePort(ip: string): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, ip, resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  assert.ok(typeof address === "object" && address !== null);
  return address.port;
}
