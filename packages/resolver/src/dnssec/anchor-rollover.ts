/**
 * Trust anchors that follow their zone's rollovers by themselves (RFC 5011).
 *
 * Each key of a trust point is in a state; what is seen in the zone's DNSKEY set, and time, move
 * it along `NEXT`. The caller asks for the set when `nextLookS` is reached, hands it in, and keeps
 * what comes back. A zone all of whose keys were revoked is trusted no more, for ever: it becomes
 * insecure (RFC 5011 §5).
 */
import { setU16 } from "@lethe/wire/bytes.ts";
import type { Name } from "@lethe/wire/name.ts";
import type { RecordSet } from "@lethe/wire/record.ts";
import { assert } from "../base/assert.ts";
import { limits } from "../base/limits.ts";
import { usableDs } from "./ds.ts";
import { type Trust, isNamed } from "./judge-keys.ts";
import { judgeSet } from "./judge-set.ts";
import type { Judging, Terms } from "./judging.ts";
import { type DnsKey, isRevoked, isSep, isZoneKey, keyFlag, parseKey } from "./key.ts";

const ADD_HOLD_DOWN_S = limits.anchorAddHoldDownS.value;
const REMOVE_HOLD_DOWN_S = limits.anchorRemoveHoldDownS.value;
const MISSING_KEEP_S = limits.anchorMissingKeepS.value;
const KEYS_MAX = limits.anchorKeysMax.value;
const ZONE_KEYS_MAX = limits.keysPerZoneMax.value;
const SEEN_MIN = limits.anchorSightingsMin.value;
const LOOK_MIN_S = limits.anchorQueryMinS.value;
const LOOK_MAX_S = limits.anchorQueryMaxS.value;
const RETRY_MAX_S = limits.anchorRetryMaxS.value;

/** The states of RFC 5011 §4.2; a key in `start` or `removed` is not kept at all. */
export type AnchorState = "start" | "add-pending" | "valid" | "missing" | "revoked" | "removed";

/** The events of RFC 5011 §4.1, and one of ours: a missing key is waited for no longer. */
export type AnchorEvent =
  | "new-key"
  | "key-present"
  | "key-removed"
  | "add-time"
  | "remove-time"
  | "revoke-bit"
  | "given-up";

/** The state table (RFC 5011 §4). An event without a row leaves the state as it is. */
export const NEXT: Readonly<Record<AnchorState, Partial<Record<AnchorEvent, AnchorState>>>> = {
  start: { "new-key": "add-pending" },
  "add-pending": { "key-removed": "start", "add-time": "valid", "revoke-bit": "removed" },
  valid: { "key-removed": "missing", "revoke-bit": "revoked" },
  missing: { "key-present": "valid", "revoke-bit": "revoked", "given-up": "removed" },
  revoked: { "remove-time": "removed" },
  removed: {},
};

export interface AnchorKey {
  /** The key without its revoke bit. */
  readonly key: DnsKey;
  readonly state: AnchorState;
  /** When it came into this state; for a revoked key, when it was last seen. Seconds since 1970. */
  readonly changedS: number;
  /** How many proven key sets held it since it is pending. */
  readonly sightings: number;
}

/** A zone whose keys are followed. */
export interface TrustPoint {
  readonly zone: Name;
  /** What was configured. */
  readonly start: Trust;
  /** What was configured and has not been seen in a proven key set: trusted until it is. */
  readonly unseen: Trust;
  /** The keys that are followed; none before the first proven set. */
  readonly keys: readonly AnchorKey[];
  /** When the keys were last looked at, in seconds since 1970; 0: never. */
  readonly lookedS: number;
  /** When a key set was last proven; 0: never. */
  readonly provenS: number;
  /** When the keys should be looked at again. */
  readonly nextLookS: number;
  /** Seconds that the last proven set was good for. */
  readonly ttlS: number;
}

/** A trust point that begins with a configured anchor, to be looked at once. */
export function newTrustPoint(zone: Name, start: Trust, nowS: number): TrustPoint {
  const times = { lookedS: 0, provenS: 0, nextLookS: nowS, ttlS: 0 };
  return { zone, start, unseen: start, keys: [], ...times };
}

/** What is believed of the zone now; nothing at all where every key was revoked. */
export function trustAt({ unseen, keys }: TrustPoint): Trust {
  return { ds: unseen.ds, keys: [...trustedOf(keys), ...unseen.keys] };
}

/** Says whether every key was revoked: the zone counts as one that was never configured. */
export function isDeleted(point: TrustPoint): boolean {
  const { ds, keys } = trustAt(point);
  return ds.length === 0 && keys.length === 0;
}

function trustedOf(keys: readonly AnchorKey[]): DnsKey[] {
  return keys.filter(({ state }) => isTrusted(state)).map(({ key }) => key);
}

function isTrusted(state: AnchorState): boolean {
  return state === "valid" || state === "missing";
}

