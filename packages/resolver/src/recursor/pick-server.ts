/**
 * Whom to ask next among the servers of a zone.
 *
 * The fastest by measured round-trip time is asked, or one that is nearly as fast: chance among
 * these makes replies harder to spoof (RFC 5452 §9.3) and spreads the load. Now and then another
 * is asked, so that a server that has become faster is found. Servers that seem dead come late,
 * those that were lame for the zone last of all; a family without a route is not asked.
 */
import { equalBytes } from "@lethe/wire/bytes.ts";
import type { ServerAddress } from "../base/address.ts";
import { limits } from "../base/limits.ts";
import { startsWithBits } from "../privacy/networks.ts";
import { below } from "../base/random.ts";
import { type Delegation, configuredFor } from "./delegation.ts";
import type { AddressRange } from "./options.ts";
import type { Trail } from "./trail.ts";

const BAND_MS = limits.rttBandMs.value;
const UNKNOWN_RTT_MS = limits.rttUnknownMs.value;
const EXPLORE_ONE_IN = limits.exploreOneIn.value;
const TRIES_MAX = limits.triesPerServerMax.value;

/**
 * How often each server was asked in one exchange; `excluded` servers are not asked again.
 *
 * PERF: a short list, looked through: an exchange rarely asks more than two servers.
 */
export class Tried {
  /** PERF: begins with its first server, so that it takes one place and not seventeen. */
  #servers: { readonly server: ServerAddress; tries: number }[] | undefined;

  count(server: ServerAddress): number {
    return this.#find(server)?.tries ?? 0;
  }

  add(server: ServerAddress): void {
    this.#set(server, this.count(server) + 1);
  }

  exclude(server: ServerAddress): void {
    this.#set(server, TRIES_MAX);
  }

  #set(server: ServerAddress, tries: number): void {
    const known = this.#find(server);
    if (known !== undefined) known.tries = tries;
    else if (this.#servers === undefined) this.#servers = [{ server, tries }];
    else this.#servers.push({ server, tries });
  }

  #find({ ip, port }: ServerAddress): { tries: number } | undefined {
    if (this.#servers === undefined) return undefined;
    for (const tried of this.#servers) {
      const { server } = tried;
      if (server.port === port && (server.ip === ip || equalBytes(server.ip, ip))) return tried;
    }
    return undefined;
  }
}

interface Candidate {
  readonly server: ServerAddress;
  /** Tries so far; a server that seems dead stands behind those with two. */
  readonly turn: number;
  readonly rttMs: number;
}

/** How far back in the order a server stands that seems dead. */
const DOWN_TURNS = 2;

/** One that told something bogus stands behind those, and its reply may have been another's. */
const DISTRUSTED_TURNS = DOWN_TURNS + TRIES_MAX;

/**
 * The server to ask next, or undefined where every known address was tried or cannot be.
 *
 * `lame`: those that were found lame for the zone are asked now, once each. Nobody else is left,
 * and a server that refuses one question may answer another.
 */
export function pickServer(
  delegation: Delegation,
  tried: Tried,
  lame: boolean,
  trail: Trail,
): ServerAddress | undefined {
  const candidates = usableServers(delegation, tried, lame, trail);
  if (candidates.length < 2) return candidates[0]?.server;
  let turn = Number.POSITIVE_INFINITY;
  for (const candidate of candidates) turn = Math.min(turn, candidate.turn);
  let among = 0;
  let fastestMs = Number.POSITIVE_INFINITY;
  for (const candidate of candidates) {
    if (candidate.turn !== turn) continue;
    among++;
    fastestMs = Math.min(fastestMs, candidate.rttMs);
  }
  if (among === 1) return candidates.find((one) => one.turn === turn)?.server;
  let withinMs = Number.POSITIVE_INFINITY;
  if (below(trail.random, EXPLORE_ONE_IN) !== 0) {
    withinMs = fastestMs + BAND_MS;
    among = 0;
    for (const { turn: own, rttMs } of candidates) if (own === turn && rttMs <= withinMs) among++;
  }
  let left = below(trail.random, among);
  return candidates.find((one) => one.turn === turn && one.rttMs <= withinMs && left-- === 0)
    ?.server;
}

