/**
 * A tree of zones made from dice: what the data of a hostile world is.
 *
 *   root ─┬─ tld ─┬─ zone ─── zone ─── …     up to five cuts deep
 *         │       └─ zone
 *         └─ tld
 *
 * Name servers are named inside their zone (with glue), in its parent, or elsewhere without glue,
 * sometimes in a circle. Names hold addresses, aliases within and across zones, chains and loops
 * of them, DNAMEs, wildcards and empty non-terminals. Names are texts in small letters that end
 * in a dot, records `type data`: simple enough to be obviously right.
 */
import { type Name, ROOT } from "@lethe/wire/name.ts";
import { nameFromText } from "@lethe/wire/name-text.ts";
import { assert } from "../src/base/assert.ts";
import type { Dice } from "./seeded.ts";

/** A name server: its name and where it can be reached. */
export interface NameServer {
  readonly name: string;
  readonly ips: readonly string[];
}

export interface TreeZone {
  readonly apex: string;
  readonly parent: TreeZone | undefined;
  readonly servers: NameServer[];
  /** Data by owner, then by type; each datum is in presentation format. */
  readonly records: Map<string, Map<string, string[]>>;
  readonly children: TreeZone[];
  readonly ttlS: number;
}

export interface Tree {
  readonly root: TreeZone;
  /** Parents before their children. */
  readonly zones: readonly TreeZone[];
}

const LABELS =
  "alder birch cedar dogwood elder fir gorse hazel ivy juniper larch maple oak pine rowan sloe".split(
    " ",
  );
const TTLS_S = [0, 1, 30, 300, 3600, 86400];
const DEPTH_MAX = 5;
const ZONES_MAX = 24;
const HUGE_NS_SET = 60;

/** Makes a tree. */
export function makeTree(dice: Dice): Tree {
  const root = newZone(".", undefined, 3600);
  const zones = [root];
  grow(root, 1, zones, dice);
  const addresses = new Addresses();
  for (const zone of zones) addServers(zone, zones, addresses, dice);
  for (const zone of zones) addData(zone, zones, dice);
  return { root, zones };
}

function newZone(apex: string, parent: TreeZone | undefined, ttlS: number): TreeZone {
  const zone: TreeZone = { apex, parent, servers: [], records: new Map(), children: [], ttlS };
  addRecord(zone, apex, "SOA", `${below("ns", apex)} ${below("host", apex)} 1 7200 900 86400 60`);
  parent?.children.push(zone);
  return zone;
}

/** The name of a label below another name. */
export function below(label: string, name: string): string {
  return name === "." ? `${label}.` : `${label}.${name}`;
}

/** Names of which so many are kept as bytes: one world has some hundreds. */
const NAMES_MAX = 20_000;
const names = new Map<string, Name>();

/**
 * A text as a name in wire form.
 *
 * PERF: worlds write the same few names again and again, so they are kept.
 */
export function nameOf(text: string): Name {
  const known = names.get(text);
  if (known !== undefined) return known;
  const name = nameFromText(text, ROOT);
  assert(name !== undefined, "a tree holds valid names");
  if (names.size >= NAMES_MAX) names.clear();
  names.set(text, name);
  return name;
}

/** Says whether a name is another one or lies below it. */
export function isWithin(name: string, ancestor: string): boolean {
  return ancestor === "." || name === ancestor || name.endsWith(`.${ancestor}`);
}

function addRecord(zone: TreeZone, owner: string, type: string, data: string): void {
  const types = zone.records.get(owner) ?? new Map<string, string[]>();
  zone.records.set(owner, types);
  const known = types.get(type) ?? [];
  if (!known.includes(data)) types.set(type, [...known, data]);
}

function grow(zone: TreeZone, depth: number, zones: TreeZone[], dice: Dice): void {
  const wanted = depth === 1 ? dice.between(2, 4) : dice.between(0, depth === 2 ? 3 : 2);
  for (let i = 0; i < wanted && zones.length < ZONES_MAX; i++) {
    const label = `${dice.pick(LABELS)}${zones.length}`;
    // A cut may lie two labels below its parent: the name between is an empty non-terminal.
    const at = dice.chance(0.15) ? below(dice.pick(LABELS), zone.apex) : zone.apex;
    const child = newZone(below(label, at), zone, dice.pick(TTLS_S));
    zones.push(child);
    if (depth < DEPTH_MAX) grow(child, depth + 1, zones, dice);
  }
}

/** Hands out addresses, each once. */
class Addresses {
  #next = 1;

  v4(): string {
    const n = this.#next++;
    return `10.${n >> 16}.${(n >> 8) & 0xff}.${n & 0xff}`;
  }

  v6(): string {
    return `2001:db8::${(this.#next++).toString(16)}`;
  }
}

