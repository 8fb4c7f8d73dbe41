/** Clients of a hostile world: many at once, who ask the same and different things. */
import { typeFromText } from "@lethe/wire/codes-text.ts";
import { rrClass } from "@lethe/wire/codes.ts";
import { flag } from "@lethe/wire/header.ts";
import { MessageWriter } from "@lethe/wire/writer.ts";
import type { Conversation } from "./checks.ts";
import { type Tree, aQuestion, below, nameOf } from "./hostile-tree.ts";
import type { SimWorld } from "./net.ts";
import type { Subject } from "./replay-subject.ts";
import { Dice } from "./seeded.ts";

/** Clients ask within this time; their questions overlap. */
export const ASKING_MS = 20_000;

/** Where all clients are. */
export const CLIENT_IP = Uint8Array.of(127, 0, 0, 1);

/** Room for any question with an OPT record. */
const QUERY_BYTES = 512;

/** A crowd asks the same within so many milliseconds. */
const CROWD_MS = 40;

interface Asking {
  readonly name: string;
  readonly type: string;
}

export class Clients {
  readonly conversations: Conversation[] = [];
  readonly #world: SimWorld;
  readonly #subject: Subject;
  readonly #isSigned: boolean;

  constructor(world: SimWorld, subject: Subject, isSigned: boolean) {
    this.#world = world;
    this.#subject = subject;
    this.#isSigned = isSigned;
  }

  /** Clients at random times, some with the question of another one, sometimes a crowd. */
  ask(tree: Tree, dice: Dice): void {
    for (let i = dice.between(5, 40); i > 0; i--) {
      const isAgain = this.conversations.length > 0 && dice.chance(0.3);
      const asking = isAgain ? dice.pick(this.conversations) : aQuestion(tree, dice);
      this.#converse(asking, 0, ASKING_MS, dice);
    }
    const more = new Dice(dice.uint32());
    if (!more.chance(0.2)) return;
    const asking = more.pick(this.conversations);
    const atMs = more.between(0, ASKING_MS);
    for (let i = more.between(5, 30); i > 0; i--) {
      this.#converse(asking, atMs, CROWD_MS, more);
    }
  }

  /**
   * Asks everything once more, and names that forged replies speak of: what is in the caches now
   * is told, and must be what authorities have said.
   */
  askAgain(tree: Tree): void {
    const dice = new Dice(this.conversations.length);
    const asked = new Map(this.conversations.map((one) => [`${one.name} ${one.type}`, one]));
    const forged = tree.zones.map(({ apex }) => ({ name: below("host1", apex), type: "A" }));
    const nowMs = this.#world.nowMs();
    for (const asking of [...asked.values(), ...forged, { name: "nobody.invalid.", type: "A" }]) {
      this.#converse(asking, nowMs, ASKING_MS, dice);
    }
  }

  #converse({ name, type }: Asking, fromMs: number, withinMs: number, dice: Dice): void {
    const asked = aQuery(name, type, this.#isSigned, dice);
    const { query } = asked;
    const askedMs = fromMs + dice.between(0, withinMs);
    const transport = dice.pick(["udp", "tcp"] as const);
    const answers: { readonly atMs: number; readonly message: Uint8Array | undefined }[] = [];
    this.conversations.push({ name, type, askedMs, ...asked, answers });
    this.#world.time.after(askedMs - this.#world.nowMs(), () => {
      this.#subject.ask({ message: query, transport, ip: CLIENT_IP }, (answer) => {
        answers.push({ atMs: this.#world.nowMs(), message: answer });
      });
    });
  }
}

type Query = Pick<Conversation, "query" | "checksItself" | "understandsAd">;

/** A question as one client or another writes it: in any letter case, with or without EDNS. */
function aQuery(name: string, type: string, isSigned: boolean, dice: Dice): Query {
  const bytes = new Uint8Array(QUERY_BYTES);
  const writer = new MessageWriter(bytes);
  const mixed = name.replaceAll(/[a-z]/g, (letter) =>
    dice.chance(0.1) ? letter.toUpperCase() : letter,
  );
  writer.question({ name: nameOf(mixed), type: typeFromText(type)!, class: rrClass.IN });
  const hasOpt = dice.chance(0.5);
  let dnssecOk = false;
  if (hasOpt) {
    const udpSize = dice.pick([0, 512, 1232, 4096]);
    dnssecOk = dice.chance(0.5);
    writer.opt({ udpSize, extendedRcode: 0, version: 0, dnssecOk, options: [] });
  }
  const asksAd = isSigned && dice.chance(0.5);
  const checksItself = isSigned && dice.chance(0.1);
  const flags = flag.rd | (asksAd ? flag.ad : 0) | (checksItself ? flag.cd : 0);
  const query = bytes.slice(0, writer.finish(dice.between(0, 0xffff), flags));
  return { query, checksItself, understandsAd: asksAd || dnssecOk };
}