function usableServers(
  delegation: Delegation,
  tried: Tried,
  lame: boolean,
  trail: Trail,
): Candidate[] {
  const { servers } = trail.memory;
  const { nowMs, options, distrusted } = trail;
  const candidates: Candidate[] = [];
  const consider = (server: ServerAddress): void => {
    const tries = tried.count(server);
    if (tries >= TRIES_MAX) return;
    if (servers.isLame(server, delegation.zone, nowMs) !== lame) return;
    const isDown = servers.isDown(server, nowMs);
    // A server that seems dead gets one chance in an exchange, not all.
    if ((isDown || lame) && tries > 0) return;
    const rttMs = servers.rttMs(server, nowMs) ?? UNKNOWN_RTT_MS;
    let turn = isDown ? tries + DOWN_TURNS : tries;
    if (distrusted !== undefined && isAmong(server, distrusted)) turn += DISTRUSTED_TURNS;
    candidates.push({ server, turn, rttMs });
  };
  for (const server of delegation.configured?.servers ?? []) {
    if (isNeverAsked(server.ip, options.neverAsk)) continue;
    if (servers.hasRoute(server.ip.length === 4 ? 4 : 16, nowMs)) consider(server);
  }
  const loopback = mayBeOnLoopback(delegation, trail);
  for (const target of delegation.targets) {
    for (const ip of target.ips) {
      if (mayAsk(ip, trail, loopback)) consider({ ip, port: options.upstreamPort });
    }
  }
  return candidates;
}

/**
 * Says whether a delegation's servers may be at loopback addresses: by the settings, or where it
 * lies below a stub zone that the operator serves there himself.
 */
export function mayBeOnLoopback({ zone }: Delegation, trail: Trail): boolean {
  if (trail.options.mayAskLoopback) return true;
  const configured = configuredFor(zone, trail);
  return configured?.servers.some(({ ip }) => isLoopback(ip)) === true;
}

function isLoopback(ip: Uint8Array): boolean {
  if (ip.length === 4) return ip[0] === 127;
  return ip[15] === 1 && ip.subarray(0, 15).every((byte) => byte === 0);
}

function isAmong({ ip, port }: ServerAddress, servers: readonly ServerAddress[]): boolean {
  return servers.some((other) => other.port === port && equalBytes(other.ip, ip));
}

/** Says whether an address may be asked at all: a usable family, and no special-purpose address. */
export function mayAsk(
  ip: Uint8Array,
  trail: Trail,
  loopback: boolean = trail.options.mayAskLoopback,
): boolean {
  const { options, memory, nowMs } = trail;
  if (isNeverAsked(ip, options.neverAsk)) return false;
  const isV4 = ip.length === 4;
  if (isV4 ? !options.ipv4 : !options.ipv6) return false;
  if (!memory.servers.hasRoute(isV4 ? 4 : 16, nowMs)) return false;
  return isV4 ? mayAskV4(ip, loopback) : mayAskV6(ip, loopback);
}

function isNeverAsked(ip: Uint8Array, ranges: readonly AddressRange[] = []): boolean {
  for (const range of ranges) {
    if (range.ip.length === ip.length && startsWithBits(ip, 0, range.ip, range.bits)) return true;
  }
  return false;
}

/** This-network, loopback, multicast and reserved addresses serve nobody (RFC 6890 §2.2.2). */
function mayAskV4(ip: Uint8Array, loopback: boolean): boolean {
  const first = ip[0]!;
  if (first === 127) return loopback;
  return first !== 0 && first < 224;
}

/** Unspecified, loopback, mapped and multicast addresses serve nobody (RFC 6890 §2.2.3). */
function mayAskV6(ip: Uint8Array, loopback: boolean): boolean {
  if (ip[0] === 0xff) return false;
  for (let i = 0; i < 10; i++) if (ip[i] !== 0) return true;
  return isLoopback(ip) && loopback;
}
