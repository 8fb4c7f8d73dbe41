/**
 * Hostile worlds: from one number a tree of zones, servers with good and bad manners, a network
 * that loses and forges, and clients that ask. What they are told is checked.
 *
 * The same number makes the same world and the same run, so a failure is replayed by its seed.
 */
import { classToText, typeFromText, typeToText } from "@lethe/wire/codes-text.ts";
import { rrClass } from "@lethe/wire/codes.ts";
import { flag } from "@lethe/wire/header.ts";
import type { Name } from "@lethe/wire/name.ts";
import { nameToText } from "@lethe/wire/name-text.ts";
import type { Question } from "@lethe/wire/question.ts";
import { MessageWriter } from "@lethe/wire/writer.ts";
import { ipFromText, serverToText } from "../src/base/address.ts";
import type { RootHint, TraceStep } from "../src/recursor/options.ts";
import { type Conversation, wrongAfterwards, wrongInConversation } from "./checks.ts";
import { HostileHost, MANNERS, authorityZone } from "./hostile-host.ts";
import { Reach } from "./hostile-reach.ts";
import {
  type Tree,
  type TreeZone,
  aQuestion,
  below,
  isWithin,
  makeTree,
  nameOf,
} from "./hostile-tree.ts";
import { type Link, SimWorld } from "./net.ts";
import { rightAnswer } from "./reference.ts";
import type { Verdict } from "./replay-file.ts";
import { Subject } from "./replay-subject.ts";
import { Dice } from "./seeded.ts";

/** Clients ask within this time; their questions overlap. */
const ASKING_MS = 20_000;

/** Room for any question with an OPT record. */
const QUERY_BYTES = 512;

const LOCALHOST = Uint8Array.of(127, 0, 0, 1);

/** Long after the last client was answered nothing may be left to happen. */
const QUIET_MS = 60_000;

/** A server this slow, or one whose link loses packets, is not counted on. */
const SURE_RTT_MS = 300;

/** Makes the world of a seed, lets clients ask in it, and says what was wrong. */
export function playHostile(seed: number, tell?: (line: string) => void): Verdict {
  const dice = new Dice(seed);
  const tree = makeTree(dice);
  const hosts = makeHosts(tree, dice);
  const world = new SimWorld(dice, hosts);
  const hasIpv6 = dice.chance(0.5);
  const subject = new Subject(world, {
    rootHints: hintsOf(tree.root),
    minimise: dice.chance(0.8),
    configuredZones: [],
    verifyGlue: false, // the detours that it takes have bounds of their own
    caseRandomisation: dice.chance(0.8),
    ipv4: true,
    ipv6: hasIpv6,
    mayAskLoopback: false,
    fetchAhead: dice.chance(0.5),
    ttlMinS: 0,
    ttlMaxS: 86400,
    negativeTtlMaxS: 3600,
    allow: [{ ip: LOCALHOST, bits: 32 }],
    refuse: [],
    answersWithoutRd: false,
    identity: undefined,
    version: undefined,
    validation: undefined,
    trace: tell === undefined ? undefined : traceTo(tell, world),
  });
  if (tell !== undefined) tellServers(tree, hosts, tell);
  const conversations = letClientsAsk(tree, world, subject, dice);
  world.time.runUntil(ASKING_MS + QUIET_MS);
  const reach = new Reach(tree, {
    worksAt: (ip) => (hasIpv6 || !ip.includes(":") ? sureRtt(hosts.get(ip)) : undefined),
  });
  const found = wrongs(conversations, tree, reach);
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

function wrongs(conversations: readonly Conversation[], tree: Tree, reach: Reach): string[] {
  return conversations.flatMap((one) => {
    const right = rightAnswer(tree, reach, one.name, one.type);
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

/** One host an address, each with manners and a link of its own. */
function makeHosts(tree: Tree, dice: Dice): Map<string, HostileHost> {
  const hosts = new Map<string, HostileHost>();
  for (const zone of tree.zones) {
    const served = authorityZone(zone);
    for (const ip of zone.servers.flatMap((server) => server.ips)) {
      // A world whose root cannot be reached has nothing to tell: one server of it is good.
      const isFirst = hosts.size === 0;
      const manners = isFirst ? MANNERS[0]![1] : dice.weighted(MANNERS);
      const names = manners.poisons ? victims(zone, tree) : [];
      const link = isFirst ? GOOD_LINK : aLink(dice);
      hosts.set(ip, new HostileHost(manners, link, served, names, dice));
    }
  }
  return hosts;
}

/** Names outside a zone, of which its servers have nothing to say: its siblings and theirs. */
function victims(zone: TreeZone, tree: Tree): Name[] {
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

/** Clients at random times, some of them with the question of another one. */
function letClientsAsk(tree: Tree, world: SimWorld, subject: Subject, dice: Dice): Conversation[] {
  const conversations: Conversation[] = [];
  for (let i = dice.between(5, 40); i > 0; i--) {
    const isAgain = conversations.length > 0 && dice.chance(0.3);
    const { name, type } = isAgain ? dice.pick(conversations) : aQuestion(tree, dice);
    const query = aQuery(name, type, dice);
    const askedMs = dice.between(0, ASKING_MS);
    const conversation: Conversation = { name, type, query, askedMs, answers: [] };
    conversations.push(conversation);
    const transport = dice.pick(["udp", "tcp"] as const);
    world.time.after(askedMs, () => {
      subject.ask({ message: query, transport, ip: LOCALHOST }, (answer) => {
        conversation.answers.push({ atMs: world.nowMs(), message: answer });
      });
    });
  }
  return conversations;
}

/** A question as one client or another writes it: in any letter case, with or without EDNS. */
function aQuery(name: string, type: string, dice: Dice): Uint8Array {
  const bytes = new Uint8Array(QUERY_BYTES);
  const writer = new MessageWriter(bytes);
  const mixed = name.replaceAll(/[a-z]/g, (letter) =>
    dice.chance(0.1) ? letter.toUpperCase() : letter,
  );
  writer.question({ name: nameOf(mixed), type: typeFromText(type)!, class: rrClass.IN });
  if (dice.chance(0.5)) {
    const udpSize = dice.pick([0, 512, 1232, 4096]);
    const dnssecOk = dice.chance(0.5);
    writer.opt({ udpSize, extendedRcode: 0, version: 0, dnssecOk, options: [] });
  }
  return bytes.slice(0, writer.finish(dice.between(0, 0xffff), flag.rd));
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
    if ("zone" in step) line += ` in ${nameToText(step.zone)}`;
    if (step.kind === "asked") line += ` ${serverToText(step.server)} ${step.transport}`;
    if ("result" in step) line += `: ${step.result}`;
    tell(line);
  };
}
