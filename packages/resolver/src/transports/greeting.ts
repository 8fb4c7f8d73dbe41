/** The beginning of a proxy's stream, before the first message: whose stream it is. */
import type { Socket } from "node:net";
import { Client } from "../privacy/client.ts";
import { SOCKADDR_BYTES } from "../system/sockaddr.ts";
import { MALFORMED, UNFINISHED, hasClient, readProxyHeader } from "./proxy-header.ts";

/**
 * Reads a stream's header, and gives its client with the rest of the stream unread; undefined
 * where there is no header. `peer` is the proxy, for what it asks itself.
 *
 * Called once, unless the stream ends before. What comes in is bounded by the header's own bound.
 */
export function readGreeting(
  socket: Socket,
  peer: Client,
  done: (client: Client | undefined) => void,
): void {
  let begun: Uint8Array = new Uint8Array(0);
  const read = (chunk: Uint8Array): void => {
    const bytes = begun.length === 0 ? chunk : Buffer.concat([begun, chunk]);
    const sockaddr = new Uint8Array(SOCKADDR_BYTES);
    const size = readProxyHeader(bytes, 0, bytes.length, sockaddr);
    if (size === UNFINISHED) {
      begun = bytes;
      return;
    }
    socket.off("data", read);
    socket.pause();
    if (size === MALFORMED) {
      done(undefined);
      return;
    }
    if (bytes.length > size) socket.unshift(bytes.subarray(size));
    done(hasClient(sockaddr) ? new Client(sockaddr) : peer);
  };
  socket.on("data", read);
}