/**
 * Moves a trust point on by a key set that its zone's servers gave; no records: none came.
 *
 * A revocation counts if the revoked key has signed the set, whoever else did (RFC 5011 §2.1).
 * All else counts only where a trusted key has.
 */
export function* lookAtKeys(point: TrustPoint, set: RecordSet, terms: Terms): Judging<TrustPoint> {
  const { nowS } = terms;
  assert(nowS !== undefined, "trust anchors roll over by the clock");
  const { zone } = point;
  const all = set.rdatas.slice(0, ZONE_KEYS_MAX).map(parseKey);
  const parsed = all.filter((key) => key !== undefined);
  const revoked = yield* selfRevoked(point, parsed, set, terms);
  const left = withoutRevoked({ ...point, lookedS: nowS }, revoked, nowS);
  if (isDeleted(left)) return { ...left, provenS: nowS, nextLookS: nowS + LOOK_MAX_S };
  const ripe = left.keys.map((one) => ripened(one, point.ttlS, nowS));
  const present = parsed.filter((key) => isZoneKey(key) && !isRevoked(key));
  const unseen = { ...left.unseen, ds: usableDs(left.unseen.ds, terms.trustsSha1) };
  const vouched = present.filter((key) => isNamed(zone, unseen, key));
  const trusted = [...trustedOf(ripe), ...vouched];
  const judged = yield* judgeSet(set, { zone, keys: trusted }, terms);
  if (judged.kind === "bogus") return lookAgain(left, nowS);
  return proven(begun({ ...left, keys: ripe }, vouched, present, nowS), present, judged.ttlS, nowS);
}

/** Says whether a key set holds a key that is trusted, marked as revoked. */
export function mayRevoke(point: TrustPoint, set: RecordSet): boolean {
  const keys = set.rdatas.slice(0, ZONE_KEYS_MAX).map(parseKey);
  return keys.some((key) => key !== undefined && isRevoked(key) && isBelieved(point, key));
}

/** Says whether a key is trusted, marked as revoked or not. */
function isBelieved({ zone, unseen, keys }: TrustPoint, key: DnsKey): boolean {
  const trusted = trustedOf(keys).some((one) => isSameKey(one, key));
  return trusted || isNamed(zone, unseen, withoutRevokeBit(key));
}

/** Takes trust from the keys that revoked themselves, and remembers them. */
function withoutRevoked(point: TrustPoint, revoked: readonly DnsKey[], nowS: number): TrustPoint {
  if (revoked.length === 0) return point;
  const isGone = ({ key }: AnchorKey): boolean => revoked.some((one) => isSameKey(one, key));
  const keys = point.keys.map((one) => (isGone(one) ? moved(one, "revoke-bit", nowS) : one));
  const unknown = revoked.filter((key) => !point.keys.some((one) => isSameKey(one.key, key)));
  const plain = unknown.map(withoutRevokeBit);
  const remembered = plain.map((key) => validKey(key, "revoked", nowS));
  return { ...point, unseen: without(point, plain), keys: [...kept(keys), ...remembered] };
}

/** What was configured and not seen yet, without these keys. */
function without({ zone, unseen }: TrustPoint, keys: readonly DnsKey[]): Trust {
  return {
    ds: unseen.ds.filter((ds) => !keys.some((key) => isNamed(zone, { ds: [ds], keys: [] }, key))),
    keys: unseen.keys.filter((one) => !keys.some((key) => isSameKey(one, key))),
  };
}

/** Takes up keys that the configuration names and a proven set holds: they need not wait. */
function begun(
  point: TrustPoint,
  vouched: readonly DnsKey[],
  present: readonly DnsKey[],
  nowS: number,
): TrustPoint {
  if (vouched.length === 0) return point;
  const named = vouched.filter(isSep);
  // Where the anchor is no secure entry point itself, those that it has signed take its place.
  const entries = named.length > 0 || point.keys.length > 0 ? named : present.filter(isSep);
  if (entries.length === 0) return point;
  const others = point.keys.filter(({ key }) => !entries.some((one) => isSameKey(one, key)));
  const keys = [...others, ...entries.map((key) => validKey(key, "valid", nowS))];
  return { ...point, unseen: without(point, vouched), keys };
}

function validKey(key: DnsKey, state: AnchorState, nowS: number): AnchorKey {
  return { key, state, changedS: nowS, sightings: 0 };
}

/** The look failed: soon again (RFC 5011 §2.3). */
function lookAgain(point: TrustPoint, nowS: number): TrustPoint {
  const retryS = Math.max(LOOK_MIN_S, Math.min(RETRY_MAX_S, point.ttlS / 10));
  return { ...point, nextLookS: nowS + Math.floor(retryS) };
}

