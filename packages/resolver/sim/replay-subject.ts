/** The resolver under test behind its door, in a virtual world: bytes in, bytes out. */
import { type Name, ROOT } from "@lethe/wire/name.ts";
import type { RecordSet } from "@lethe/wire/record.ts";
import type { TrustAnchor } from "../src/dnssec/anchor.ts";
import type { KeyWatcher } from "../src/dnssec/beliefs.ts";
import { Client } from "../src/privacy/client.ts";
import type { World } from "../src/recursor/effect.ts";
import type { ConfiguredZone, RootHint, TraceStep, Validation } from "../src/recursor/options.ts";
import type { ClientNetwork } from "../src/serve/admit.ts";
import type { LocalZone } from "../src/serve/local-zones.ts";
import type { PrivateOptions } from "../src/serve/private-addresses.ts";
import { Resolver } from "../src/serve/resolver.ts";
import type { StaleOptions } from "../src/serve/slow.ts";
import type { ViewOptions } from "../src/serve/views.ts";
import { TAKEN } from "../src/transports/door.ts";
import type { ScenarioCopy } from "./scenario-copies.ts";
import { SimVerifier } from "./verifier.ts";

const CACHE_BYTES = 1 << 20;
const CLIENT_PORT = 5353;
const DNS_PORT = 53;
const FRAME_BYTES = 65535;
const UDP_FRAME_BYTES = 4096;
const TCP_IDLE_S = 10;

export interface SubjectOptions {
  readonly rootHints: readonly RootHint[];
  readonly configuredZones: readonly ConfiguredZone[];
  readonly localZones?: readonly LocalZone[];
  /** Copies of zones that are there from the beginning. */
  readonly copies?: readonly ScenarioCopy[];
  readonly views?: readonly ViewOptions[];
  readonly overTcp?: boolean;
  readonly neverAsk?: readonly ClientNetwork[];
  readonly reportErrors?: boolean;
  readonly nsid?: Uint8Array | undefined;
  readonly idleS?: number | undefined;
  readonly minimise: boolean;
  readonly verifyGlue: boolean;
  readonly aggressive: boolean;
  readonly caseRandomisation: boolean;
  readonly ipv4: boolean;
  readonly ipv6: boolean;
  readonly mayAskLoopback: boolean;
  readonly fetchAhead: boolean;
  readonly ttlMinS: number;
  readonly ttlMaxS: number;
  readonly negativeTtlMinS?: number;
  readonly negativeTtlMaxS: number;
  readonly prefetch?: boolean;
  readonly stale?: StaleOptions | undefined;
  readonly allow: readonly ClientNetwork[];
  readonly refuse: readonly ClientNetwork[];
  readonly drop?: readonly ClientNetwork[];
  readonly answersWithoutRd: boolean;
  readonly privateAddresses?: PrivateOptions;
  readonly identity: string | undefined;
  readonly version: string | undefined;
  /** Undefined: answers are not validated. */
  readonly validation: Validation | undefined;
  readonly trace: ((step: TraceStep) => void) | undefined;
}

export interface ClientQuestion {
  readonly message: Uint8Array;
  readonly transport: "udp" | "tcp";
  /** The client's address, of four or sixteen bytes. */
  readonly ip: Uint8Array;
}

export class Subject {
  readonly #resolver: Resolver;
  readonly #frame = new Uint8Array(FRAME_BYTES);
  readonly #idleS: number;

  /** `onKeys` hears the keys of zones with a trust anchor. */
  constructor(world: World, options: SubjectOptions, onKeys?: KeyWatcher) {
    const { ttlMinS: minS, ttlMaxS: maxS, negativeTtlMaxS: negativeMaxS } = options;
    const { trace, validation } = options;
    this.#idleS = options.idleS ?? TCP_IDLE_S;
    const { rootHints, minimise, verifyGlue, caseRandomisation, ipv4, ipv6 } = options;
    this.#resolver = new Resolver(
      {
        recursor: {
          rootHints,
          configuredZones: options.configuredZones,
          upstreamPort: DNS_PORT,
          minimise,
          verifyGlue,
          aggressive: options.aggressive,
          overTcp: options.overTcp === true,
          neverAsk: options.neverAsk ?? [],
          reportErrors: options.reportErrors === true,
          caseRandomisation,
          ipv4,
          ipv6,
          mayAskLoopback: options.mayAskLoopback,
          fetchAhead: options.fetchAhead,
          negativeTtlMinS: options.negativeTtlMinS ?? 0,
          negativeTtlMaxS: negativeMaxS,
          ...(validation === undefined ? {} : { validation }),
          ...(trace === undefined ? {} : { trace }),
        },
        admit: {
          allow: options.allow,
          refuse: options.refuse,
          drop: options.drop ?? [],
          others: "refuse",
        },
        slow: {
          identity: { server: options.identity, version: options.version, nsid: options.nsid },
          bounds: { minS, maxS, negativeMaxS },
          // The scenarios' own resolvers tell all; Lethe's short answer has tests of its own.
          anyType: "all",
          recursionWithoutRd: options.answersWithoutRd ? "answer" : "refuse",
          // The virtual Internet has every name; `local` and its kin are asked for like others.
          ownZones: [ROOT],
          localZones: options.localZones ?? [],
          ...(options.privateAddresses && { privateAddresses: options.privateAddresses }),
        },
        prefetch: options.prefetch === true,
        ...(options.stale === undefined ? {} : { stale: options.stale }),
        ...(options.views === undefined ? {} : { views: options.views }),
        cacheBytes: CACHE_BYTES,
      },
      world,
      new SimVerifier(world),
      onKeys === undefined ? {} : { onKeys },
    );
    for (const { zone, packed } of options.copies ?? []) {
      this.#resolver.useCopy(zone, packed, Number.POSITIVE_INFINITY);
    }
  }

  /** Believes these trust anchors from now on. */
  believe(anchors: readonly TrustAnchor[]): void {
    this.#resolver.believe(anchors);
  }

  /** Gets the keys of a zone from its servers. */
  lookAtKeys(zone: Name, done: (keySet: RecordSet | undefined) => void): void {
    this.#resolver.lookAtKeys(zone, done);
  }

  /** Questions that are being resolved. */
  get tasksRunning(): number {
    return this.#resolver.tasksRunning;
  }

  /** Asks as a client does; `done` is called once, with nothing where the question is dropped. */
  ask(question: ClientQuestion, done: (answer: Uint8Array | undefined) => void): void {
    const { message, transport, ip } = question;
    const frame = this.#frame;
    frame.set(message);
    const capacity = transport === "udp" ? UDP_FRAME_BYTES : frame.length;
    const length = this.#resolver.ask(frame, 0, message.length, capacity, {
      transport,
      listener: 0,
      client: Client.at(ip, CLIENT_PORT),
      idleTimeoutS: transport === "tcp" ? this.#idleS : 0,
      later: () => (answer) => done(answer?.slice()),
    });
    if (length === TAKEN) return;
    done(length < 0 ? undefined : frame.slice(0, length));
  }
}
