/** The servers of a hostile world: authorities of one zone each, with good and bad manners. */
import { rcode, rrClass, rrType } from "@lethe/wire/codes.ts";
import { typeFromText } from "@lethe/wire/codes-text.ts";
import { type Message, readMessage } from "@lethe/wire/message.ts";
import { type Name, ROOT } from "@lethe/wire/name.ts";
import { rdataFromText } from "@lethe/wire/rdata-text.ts";
import type { ResourceRecord } from "@lethe/wire/record.ts";
import { MessageWriter } from "@lethe/wire/writer.ts";
import { assert } from "../src/base/assert.ts";
import type { Behaviour } from "./authority-behaviour.ts";
import { Authority, type Sent } from "./authority.ts";
import type { HostileSigning } from "./hostile-signing.ts";
import { type TreeZone, isWithin, nameOf } from "./hostile-tree.ts";
import { type Host, type Link, POISON_IP } from "./net.ts";
import type { Dice } from "./seeded.ts";
import { type Zone, zoneFromRecords } from "./zone.ts";

/** What a server does, and whether who knows how to ask gets right answers from it. */
export interface Manners {
  readonly works: boolean;
  /** Adds records of other zones that lead to the poison. */
  readonly poisons: boolean;
  readonly behaviours: readonly Behaviour[];
}

function working(...behaviours: Behaviour[]): Manners {
  return { works: true, poisons: false, behaviours };
}

function broken(...behaviours: Behaviour[]): Manners {
  return { works: false, poisons: false, behaviours };
}

/** Manners by how often they occur among servers. */
export const MANNERS: readonly (readonly [number, Manners])[] = [
  [60, working()],
  [5, { works: true, poisons: true, behaviours: [] }],
  [4, working({ kind: "truncates" })],
  [4, working({ kind: "formerr-on-edns" })],
  [2, working({ kind: "ignores-edns" })],
  [4, working({ kind: "folds-case" })],
  [2, broken({ kind: "drops-edns" })],
  [5, broken({ kind: "silent" })],
  [2, broken({ kind: "truncates" }, { kind: "silent", transport: "tcp" })],
  [3, broken({ kind: "says", rcode: rcode.REFUSED })],
  [3, broken({ kind: "says", rcode: rcode.SERVFAIL })],
  [2, broken({ kind: "lame" })],
  [2, broken({ kind: "refers-to-itself" })],
  [1, broken({ kind: "without-aa" })],
  [2, broken({ kind: "garbage" })],
  [1, broken({ kind: "wrong-id" })],
  [2, broken({ kind: "wrong-question" })],
];

export class HostileHost implements Host {
  readonly link: Link;
  readonly tcp: "served" | "refused" | "silent";
  readonly manners: Manners;
  /** Made when somebody asks: signing takes a while, and many servers are asked nothing. */
  #authority: Authority | undefined;
  readonly #zone: () => Zone;
  readonly #victims: readonly Name[];
  readonly #dice: Dice;

  /** `victims` are names outside the zone, which its poison speaks of. */
  constructor(
    manners: Manners,
    link: Link,
    zone: () => Zone,
    victims: readonly Name[],
    dice: Dice,
  ) {
    this.manners = manners;
    this.link = link;
    this.tcp = manners.works ? "served" : dice.pick(["served", "refused", "silent"]);
    this.#zone = zone;
    this.#victims = victims;
    this.#dice = dice.fork();
  }

  serve(query: Uint8Array, transport: "udp" | "tcp"): Sent {
    const { behaviours } = this.manners;
    this.#authority ??= new Authority([{ zone: this.#zone(), behaviours }]);
    const sent = this.#authority.reply(query, transport);
    if (!this.manners.poisons || this.#victims.length === 0) return sent;
    return { ...sent, messages: sent.messages.map((message) => this.#poisoned(message)) };
  }

  /** The truth, with records that this server has no say over beside it. */
  #poisoned(bytes: Uint8Array): Uint8Array {
    const message = readMessage(bytes);
    assert(message.kind === "message", "authorities write whole messages");
    const name = this.#dice.pick(this.#victims);
    const ttl = 86_400;
    const poison = { name, type: rrType.A, class: rrClass.IN, ttl, rdata: POISON_IP };
    const servers = { ...poison, type: rrType.NS, rdata: POISON_SERVER };
    const glue = { ...poison, name: POISON_SERVER };
    return rewritten({
      ...message,
      answer: this.#dice.chance(0.5) ? [...message.answer, poison] : message.answer,
      authority: this.#dice.chance(0.5) ? [...message.authority, servers] : message.authority,
      additional: [...message.additional, poison, glue],
    });
  }
}

const POISON_SERVER = nameOf("ns.poison.invalid.");

const MESSAGE_BYTES_MAX = 65535;

function rewritten(message: Message): Uint8Array {
  const out = new Uint8Array(MESSAGE_BYTES_MAX);
  const writer = new MessageWriter(out);
  for (const question of message.questions) writer.question(question);
  for (const section of ["answer", "authority", "additional"] as const) {
    for (const { name, type, class: rrclass, ttl, rdata } of message[section]) {
      writer.record(section, name, type, rrclass, ttl, rdata);
    }
  }
  if (message.opt !== undefined) writer.opt(message.opt);
  return out.slice(0, writer.finish(message.header.id, message.header.flags));
}

/** The zone of a tree as an authority has it, with the glue that its referrals need. */
export function authorityZone(zone: TreeZone, signing: HostileSigning | undefined): Zone {
  const records: ResourceRecord[] = [];
  for (const [owner, types] of zone.records) {
    for (const [type, data] of types) {
      for (const one of data) records.push(recordOf(zone, owner, type, one));
    }
  }
  for (const child of zone.children) {
    for (const { name, ips } of child.servers) {
      if (!isWithin(name, child.apex)) continue;
      for (const ip of ips) {
        records.push(recordOf(zone, name, ip.includes(":") ? "AAAA" : "A", ip));
      }
    }
  }
  const served = signing?.signed(zone, records) ?? records;
  const built = zoneFromRecords(nameOf(zone.apex), served);
  assert(built.kind === "zone", "a tree is made of valid zones");
  return built;
}

function recordOf(zone: TreeZone, owner: string, type: string, data: string): ResourceRecord {
  const code = typeFromText(type)!;
  const rdata = rdataFromText(code, data, ROOT);
  assert(rdata instanceof Uint8Array, "a tree holds valid data");
  return { name: nameOf(owner), type: code, class: 1, ttl: zone.ttlS, rdata };
}
