/**
 * Hostile worlds: from one number a tree of zones, servers with good and bad manners, a network
 * that loses and forges, and clients that ask. What they are told is checked. In some worlds zones
 * are signed, well or badly; some are kind, and there nothing may fail.
 *
 * The same number makes the same world and the same run, so a failure is replayed by its seed.
 */
import { classToText, typeToText } from "@lethe/wire/codes-text.ts";
import type { Name } from "@lethe/wire/name.ts";
import { nameToText } from "@lethe/wire/name-text.ts";
import type { Question } from "@lethe/wire/question.ts";
import { ipFromText, serverToText } from "../src/base/address.ts";
import type { RootHint, TraceStep } from "../src/recursor/options.ts";
import { type Conversation, wrongAfterwards, wrongInConversation } from "./checks.ts";
import { ASKING_MS, CLIENT_IP, Clients } from "./hostile-clients.ts";
import { HostileHost, MANNERS, authorityZone } from "./hostile-host.ts";
import { Reach } from "./hostile-reach.ts";
import { HostileSigning, SIGNED_AT_S } from "./hostile-signing.ts";
import { type Tree, type TreeZone, below, isWithin, makeTree, nameOf } from "./hostile-tree.ts";
import { type Link, SimWorld } from "./net.ts";
import { rightAnswer } from "./reference.ts";
import type { Verdict } from "./replay-file.ts";
import { Subject } from "./replay-subject.ts";
import { Dice } from "./seeded.ts";
import type { Zone } from "./zone.ts";

/** Long after the last client was answered nothing may be left to happen. */
const QUIET_MS = 60_000;

/** Proofs cost questions and time of their own. */
const SURE_SHARE_SIGNED = 0.5;

/** A server this slow, or one whose link loses packets, is not counted on. */
const SURE_RTT_MS = 300;

/** Makes the world of a seed, lets clients ask in it, and says what was wrong. */
export function playHostile(seed: number, tell?: (line: string) => void): Verdict {
  const dice = new Dice(seed);
  const tree = makeTree(dice);
  const signing = isSigned(seed) ? new HostileSigning(tree, new Dice(seed)) : undefined;
  const hosts = makeHosts(tree, signing, isKind(seed), dice);
  const world = new SimWorld(dice, hosts, signing === undefined ? undefined : SIGNED_AT_S);
  const hasIpv6 = dice.chance(0.5);
  const subject = new Subject(world, {
    rootHints: hintsOf(tree.root),
    minimise: dice.chance(0.8),
    configuredZones: [],
    verifyGlue: false,
    aggressive: true, // the detours that it takes have bounds of their own
    caseRandomisation: dice.chance(0.8),
    ipv4: true,
    ipv6: hasIpv6,
    mayAskLoopback: false,
    fetchAhead: dice.chance(0.5),
    ttlMinS: 0,
    ttlMaxS: 86400,
    negativeTtlMaxS: 3600,
    allow: [{ ip: CLIENT_IP, bits: 32 }],
    refuse: [],
    answersWithoutRd: false,
    identity: undefined,
    version: undefined,
    validation: signing && { anchors: [signing.anchor], insecure: [], trustsSha1: false },
    trace: tell === undefined ? undefined : traceTo(tell, world),
  });
  if (tell !== undefined) tellServers(tree, hosts, tell);
  const clients = new Clients(world, subject, signing !== undefined);
  clients.ask(tree, dice);
  world.time.runUntil(ASKING_MS + QUIET_MS);
  clients.askAgain(tree);
  world.time.runUntil(world.nowMs() + QUIET_MS);
  const { conversations } = clients;
  const manners = {
    worksAt: (ip: string) => (hasIpv6 || !ip.includes(":") ? sureRtt(hosts.get(ip)) : undefined),
    lacksProofs: (zone: TreeZone) =>
      signing?.needsProofs(zone) === true && zoneIps(zone).some((ip) => isOld(hosts.get(ip)!)),
  };
  const reach = new Reach(tree, manners, signing === undefined ? 1 : SURE_SHARE_SIGNED);
  const found = wrongs(conversations, tree, reach, signing);
  const after = wrongAfterwards(
    {
      tasksRunning: subject.tasksRunning,
      eventsWaiting: world.time.waiting,
      asks: world.counters.asks,
    },
    conversations.length,
  );
  if (after !== undefined) found.push(after);
  if (found.length === 0) return { kind: "pass", asks: world.counters.asks, unmatched: 0 };
  found.push(`lethe replay --seed ${seed} --trace`);
  return { kind: "fail", step: undefined, why: found[0]!, difference: found, unmatched: 0 };
}

/** One world in four has signed zones. */
function isSigned(seed: number): boolean {
  return seed % 4 === 2;
}

/** In one world in four, signed or not, all servers are good and the network is too. */
function isKind(seed: number): boolean {
  return seed % 8 === 5 || seed % 8 === 6;
}

