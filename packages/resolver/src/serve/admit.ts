/**
 * Who may ask: from listener and client network to a view, or to a refusal.
 *
 * A view is a small number. It chooses what a client sees and is part of the key of cached
 * answers, so nobody is answered from another view's cache. Today there is one for all who may
 * ask; listeners and networks can have their own later, without a change behind this door.
 */
import type { Client } from "../privacy/client.ts";
import { NetworkTable } from "../privacy/networks.ts";

/** The view of all who may ask. */
const VIEW_ALL = 0;
/** Answered with REFUSED. */
export const REFUSED = -1;
/** Not answered at all. */
export const DROP = -2;

/** A network of clients. */
export interface ClientNetwork {
  readonly ip: Uint8Array;
  readonly bits: number;
}

export interface AdmitOptions {
  readonly allow: readonly ClientNetwork[];
  readonly refuse: readonly ClientNetwork[];
  /** Who is not answered at all. */
  readonly drop?: readonly ClientNetwork[];
  /** What those get who stand in no list. */
  readonly others: "refuse" | "drop";
}

export class Admission {
  readonly #networks: NetworkTable;

  constructor(options: AdmitOptions) {
    const table = [
      ...(options.drop ?? []).map((network) => ({ ...network, view: DROP })),
      ...options.refuse.map((network) => ({ ...network, view: REFUSED })),
      ...options.allow.map((network) => ({ ...network, view: VIEW_ALL })),
    ];
    this.#networks = new NetworkTable(table, options.others === "drop" ? DROP : REFUSED);
  }

  /** The view of a client, `REFUSED` or `DROP`. PERF: allocates nothing. */
  viewOf(client: Client): number {
    return client.viewIn(this.#networks);
  }
}
