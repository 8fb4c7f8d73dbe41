/** Who is at the other end of a UNIX socket. */
import { type Libc, linux } from "./libc.ts";

/** `struct ucred`: pid, uid, gid, each of 32 bits. */
const CREDENTIALS_BYTES = 12;

/** The descriptor of a connection: Node has it, and no name for it. */
export function descriptorOf(socket: object): number | undefined {
  const handle: unknown = Reflect.get(socket, "_handle");
  const fd: unknown = typeof handle === "object" && handle && Reflect.get(handle, "fd");
  return typeof fd === "number" ? fd : undefined;
}

/** The user that a connected peer runs as; undefined where the kernel does not say. */
export function peerUid(libc: Libc, fd: number): number | undefined {
  const credentials = new Int32Array(CREDENTIALS_BYTES / 4);
  const bytes = new Uint8Array(credentials.buffer);
  const size = new Uint8Array(Int32Array.of(CREDENTIALS_BYTES).buffer);
  const { SOL_SOCKET, SO_PEERCRED } = linux;
  if (libc.getsockopt(fd, SOL_SOCKET, SO_PEERCRED, bytes, size) < 0) return undefined;
  return credentials[1];
}