function addServers(
  zone: TreeZone,
  zones: readonly TreeZone[],
  addresses: Addresses,
  dice: Dice,
): void {
  const count = zone.parent === undefined ? 3 : dice.between(1, 4);
  for (let i = 0; i < count; i++) {
    const home = homeOf(zone, zones, dice);
    const name = below(`ns${i}-${zones.indexOf(zone)}`, home.apex);
    const ips = [addresses.v4()];
    if (dice.chance(0.2)) ips.push(dice.chance(0.5) ? addresses.v4() : addresses.v6());
    zone.servers.push({ name, ips });
    for (const ip of ips) addRecord(home, name, ip.includes(":") ? "AAAA" : "A", ip);
  }
  if (zone.parent !== undefined && dice.chance(0.04)) {
    // Names that lead nowhere, as in NXNSAttack: they cost a lookup each and have no address.
    const victim = dice.pick(zones);
    for (let i = 0; i < HUGE_NS_SET; i++) {
      zone.servers.push({ name: below(`none${i}`, victim.apex), ips: [] });
    }
  }
  for (const server of zone.servers) addRecord(zone, zone.apex, "NS", server.name);
}

/** The zone in which a name server of `zone` has its name. */
function homeOf(zone: TreeZone, zones: readonly TreeZone[], dice: Dice): TreeZone {
  if (zone.parent === undefined) return zone;
  return dice.weighted<() => TreeZone>([
    [6, () => zone],
    [2, () => zone.parent!],
    [2, () => zones[dice.between(0, zones.indexOf(zone) - 1)]!],
    [0.5, () => dice.pick(zones)], // may close a circle
  ])();
}

function addData(zone: TreeZone, zones: readonly TreeZone[], dice: Dice): void {
  const at = (label: string): string => below(label, zone.apex);
  const free = (owner: string): boolean =>
    !zone.records.has(owner) && !zone.children.some((child) => isWithin(owner, child.apex));
  for (let i = dice.between(1, 5); i > 0; i--) {
    addRecord(zone, at(`host${i}`), "A", `192.0.2.${dice.between(1, 250)}`);
    if (dice.chance(0.3)) addRecord(zone, at(`host${i}`), "AAAA", `2001:db8:1::${i}`);
    if (dice.chance(0.2)) addRecord(zone, at(`host${i}`), "TXT", `"text ${i}"`);
  }
  if (dice.chance(0.4)) addRecord(zone, at("deep.empty"), "A", "192.0.2.251");
  if (dice.chance(0.4)) addRecord(zone, at("*.wild"), "A", "192.0.2.252");
  if (dice.chance(0.1)) addRecord(zone, at("*.wildalias"), "CNAME", aTarget(zone, zones, dice));
  for (let i = dice.between(0, 3); i > 0; i--) {
    addRecord(zone, at(`alias${i}`), "CNAME", aTarget(zone, zones, dice));
  }
  if (dice.chance(0.2)) addChain(zone, dice.between(2, 14));
  if (dice.chance(0.15)) {
    addRecord(zone, at("loop1"), "CNAME", at("loop2"));
    addRecord(zone, at("loop2"), "CNAME", at("loop1"));
  }
  if (dice.chance(0.25) && free(at("moved"))) {
    addRecord(zone, at("moved"), "DNAME", dice.pick(zones).apex);
  }
  if (dice.chance(0.1)) addRecord(zone, at("turn"), "DNAME", at("round.turn"));
  for (const child of zone.children) {
    for (const server of child.servers) addRecord(zone, child.apex, "NS", server.name);
  }
}

/** Aliases one behind the other, with an address at the end. */
function addChain(zone: TreeZone, length: number): void {
  for (let i = 0; i < length; i++) {
    addRecord(zone, below(`chain${i}`, zone.apex), "CNAME", below(`chain${i + 1}`, zone.apex));
  }
  addRecord(zone, below(`chain${length}`, zone.apex), "A", "192.0.2.253");
}

/** Where an alias leads: often to a host, sometimes to another alias or to nothing. */
function aTarget(zone: TreeZone, zones: readonly TreeZone[], dice: Dice): string {
  const to = dice.chance(0.5) ? zone : dice.pick(zones);
  return below(dice.pick(["host1", "host2", "alias1", "nothing", "x.wild", "x.moved"]), to.apex);
}

/** A question that a client may ask about a tree: names that are there and names that are not. */
export function aQuestion(
  tree: Tree,
  dice: Dice,
): { readonly name: string; readonly type: string } {
  const zone = dice.pick(tree.zones);
  const owners = [...zone.records.keys()];
  const name = dice.weighted<() => string>([
    [6, () => dice.pick(owners)],
    [1, () => below(dice.pick(["host1", "a.wild", "b.c.wild", "x.wildalias"]), zone.apex)],
    [1, () => below(dice.pick(["empty", "wild", "nothing", "a.b.nothing"]), zone.apex)],
    [1, () => below(dice.pick(["host1.moved", "x.turn", "moved", "chain0"]), zone.apex)],
    [1, () => zone.apex],
  ])();
  return {
    name: name.replace(/^\*/, "star"),
    type: dice.pick(["A", "A", "A", "A", "AAAA", "TXT", "MX", "NS", "CNAME", "SOA"]),
  };
}
