/**
 * The tables of header compression: the static one (appendix A of RFC 7541) and a connection's own.
 *
 * Both keep their fields as octets that lie name before value in one block of memory, so that an
 * indexed field is handed on as places in it. PERF: nothing is allocated for a field.
 */
import { type FieldName, fieldName, fieldNameAt } from "../http/field-name.ts";

/** RFC 7541 §4.1: what a field counts beside its octets. */
const FIELD_OVERHEAD_BYTES = 32;

/** Where a field lies. The object is reused: it holds until the next call of its table. */
export interface FieldPlace {
  octets: Uint8Array;
  name: FieldName;
  nameAt: number;
  valueAt: number;
  end: number;
}

function newPlace(): FieldPlace {
  return { octets: new Uint8Array(0), name: fieldName.other, nameAt: 0, valueAt: 0, end: 0 };
}

/** Names and values by number, as appendix A has them; "|" parts them. */
const STATIC_FIELDS =
  ":authority| :method|GET :method|POST :path|/ :path|/index.html :scheme|http :scheme|https " +
  ":status|200 :status|204 :status|206 :status|304 :status|400 :status|404 :status|500 " +
  "accept-charset| accept-encoding|gzip,_deflate accept-language| accept-ranges| accept| " +
  "access-control-allow-origin| age| allow| authorization| cache-control| content-disposition| " +
  "content-encoding| content-language| content-length| content-location| content-range| " +
  "content-type| cookie| date| etag| expect| expires| from| host| if-match| if-modified-since| " +
  "if-none-match| if-range| if-unmodified-since| last-modified| link| location| max-forwards| " +
  "proxy-authenticate| proxy-authorization| range| referer| refresh| retry-after| server| " +
  "set-cookie| strict-transport-security| transfer-encoding| user-agent| vary| via| " +
  "www-authenticate|";

const staticPlaces: readonly FieldPlace[] = STATIC_FIELDS.split(" ").map((text) => {
  const [name, value] = text.replace("_", " ").split("|") as [string, string];
  const octets = Buffer.from(name + value, "latin1");
  return {
    octets,
    name: fieldNameAt(octets, 0, name.length),
    nameAt: 0,
    valueAt: name.length,
    end: octets.length,
  };
});

/** Fields of the static table; the connection's own follow it. */
export const STATIC_COUNT = staticPlaces.length;

/** A connection's own table: the newest field has the lowest number, the oldest goes first. */
export class HpackTable {
  /** Twice the table: fields are appended, and moved to the front when the end is reached. */
  readonly #octets: Uint8Array;
  /** `nameAt`, `valueAt`, `end` and the name of each field, in a ring. */
  readonly #places: Uint16Array;
  readonly #capacity: number;
  readonly #place = newPlace();
  /** Ring position of the oldest field. */
  #oldest = 0;
  #count = 0;
  #end = 0;
  #sizeBytes = 0;
  #sizeBytesMax: number;

  /** `sizeBytesMax` is what SETTINGS_HEADER_TABLE_SIZE said; under 32 KiB. */
  constructor(sizeBytesMax: number) {
    this.#sizeBytesMax = sizeBytesMax;
    this.#octets = new Uint8Array(2 * sizeBytesMax);
    this.#capacity = Math.max(1, Math.floor(sizeBytesMax / FIELD_OVERHEAD_BYTES));
    this.#places = new Uint16Array(4 * this.#capacity);
    this.#place.octets = this.#octets;
  }

  /** The field of a number from 1 on, or nothing where there is none. */
  at(index: number): FieldPlace | undefined {
    if (index <= STATIC_COUNT) return staticPlaces[index - 1];
    const age = index - STATIC_COUNT - 1;
    if (age >= this.#count) return undefined;
    const slot = 4 * ((this.#oldest + this.#count - 1 - age) % this.#capacity);
    const place = this.#place;
    place.nameAt = this.#places[slot]!;
    place.valueAt = this.#places[slot + 1]!;
    place.end = this.#places[slot + 2]!;
    place.name = this.#places[slot + 3]! as FieldName;
    return place;
  }

  /** RFC 7541 §4.3: the other end may use less than it was allowed. */
  resize(sizeBytesMax: number): void {
    this.#sizeBytesMax = sizeBytesMax;
    this.#makeRoom(0);
  }

  /**
   * Adds a field; one that is larger than the table empties it (RFC 7541 §4.4).
   *
   * The name may lie in this table's own memory, in a field that goes to make room for this one.
   */
  add(
    name: FieldName,
    nameOctets: Uint8Array,
    nameAt: number,
    nameEnd: number,
    valueOctets: Uint8Array,
    valueAt: number,
    valueEnd: number,
  ): void {
    const nameBytes = nameEnd - nameAt;
    const bytes = nameBytes + valueEnd - valueAt;
    if (bytes + FIELD_OVERHEAD_BYTES > this.#sizeBytesMax) {
      this.#makeRoom(this.#sizeBytesMax);
      return;
    }
    // Written behind everything that is kept before anything goes, so that what it is taken from
    // is still there; the memory is twice the table, so there is always room after a move.
    let from = nameAt;
    if (this.#end + bytes > this.#octets.length) from += this.#moveToFront(nameOctets);
    const at = this.#end;
    copy(nameOctets, from, this.#octets, at, nameBytes);
    copy(valueOctets, valueAt, this.#octets, at + nameBytes, valueEnd - valueAt);
    this.#makeRoom(bytes + FIELD_OVERHEAD_BYTES);
    const slot = 4 * ((this.#oldest + this.#count) % this.#capacity);
    this.#places[slot] = at;
    this.#places[slot + 1] = at + nameBytes;
    this.#places[slot + 2] = at + bytes;
    this.#places[slot + 3] = name;
    this.#count++;
    this.#end = at + bytes;
    this.#sizeBytes += bytes + FIELD_OVERHEAD_BYTES;
  }

  /** Drops the oldest fields until as many bytes are free. */
  #makeRoom(bytes: number): void {
    while (this.#count > 0 && this.#sizeBytes + bytes > this.#sizeBytesMax) {
      const slot = 4 * this.#oldest;
      this.#sizeBytes -= this.#places[slot + 2]! - this.#places[slot]! + FIELD_OVERHEAD_BYTES;
      this.#oldest = (this.#oldest + 1) % this.#capacity;
      this.#count--;
    }
  }

  /** Moves what is kept to the front; gives how far what lies in `octets` has moved. */
  #moveToFront(octets: Uint8Array): number {
    const shift = this.#count === 0 ? this.#end : this.#places[4 * this.#oldest]!;
    this.#octets.copyWithin(0, shift, this.#end);
    for (let i = 0; i < this.#count; i++) {
      const slot = 4 * ((this.#oldest + i) % this.#capacity);
      for (let part = 0; part < 3; part++) this.#places[slot + part]! -= shift;
    }
    this.#end -= shift;
    return octets === this.#octets ? -shift : 0;
  }
}

function copy(from: Uint8Array, fromAt: number, into: Uint8Array, at: number, size: number): void {
  for (let i = 0; i < size; i++) into[at + i] = from[fromAt + i]!;
}
