/**
 * Looks whether a zone that is taken as unsigned would validate again (RFC 7646 §4): its SOA, from
 * the trust anchors down, as if there were no negative trust anchor.
 *
 * It is resolved in a mesh of its own with empty caches, so nothing of it reaches a client.
 */
import { rrClass, rrType } from "@lethe/wire/codes.ts";
import type { Name } from "@lethe/wire/name.ts";
import { limits } from "../base/limits.ts";
import type { TrustAnchor } from "../dnssec/anchor.ts";
import type { Verifier, World } from "./effect.ts";
import { newMemory } from "./memory.ts";
import { Mesh } from "./mesh.ts";
import type { RecursorOptions } from "./options.ts";

const CACHE_BYTES = limits.storeBytesMin.value;
const ENTRIES = 256;

/** What a probe is made with: a recursor's parts. */
export interface ProbeParts {
  readonly options: RecursorOptions;
  readonly anchors: readonly TrustAnchor[];
  readonly world: World;
  readonly verifier: Verifier | undefined;
}

/** Tells whether the zone validates, or is proven to be unsigned. */
export function probeZone(zone: Name, parts: ProbeParts, done: (validates: boolean) => void): void {
  const { anchors, world, verifier } = parts;
  const { trace: _, ...options } = parts.options;
  const { insecure = [], trustsSha1 = false, demand } = options.validation ?? {};
  const validation = { anchors, insecure, trustsSha1, demand };
  const rrsets = { sizeBytes: CACHE_BYTES, ttlMinS: 0, ttlMaxS: 3600, negativeTtlMaxS: 3600 };
  const sizes = { rrsets, servers: ENTRIES, failures: ENTRIES, chains: ENTRIES };
  const mesh = new Mesh(
    { ...options, validation, fetchAhead: false },
    world,
    newMemory(sizes, world.random),
    verifier === undefined ? {} : { verifier },
  );
  mesh.request({ name: zone, type: rrType.SOA, class: rrClass.IN }, (outcome) => {
    const isAnswered = outcome.kind === "answered";
    done(isAnswered && (outcome.verdict === "secure" || outcome.verdict === "insecure"));
  });
}
