/** The end of a connection whose client is owed nothing more, not even what was written. */
import type { Socket } from "node:net";
import { TLSSocket } from "node:tls";

/** Ends it at once: TCP's own way of saying so is a reset, inside TLS it is to fall silent. */
export function reset(socket: Socket): void {
  if (socket instanceof TLSSocket) socket.destroy();
  else socket.resetAndDestroy();
}