/** Moves all keys on by a set that a trusted key has signed. */
function proven(
  point: TrustPoint,
  present: readonly DnsKey[],
  ttlS: number,
  nowS: number,
): TrustPoint {
  const before = point.keys;
  const seen = before.map((one) => afterSight(one, present, nowS));
  const aged = seen.map((one) => afterTime(one, seen, ttlS, nowS));
  const isKnown = (key: DnsKey): boolean => before.some((one) => isSameKey(one.key, key));
  const fresh = present.filter((key) => isSep(key) && !isKnown(key));
  const pending = fresh.map((key) => pendingKey(key, nowS));
  const keys = [...kept(aged), ...pending].slice(0, KEYS_MAX);
  const lookS = Math.max(LOOK_MIN_S, Math.min(LOOK_MAX_S, ttlS / 2));
  return { ...point, keys, provenS: nowS, nextLookS: nowS + Math.floor(lookS), ttlS };
}

/** The trusted keys of the set that revoke themselves: marked so, and signed with themselves. */
function* selfRevoked(
  point: TrustPoint,
  keys: readonly DnsKey[],
  set: RecordSet,
  terms: Terms,
): Judging<DnsKey[]> {
  const { zone } = point;
  const found: DnsKey[] = [];
  for (const key of keys) {
    if (!isRevoked(key) || !isFollowed(point, key)) continue;
    // The tag counts the bit, so the key signs under the tag that it has in this set.
    const signer = { ...key, flags: key.flags & ~keyFlag.revoke };
    const judged = yield* judgeSet(set, { zone, keys: [signer] }, terms);
    if (judged.kind === "secure") found.push(key);
  }
  return found;
}

/** Says whether something is known of a key, marked as revoked or not. */
function isFollowed(point: TrustPoint, key: DnsKey): boolean {
  return isBelieved(point, key) || point.keys.some((one) => isSameKey(one.key, key));
}

function pendingKey(key: DnsKey, nowS: number): AnchorKey {
  const unseen: AnchorKey = { key, state: "start", changedS: nowS, sightings: 1 };
  return moved(unseen, "new-key", nowS);
}

function afterSight(one: AnchorKey, present: readonly DnsKey[], nowS: number): AnchorKey {
  const isPresent = present.some((key) => isSameKey(key, one.key));
  // A revoked key that comes back unmarked stays revoked, and is remembered for longer.
  if (one.state === "revoked") return isPresent ? { ...one, changedS: nowS } : one;
  if (!isPresent) return moved(one, "key-removed", nowS);
  const sightings = one.state === "add-pending" ? one.sightings + 1 : 0;
  return { ...moved(one, "key-present", nowS), sightings };
}

function afterTime(
  one: AnchorKey,
  all: readonly AnchorKey[],
  ttlS: number,
  nowS: number,
): AnchorKey {
  const ageS = nowS - one.changedS;
  switch (one.state) {
    case "add-pending":
      return ripened(one, ttlS, nowS);
    case "revoked":
      return ageS >= REMOVE_HOLD_DOWN_S ? moved(one, "remove-time", nowS) : one;
    case "missing": {
      const hasOther = all.some(({ state }) => state === "valid");
      return hasOther && ageS >= MISSING_KEEP_S ? moved(one, "given-up", nowS) : one;
    }
    default:
      return one;
  }
}

/**
 * A pending key whose hold-down has passed is valid, for the set that is looked at too (RFC 5011
 * §4.2): its predecessor may be gone from it.
 */
function ripened(one: AnchorKey, ttlS: number, nowS: number): AnchorKey {
  if (one.state !== "add-pending" || one.sightings < SEEN_MIN) return one;
  const holdDownS = Math.max(ADD_HOLD_DOWN_S, ttlS);
  return nowS - one.changedS < holdDownS ? one : { ...moved(one, "add-time", nowS), sightings: 0 };
}

/** The key in the state that an event leads to. A revoked key that is seen again was seen now. */
function moved(one: AnchorKey, event: AnchorEvent, nowS: number): AnchorKey {
  const next = NEXT[one.state][event];
  if (next !== undefined) return { ...one, state: next, changedS: nowS };
  return event === "revoke-bit" ? { ...one, changedS: nowS } : one;
}

function kept(keys: readonly AnchorKey[]): AnchorKey[] {
  return keys.filter(({ state }) => state !== "start" && state !== "removed");
}

/** Says whether two keys are one, marked as revoked or not. */
function isSameKey(a: DnsKey, b: DnsKey): boolean {
  const first = withoutRevokeBit(a).rdata;
  const second = withoutRevokeBit(b).rdata;
  return first.length === second.length && first.every((octet, i) => octet === second[i]);
}

function withoutRevokeBit(key: DnsKey): DnsKey {
  if (!isRevoked(key)) return key;
  const rdata = key.rdata.slice();
  setU16(rdata, 0, key.flags & ~keyFlag.revoke);
  const parsed = parseKey(rdata);
  assert(parsed !== undefined, "a key stays a key without its revoke bit");
  return parsed;
}
