/**
 * Who may ask: from listener and client network to a view, or to a refusal.
 *
 * A view is a small number. It chooses what a client sees and is part of the key of cached
 * answers, so nobody is answered from another view's cache. Who may ask is one question, and what
 * he sees another: a view's networks let nobody in.
 */
import type { Client } from "../privacy/client.ts";
import { NetworkTable } from "../privacy/networks.ts";

/** The view of all who may ask and have no other. */
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
  /** Networks of the views beside everybody's, which begin with the number 1. */
  readonly views?: readonly (readonly ClientNetwork[])[];
}

export class Admission {
  readonly #networks: NetworkTable;
  /** Undefined where everybody sees the same. */
  readonly #views: NetworkTable | undefined;

  constructor(options: AdmitOptions) {
    const table = [
      ...(options.drop ?? []).map((network) => ({ ...network, view: DROP })),
      ...options.refuse.map((network) => ({ ...network, view: REFUSED })),
      ...options.allow.map((network) => ({ ...network, view: VIEW_ALL })),
    ];
    this.#networks = new NetworkTable(table, options.others === "drop" ? DROP : REFUSED);
    const views = (options.views ?? []).flatMap((networks, i) =>
      networks.map((network) => ({ ...network, view: i + 1 })),
    );
    this.#views = views.length === 0 ? undefined : new NetworkTable(views, VIEW_ALL);
  }

  /** The view of a client, `REFUSED` or `DROP`. PERF: allocates nothing. */
  viewOf(client: Client): number {
    const { admittedView } = client;
    if (admittedView !== undefined) return admittedView;
    const view = client.viewIn(this.#networks);
    return view === VIEW_ALL && this.#views !== undefined ? client.viewIn(this.#views) : view;
  }
}
