/**
 * Hostile worlds: from one number a tree of zones, servers with good and bad manners, a network
 * that loses and forges, and clients that ask. What they are told is checked.
 *
 * The same number makes the same world and the same run, so a failure is replayed by its seed.
 */
import { classToText, typeFromText, typeToText } from "@lethe/wire/codes-text.ts";
import { flag } from "@lethe/wire/header.ts";
import { type Name, ROOT } from "@lethe/wire/name.ts";
import { nameFromText, nameToText } from "@lethe/wire/name-text.ts";
import type { Question } from "@lethe/wire/question.ts";
import { MessageWriter } from "@lethe/wire/writer.ts";
import { ipFromText, serverToText } from "../src/base/address.ts";
import type { RootHint, TraceStep } from "../src/recursor/options.ts";
import { type Conversation, wrongAfterwards, wrongInConversation } from "./checks.ts";
import { HostileHost, MANNERS, authorityZone } from "./hostile-host.ts";
import { Reach } from "./hostile-reach.ts";
import { type Tree, type TreeZone, aQuestion, isWithin, makeTree } from "./hostile-tree.ts";
import { type Link, SimWorld } from "./net.ts";
import { rightAnswer } from "./reference.ts";
import type { Verdict } from "./replay-file.ts";
import { Subject } from "./replay-subject.ts";
import { Dice } from "./seeded.ts";

/** Clients ask within this time; their questions overlap. */
const ASKING_MS = 20_000;

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
  const subject = new Subject(world, {
    rootHints: hintsOf(tree.root),
    minimise: dice.chance(0.8),
    caseRandomisation: dice.chance(0.8),
    ipv4: true,
    ipv6: dice.chance(0.5),
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
    trace: tell === undefined ? undefined : traceTo(tell, world),
  });
  const conversations = letClientsAsk(tree, world, subject, dice);
  world.time.runUntil(ASKING_MS + QUIET_MS);
  const reach = new Reach(tree, { worksAt: (ip) => sureRtt(hosts.get(ip)) });
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
    const names = victims(zone, tree);
    for (const ip of zone.servers.flatMap((server) => server.ips)) {
      const manners = dice.weighted(MANNERS);
      hosts.set(ip, new HostileHost(manners, aLink(dice), served, names, dice));
    }
  }
  return hosts;
}

/** Names outside a zone, of which its servers have nothing to say. */
function victims(zone: TreeZone, tree: Tree): Name[] {
  const names: string[] = [];
  for (const other of tree.zones) {
    if (!isWithin(other.apex, zone.apex)) names.push(...other.records.keys());
  }
  return (names.length === 0 ? ["nobody.invalid."] : names).map((one) => nameFromText(one, ROOT)!);
}

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
    name: nameFromText(server.name, ROOT)!,
    ips: server.ips.map((ip) => ipFromText(ip)!),
  }));
}

/** Clients at random times, some of them with the question of another one. */
function letClientsAsk(tree: Tree, world: SimWorld, subject: Subject, dice: Dice): Conversation[] {
  const conversations: Conversation[] = [];
  for (let i = dice.between(5, 40); i > 0; i--) {
    const again =
      conversations.length > 0 && dice.chance(0.3) ? dice.pick(conversations) : undefined;
    const { name, type } = again ?? aQuestion(tree, dice);
    const conversation: Conversation = {
      name,
      type,
      askedMs: dice.between(0, ASKING_MS),
      answers: [],
    };
    conversations.push(conversation);
    world.time.after(conversation.askedMs, () => {
      const message = queryFor(name, type, i);
      const client = { message, transport: "tcp", ip: LOCALHOST } as const;
      subject.ask(client, (answer) => {
        conversation.answers.push({ atMs: world.nowMs(), message: answer });
      });
    });
  }
  return conversations;
}

function queryFor(name: string, type: string, id: number): Uint8Array {
  const bytes = new Uint8Array(512);
  const writer = new MessageWriter(bytes);
  writer.question({ name: nameFromText(name, ROOT)!, type: typeFromText(type)!, class: 1 });
  return bytes.slice(0, writer.finish(id, flag.rd));
}

function questionText({ name, type, class: rrclass }: Question): string {
  return `${nameToText(name)} ${classToText(rrclass)} ${typeToText(type)}`;
}

function traceTo(tell: (line: string) => void, world: SimWorld): (step: TraceStep) => void {
  return (step) => {
    let line = `${String(world.nowMs()).padStart(6)} ms  ${step.kind} ${questionText(step.question)}`;
    if ("zone" in step) line += ` in ${nameToText(step.zone)}`;
    if (step.kind === "asked") line += ` ${serverToText(step.server)} ${step.transport}`;
    if ("result" in step) line += `: ${step.result}`;
    tell(line);
  };
}
