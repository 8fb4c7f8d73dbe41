/** What is gathered of a scenario's configuration while it is read. */
import type { Name } from "@lethe/wire/name.ts";
import { ipFromText } from "../src/base/address.ts";
import type { Demand } from "../src/dnssec/judging.ts";
import type { ConfiguredZone } from "../src/recursor/options.ts";
import type { ClientNetwork } from "../src/serve/admit.ts";
import { CopyDraft } from "./scenario-copies.ts";
import { LocalDraft } from "./scenario-local.ts";
import { type StaleDraft, newStaleDraft } from "./scenario-stale.ts";
import { NSEC3_ITERATIONS_MAX } from "./scenario-validation.ts";

export interface Draft {
  /** The files between the lines, by name. */
  readonly files: ReadonlyMap<string, string>;
  rootIps: Uint8Array[];
  readonly configuredZones: ConfiguredZone[];
  readonly localZones: LocalDraft;
  readonly copies: CopyDraft;
  overTcp: boolean;
  reportErrors: boolean;
  readonly neverAsk: ClientNetwork[];
  nsid: Uint8Array | undefined;
  /** How long streams may be idle, in seconds; undefined: as Lethe has it. */
  idleS: number | undefined;
  minimise: boolean;
  verifyGlue: boolean;
  aggressive: boolean;
  ipv4: boolean;
  ipv6: boolean;
  mayAskLoopback: boolean;
  ttlMinS: number;
  ttlMaxS: number;
  negativeTtlMinS: number;
  negativeTtlMaxS: number;
  prefetch: boolean;
  readonly stale: StaleDraft;
  readonly anchors: string[];
  readonly insecure: Name[];
  nsec3IterationsMax: number;
  demand: Demand | undefined;
  wallS: number | undefined;
  hasValidator: boolean;
  readonly allow: ClientNetwork[];
  readonly refuse: ClientNetwork[];
  readonly drop: ClientNetwork[];
  answersWithoutRd: boolean;
  readonly privateAddresses: { readonly networks: ClientNetwork[]; readonly exempt: Name[] };
  identity: string | undefined;
  isIdentityHidden: boolean;
  version: string | undefined;
  isVersionHidden: boolean;
  readonly lacking: Set<string>;
  /** The clause that the next keys belong to, and the zone that it is about. */
  clause: string;
  zone: Name | undefined;
}

/** Where a file says nothing: as the program does that it was written for. */
export function newDraft(files: ReadonlyMap<string, string>): Draft {
  return {
    files,
    rootIps: [],
    configuredZones: [],
    localZones: new LocalDraft(),
    copies: new CopyDraft(),
    overTcp: false,
    reportErrors: false,
    neverAsk: [],
    nsid: undefined,
    idleS: undefined,
    minimise: true,
    verifyGlue: false,
    aggressive: true,
    ipv4: true,
    ipv6: true,
    mayAskLoopback: false,
    ttlMinS: 0,
    ttlMaxS: 86400,
    negativeTtlMinS: 0,
    negativeTtlMaxS: 3600,
    prefetch: false,
    stale: newStaleDraft(),
    anchors: [],
    insecure: [],
    nsec3IterationsMax: NSEC3_ITERATIONS_MAX,
    demand: undefined,
    wallS: undefined,
    hasValidator: true,
    allow: [
      { ip: Uint8Array.of(127, 0, 0, 0), bits: 8 },
      { ip: ipFromText("::1")!, bits: 128 },
    ],
    refuse: [],
    drop: [],
    answersWithoutRd: false,
    privateAddresses: { networks: [], exempt: [] },
    identity: undefined,
    isIdentityHidden: false,
    version: undefined,
    isVersionHidden: false,
    lacking: new Set(),
    clause: "server",
    zone: undefined,
  };
}
