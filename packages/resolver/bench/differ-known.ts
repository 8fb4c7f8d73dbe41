/**
 * Why Lethe rightly says something else than a peer, or a peer than Lethe: each row is a section of
 * docs/decisions/0034-verdicts-that-differ.md.
 */
import type { Told } from "./differ.ts";

export interface Known {
  /** The title of its section. */
  readonly title: string;
  /** The peers that differ; the others say what Lethe says. */
  readonly peers: readonly string[];
  /** Says whether a zone is one of those that this is about. */
  applies(recipe: Told["zone"]["recipe"]): boolean;
}

const ALL = ["unbound", "named", "kresd"];

const known: readonly Known[] = [
  {
    title: "Signatures with SHA-1",
    peers: ALL,
    applies: ({ algorithm }) => algorithm === "5" || algorithm === "7",
  },
  {
    title: "A DS set with SHA-1 beside a stronger digest",
    peers: ["unbound"],
    applies: ({ ds, keys }) =>
      ds === "a right sha-1 and a wrong sha-256" ||
      (ds === "sha-1" && (keys.includes("kept back") || keys.includes("one signs"))),
  },
  {
    title: "Revoked keys",
    peers: ["unbound", "named"],
    applies: ({ keys }) => keys === "only ksk revoked",
  },
  {
    title: "NSEC3 with 51 to 150 iterations",
    peers: ["unbound", "named"],
    applies: ({ denial }) => iterationsOf(denial) > 50 && iterationsOf(denial) <= 150,
  },
  {
    title: "Zones with many iterations as a whole",
    peers: ["kresd"],
    applies: ({ denial }) => iterationsOf(denial) > 50,
  },
  {
    title: "Unknown flags of NSEC3",
    peers: ["named", "kresd"],
    applies: fault("unknown flags"),
  },
  {
    title: "One wrong signature among several",
    peers: ALL,
    applies: fault("a second key of the same tag", "spoilt signatures before the right one"),
  },
  {
    title: "Keys without the zone flag",
    peers: ["named"],
    applies: fault("no-dnskey-256", "no-dnskey-257", "no-dnskey-256-257"),
  },
  {
    title: "Next names that come from nowhere",
    peers: ALL,
    applies: fault("a denial that leads to itself", "a denial that leads outside"),
  },
  {
    title: "Zones that contradict themselves",
    peers: ALL,
    applies: fault(
      "a denial of all types",
      "a denial with the types of a cut",
      "a denial with the types of an apex",
      "a denial with the type of an alias",
      "a denial with the type of a DNAME",
    ),
  },
  {
    title: "Signatures of another wildcard",
    peers: ALL,
    applies: fault("a label less than there are"),
  },
  {
    title: "A record of the denial that is not needed",
    peers: ["named"],
    applies: fault("a signer above", "a signer beside", "a signer below"),
  },
  {
    title: "Sets with nothing but a useless signature",
    peers: ["named"],
    applies: fault(
      "a signature of an unknown algorithm",
      "a signature of another algorithm",
      "a signature cut short",
      "an empty signature",
      "a label more than there are",
    ),
  },
  {
    title: "The last octet of an Ed448 signature",
    peers: ["kresd"],
    applies: ({ algorithm, fault: name }) => algorithm === "16" && /spoilt|bad-.*rrsig/.test(name),
  },
  {
    title: "The opt-out flag on what proves that a name exists",
    peers: ["kresd"],
    applies: fault("opt-out where there is none"),
  },
];

function fault(...names: readonly string[]): Known["applies"] {
  return (recipe) => names.includes(recipe.fault);
}

function iterationsOf(denial: string): number {
  return Number(/(\d+) iterations/.exec(denial)?.[1] ?? 0);
}

/** Where no row applies, and the two other peers say what Lethe says: the third is alone. */
const ALONE: Known = { title: "One peer alone", peers: ALL, applies: () => true };

/** All titles, in the order of the decision record. */
export const knownTitles: readonly string[] = [...known, ALONE].map(({ title }) => title);

/** The row that explains why a peer says something else than Lethe, or undefined. */
export function explanation({ zone, said }: Told, peer: string): Known | undefined {
  const row = known.find((one) => one.peers.includes(peer) && one.applies(zone.recipe));
  if (row !== undefined) return row;
  const others = Object.keys(said).filter((name) => name !== "lethe" && name !== peer);
  const isAlone = others.length > 1 && others.every((name) => said[name] === said["lethe"]);
  return isAlone ? ALONE : undefined;
}