function wrongs(
  conversations: readonly Conversation[],
  tree: Tree,
  reach: Reach,
  signing: HostileSigning | undefined,
): string[] {
  return conversations.flatMap((one) => {
    const right = rightAnswer(tree, reach, one.name, one.type, signing);
    const why = wrongInConversation(one, right);
    return why === undefined ? [] : [`${one.name} ${one.type} at ${one.askedMs} ms ${why}`];
  });
}

function sureRtt(host: HostileHost | undefined): number | undefined {
  if (host === undefined || !host.manners.works) return undefined;
  const { lossShare, rttMs, jitterMs } = host.link;
  const slowestMs = rttMs + 2 * jitterMs;
  return lossShare === 0 && slowestMs <= SURE_RTT_MS ? slowestMs : undefined;
}

function zoneIps(zone: TreeZone): string[] {
  return zone.servers.flatMap((server) => server.ips);
}

/** Answers without proofs to those who leave EDNS away for it. */
function isOld({ manners }: HostileHost): boolean {
  return manners.behaviours.some(({ kind }) => OLD.has(kind));
}

const OLD: ReadonlySet<string> = new Set(["formerr-on-edns", "ignores-edns", "drops-edns"]);

/** One host an address, each with manners and a link of its own. */
function makeHosts(
  tree: Tree,
  signing: HostileSigning | undefined,
  areKind: boolean,
  dice: Dice,
): Map<string, HostileHost> {
  const hosts = new Map<string, HostileHost>();
  for (const zone of tree.zones) {
    let made: Zone | undefined;
    const served = (): Zone => (made ??= authorityZone(zone, signing));
    for (const ip of zoneIps(zone)) {
      // A world whose root cannot be reached has nothing to tell: one server of it is good.
      const isGood = areKind || hosts.size === 0;
      const manners = isGood ? MANNERS[0]![1] : dice.weighted(MANNERS);
      const names = manners.poisons ? victims(zone, tree) : [];
      const link = isGood ? GOOD_LINK : aLink(dice);
      hosts.set(ip, new HostileHost(manners, link, served, names, dice));
    }
  }
  return hosts;
}

/** Names outside a zone, of which its servers have nothing to say: its siblings and theirs. */
function victims(zone: TreeZone, tree: Tree): Name[] {
  if (zone.parent === undefined) return []; // nothing is outside
  const others = tree.zones.filter((one) => !isWithin(one.apex, zone.apex));
  const names = others.map((one) => below("host1", one.apex));
  return ["nobody.invalid.", ...names].map((one) => nameOf(one));
}

const GOOD_LINK: Link = {
  rttMs: 30,
  jitterMs: 5,
  lossShare: 0,
  duplicateShare: 0,
  spoofShare: 0,
};

function aLink(dice: Dice): Link {
  const isClean = dice.chance(0.7);
  return {
    rttMs: dice.weighted([
      [6, dice.between(2, 60)],
      [3, dice.between(60, 250)],
      [0.5, dice.between(250, 2500)],
    ]),
    jitterMs: dice.pick([0, 5, 20]),
    lossShare: isClean ? 0 : dice.between(1, 30) / 100,
    duplicateShare: dice.chance(0.3) ? 0.2 : 0,
    spoofShare: dice.chance(0.2) ? 0.5 : 0,
  };
}

function hintsOf(root: TreeZone): RootHint[] {
  return root.servers.map((server) => ({
    name: nameOf(server.name),
    ips: server.ips.map((ip) => ipFromText(ip)!),
  }));
}

/** Every server of the world as a line: where, of which zone, by which name, how it behaves. */
function tellServers(
  tree: Tree,
  hosts: ReadonlyMap<string, HostileHost>,
  tell: (line: string) => void,
): void {
  for (const zone of tree.zones) {
    for (const { name, ips } of zone.servers) {
      if (ips.length === 0) tell(`server of ${zone.apex} ${name} without address`);
      for (const ip of ips) {
        const { manners, link } = hosts.get(ip)!;
        const kinds = manners.behaviours.map((one) => JSON.stringify(one));
        if (manners.poisons) kinds.push("poisons");
        tell(`server of ${zone.apex} ${name} ${ip} ${kinds.join(" ")} ${JSON.stringify(link)}`);
      }
    }
  }
}

function questionText({ name, type, class: rrclass }: Question): string {
  return `${nameToText(name)} ${classToText(rrclass)} ${typeToText(type)}`;
}

function traceTo(tell: (line: string) => void, world: SimWorld): (step: TraceStep) => void {
  return (step) => {
    if (step.kind === "evidence") return;
    const at = String(world.nowMs()).padStart(6);
    let line = `${at} ms  ${step.kind} ${questionText(step.question)}`;
    if (step.kind === "judged") line += ` ${step.what} ${nameToText(step.name)}`;
    if ("zone" in step) line += ` in ${nameToText(step.zone)}`;
    if (step.kind === "asked") line += ` ${serverToText(step.server)} ${step.transport}`;
    if ("result" in step) line += `: ${step.result}`;
    tell(line);
  };
}
