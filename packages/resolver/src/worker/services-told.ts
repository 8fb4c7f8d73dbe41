/** What stands behind HTTP, as the main thread tells it to workers; plain data. */
import type { Designation } from "../serve/discovery.ts";
import type { RelayOptions } from "../transports/oblivious/relay.ts";

export interface ServicesTold {
  /** Private keys of the oblivious target, the one to publish first; none: it is no target. */
  readonly obliviousKeys: readonly Uint8Array[];
  /** What is told of this server, but for the key of its target; undefined: nothing. */
  readonly designation: Omit<Designation, "obliviousConfigs"> | undefined;
  /** Undefined: nothing is passed on. */
  readonly relay: RelayOptions | undefined;
}

/** Neither a target nor a relay, and nothing to tell. */
export const noServices: ServicesTold = {
  obliviousKeys: [],
  designation: undefined,
  relay: undefined,
};
