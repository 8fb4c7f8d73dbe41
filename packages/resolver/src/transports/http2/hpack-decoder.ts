/**
 * Header compression, the reading side (RFC 7541).
 *
 * A header block goes in, its fields come out one by one as places in memory. The input is
 * hostile: each number is bounded, and what is wrong ends the connection, since both ends' tables
 * would differ from then on.
 */
import { type FieldName, fieldNameAt, isFieldName, isFieldValue } from "../http/field-name.ts";
import { HpackTable } from "./hpack-table.ts";
import { BROKEN, decodeHuffman } from "./huffman.ts";

/** Takes the fields of a block. Memory holds for the call only. */
export interface FieldSink {
  /** `value[at, end)` is the field's value. */
  field(name: FieldName, value: Uint8Array, at: number, end: number): void;
  /** A field whose name or value may not be in a message (RFC 9113 §8.2.1): it is malformed. */
  malformedField(): void;
}

/** What became of a block. */
export type HpackResult =
  | "ok"
  /** RFC 7541: COMPRESSION_ERROR ends the connection. */
  | "broken"
  /** The list is longer than we said that we take; the table is still in step. */
  | "too-long";

/** RFC 7541 §5.1: more octets than a number under 2^21 needs are an attack. */
const NUMBER_OCTETS_MAX = 4;

export class HpackDecoder {
  readonly #table: HpackTable;
  readonly #tableBytesMax: number;
  /** Where decoded strings stand: one name and one value. */
  readonly #scratch: Uint8Array;
  readonly #listBytesMax: number;
  #block: Uint8Array = new Uint8Array(0);
  #cursor = 0;
  #end = 0;
  /** Where the string that was read last lies. */
  #text: Uint8Array = this.#block;
  #textAt = 0;
  #textEnd = 0;

  /**
   * `tableBytesMax` is what SETTINGS_HEADER_TABLE_SIZE tells the client; `listBytesMax`, what
   * SETTINGS_MAX_HEADER_LIST_SIZE tells: octets of names and values, and 32 a field.
   * `scratch` may be shared by connections: it holds nothing between blocks.
   */
  constructor(tableBytesMax: number, listBytesMax: number, scratch: Uint8Array) {
    this.#table = new HpackTable(tableBytesMax);
    this.#tableBytesMax = tableBytesMax;
    this.#listBytesMax = listBytesMax;
    this.#scratch = scratch;
  }

  /** Decodes `block[at, end)`. PERF: allocates nothing. */
  decode(block: Uint8Array, at: number, end: number, sink: FieldSink): HpackResult {
    this.#block = block;
    this.#cursor = at;
    this.#end = end;
    let listBytes = 0;
    let isFirst = true;
    while (this.#cursor < end) {
      const octet = block[this.#cursor]!;
      if ((octet & 0xe0) === 0x20) {
        // RFC 7541 §4.2: the table's size changes only at the beginning of a block.
        const size = this.#number(5);
        if (!isFirst || size < 0 || size > this.#tableBytesMax) return "broken";
        this.#table.resize(size);
        continue;
      }
      isFirst = false;
      const bytes = (octet & 0x80) !== 0 ? this.#indexed(sink) : this.#literal(octet, sink);
      if (bytes < 0) return "broken";
      listBytes += bytes;
    }
    this.#text = this.#block = NOTHING;
    return listBytes > this.#listBytesMax ? "too-long" : "ok";
  }

  /** A field out of a table; gives what it counts. */
  #indexed(sink: FieldSink): number {
    const index = this.#number(7);
    const place = index <= 0 ? undefined : this.#table.at(index);
    if (place === undefined) return BROKEN;
    this.#tell(sink, place.name, place.octets, place.valueAt, place.end, true);
    return place.end - place.nameAt + 32;
  }

  /** A field that is written out, with its name from a table or not; gives what it counts. */
  #literal(octet: number, sink: FieldSink): number {
    const isAdded = (octet & 0x40) !== 0;
    const index = this.#number(isAdded ? 6 : 4);
    if (index < 0) return BROKEN;
    let name: FieldName;
    let nameOctets: Uint8Array;
    let nameAt: number;
    let nameEnd: number;
    let isGood = true;
    if (index === 0) {
      if (!this.#string(0)) return BROKEN;
      nameOctets = this.#text;
      nameAt = this.#textAt;
      nameEnd = this.#textEnd;
      isGood = isFieldName(nameOctets, nameAt, nameEnd);
      name = fieldNameAt(nameOctets, nameAt, nameEnd);
    } else {
      const place = this.#table.at(index);
      if (place === undefined) return BROKEN;
      nameOctets = place.octets;
      nameAt = place.nameAt;
      nameEnd = place.valueAt;
      name = place.name;
    }
    // A decoded name stands at the front of the scratch memory: the value comes behind it.
    if (!this.#string(nameOctets === this.#scratch ? nameEnd : 0)) return BROKEN;
    const valueAt = this.#textAt;
    const valueEnd = this.#textEnd;
    this.#tell(sink, name, this.#text, valueAt, valueEnd, isGood);
    if (isAdded) {
      this.#table.add(name, nameOctets, nameAt, nameEnd, this.#text, valueAt, valueEnd);
    }
    return nameEnd - nameAt + valueEnd - valueAt + 32;
  }

  #tell(
    sink: FieldSink,
    name: FieldName,
    octets: Uint8Array,
    at: number,
    end: number,
    isGoodName: boolean,
  ): void {
    if (isGoodName && isFieldValue(octets, at, end)) sink.field(name, octets, at, end);
    else sink.malformedField();
  }

  /** RFC 7541 §5.1: a number that begins in the low `bits` of an octet, or `BROKEN`. */
  #number(bits: number): number {
    const mask = (1 << bits) - 1;
    let value = this.#block[this.#cursor++]! & mask;
    if (value < mask) return value;
    for (let i = 0; i < NUMBER_OCTETS_MAX; i++) {
      if (this.#cursor === this.#end) return BROKEN;
      const octet = this.#block[this.#cursor++]!;
      value += (octet & 0x7f) << (7 * i);
      if ((octet & 0x80) === 0) return value;
    }
    return BROKEN;
  }

  /** RFC 7541 §5.2: a string, which stands in the block or, decoded, in the scratch memory. */
  #string(scratchAt: number): boolean {
    if (this.#cursor === this.#end) return false;
    const isCoded = (this.#block[this.#cursor]! & 0x80) !== 0;
    const length = this.#number(7);
    const at = this.#cursor;
    if (length < 0 || length > this.#end - at) return false;
    this.#cursor = at + length;
    if (!isCoded) {
      this.#text = this.#block;
      this.#textAt = at;
      this.#textEnd = at + length;
      return true;
    }
    const end = decodeHuffman(this.#block, at, at + length, this.#scratch, scratchAt);
    if (end === BROKEN) return false;
    this.#text = this.#scratch;
    this.#textAt = scratchAt;
    this.#textEnd = end;
    return true;
  }
}

const NOTHING = new Uint8Array(0);
