/**
 * Whether an address family leads anywhere from here, or only one address of it does not.
 *
 * The kernel says the same of both. It matters: who makes a zone whose server has an address
 * that cannot be routed must not talk us out of a whole family. So a family that was heard
 * counts as cut off only where what was heard of it last cannot be reached either.
 */
import type { ServerAddress } from "../base/address.ts";

export class Reach {
  #heardV4: ServerAddress | undefined;
  #heardV6: ServerAddress | undefined;

  /** A server has replied. */
  heard(server: ServerAddress): void {
    if (server.ip.length === 4) this.#heardV4 = server;
    else this.#heardV6 = server;
  }

  /**
   * Judges an address to which the kernel knows no route.
   *
   * `isRouted` tries another server of the family, without sending; where nothing can tell, a
   * family that was ever heard counts as routed.
   */
  withoutRoute(
    server: ServerAddress,
    isRouted?: (other: ServerAddress) => boolean,
  ): "no-route" | "unreachable" {
    const heard = server.ip.length === 4 ? this.#heardV4 : this.#heardV6;
    if (heard === undefined) return "no-route";
    return isRouted === undefined || isRouted(heard) ? "unreachable" : "no-route";
  }
}
