/** Proxies whose word counts for who a client is: the networks that the operator names. */
import type { Client } from "../privacy/client.ts";
import { NetworkTable } from "../privacy/networks.ts";

const PROXY = 1;
const NOBODY = 0;

export class Proxies {
  readonly #networks: NetworkTable;

  constructor(networks: readonly { readonly ip: Uint8Array; readonly bits: number }[]) {
    const rows = networks.map((network) => ({ ...network, view: PROXY }));
    this.#networks = new NetworkTable(rows, NOBODY);
  }

  /** Says whether who sent something is a proxy. PERF: allocates nothing. */
  has(peer: Client): boolean {
    return peer.viewIn(this.#networks) === PROXY;
  }
}
