/**
 * Tiles: the tree cut into pieces that can be served as files and cached for ever (tlog-tiles).
 *
 * A tile of level L holds up to 256 hashes of the tree's level 8·L, and with them eight levels of
 * the tree. Whoever has the tiles can make every proof; whether to believe them is decided by
 * checking the proof against a signed root.
 */
import { tlogLimits } from "./limits.ts";
import { HASH_BYTES, type HashReader, nodeHash } from "./tree-hash.ts";

const TILE_LEVELS = 8;
const WIDTH_MAX = tlogLimits.tileHashesMax.value;

/** Which tile: hashes of a level, or the entries themselves. */
export interface Tile {
  readonly level: number | "entries";
  readonly index: number;
  /** Hashes or entries in it: 256 in a full one, fewer at the right edge of the tree. */
  readonly width: number;
}

/** The path of a tile below the log's prefix: `tile/0/x001/x234/067`, `tile/entries/000.p/5`. */
export function tilePath(tile: Tile): string {
  let rest = tile.index;
  let path = String(rest % 1000).padStart(3, "0");
  for (rest = Math.floor(rest / 1000); rest > 0; rest = Math.floor(rest / 1000)) {
    path = `x${String(rest % 1000).padStart(3, "0")}/${path}`;
  }
  const partial = tile.width < WIDTH_MAX ? `.p/${tile.width}` : "";
  return `tile/${tile.level}/${path}${partial}`;
}

const PATH =
  /^tile\/(entries|0|[1-9][0-9]?)\/((?:x[0-9]{3}\/){0,5}[0-9]{3})(?:\.p\/([1-9][0-9]{0,2}))?$/;

/** The tile of a path; undefined where the path is none, or not the one spelling of its tile. */
export function parseTilePath(path: string): Tile | undefined {
  const match = PATH.exec(path);
  if (match === null) return undefined;
  const level: Tile["level"] = match[1] === "entries" ? match[1] : Number(match[1]);
  if (level !== "entries" && level > tlogLimits.tileLevelMax.value) return undefined;
  const width = match[3] === undefined ? WIDTH_MAX : Number(match[3]);
  if (match[3] !== undefined && width >= WIDTH_MAX) return undefined;
  const tile: Tile = { level, index: Number(match[2]!.replaceAll(/[x/]/g, "")), width };
  if (tile.index > tlogLimits.treeLeavesMax.value) return undefined;
  return tilePath(tile) === path ? tile : undefined;
}

/**
 * The tiles that a log serves for a tree of a size, level by level; with `from`, only those that
 * a smaller tree did not have. Entry bundles are told by `level: "entries"`.
 */
export function* tilesOf(size: number, from = 0): Generator<Tile> {
  yield* tilesOfLevel("entries", size, from);
  for (let level = 0; ; level++) {
    const count = Math.floor(size / WIDTH_MAX ** level);
    if (count === 0) return;
    yield* tilesOfLevel(level, count, Math.floor(from / WIDTH_MAX ** level));
  }
}

function* tilesOfLevel(level: number | "entries", count: number, from: number): Generator<Tile> {
  if (count === from) return;
  const full = Math.floor(count / WIDTH_MAX);
  for (let index = Math.floor(from / WIDTH_MAX); index < full; index++) {
    yield { level, index, width: WIDTH_MAX };
  }
  const width = count % WIDTH_MAX;
  if (width > 0) yield { level, index: full, width };
}

/** The tile, or bundle, of a tree of a size that an index of its level lies in. */
export function tileAt(level: number | "entries", index: number, size: number): Tile | undefined {
  const count = level === "entries" ? size : Math.floor(size / WIDTH_MAX ** level);
  if (index < 0 || index >= count) return undefined;
  const tile = Math.floor(index / WIDTH_MAX);
  return { level, index: tile, width: Math.min(WIDTH_MAX, count - tile * WIDTH_MAX) };
}

/** Says whether a tree of a size has, or once had, a tile: partial ones may be of any age. */
export function isTileOf(tile: Tile, size: number): boolean {
  const per = tile.level === "entries" ? 1 : WIDTH_MAX ** tile.level;
  return (tile.index * WIDTH_MAX + tile.width) * per <= size;
}

/** The bytes of a tile of hashes; undefined where the reader lacks one, or for a bundle. */
export function tileBytes(tile: Tile, read: HashReader): Uint8Array | undefined {
  if (tile.level === "entries") return undefined;
  const bytes = new Uint8Array(tile.width * HASH_BYTES);
  for (let i = 0; i < tile.width; i++) {
    const hash = read(TILE_LEVELS * tile.level, tile.index * WIDTH_MAX + i);
    if (hash === undefined) return undefined;
    bytes.set(hash, i * HASH_BYTES);
  }
  return bytes;
}

/** The hashes of a tile; undefined where its bytes are not as many as its width says. */
export function parseTile(tile: Tile, bytes: Uint8Array): Uint8Array[] | undefined {
  if (bytes.length !== tile.width * HASH_BYTES) return undefined;
  const hashes: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += HASH_BYTES) {
    hashes.push(bytes.slice(at, at + HASH_BYTES));
  }
  return hashes;
}

/** A source of hashes for a tree of a size, out of its tiles: what a client of a log has. */
export function tileReader(
  size: number,
  bytesOf: (tile: Tile) => Uint8Array | undefined,
): HashReader {
  return (level, index) => {
    const tileLevel = Math.floor(level / TILE_LEVELS);
    const inner = 2 ** (level % TILE_LEVELS);
    const tile = tileAt(tileLevel, index * inner, size);
    const bytes = tile === undefined ? undefined : bytesOf(tile);
    const hashes = bytes === undefined ? undefined : parseTile(tile!, bytes);
    const from = (index * inner) % WIDTH_MAX;
    return hashes === undefined ? undefined : folded(hashes.slice(from, from + inner), inner);
  };
}

/** The hash over a power of two of hashes; undefined where there are fewer. */
function folded(hashes: readonly Uint8Array[], count: number): Uint8Array | undefined {
  if (hashes.length !== count) return undefined;
  let row = hashes;
  while (row.length > 1) {
    const above: Uint8Array[] = [];
    for (let i = 0; i < row.length; i += 2) above.push(nodeHash(row[i]!, row[i + 1]!));
    row = above;
  }
  return row[0];
}
