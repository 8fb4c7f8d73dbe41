/**
 * Maps and lists for what comes and goes by the thousand, as questions under way do.
 *
 * PERF: a `Map` of the engine's that has lost as many entries as it holds copies itself, and the
 * old copy leads to the new one. Once such a copy is old enough to be collected seldom, the chain
 * of all copies after it stays, with everything that stood in them when they were made: each
 * collection of what is young moves it all. So what stands in a map here is a place that is
 * emptied when its entry goes, and a list closes its gaps itself. A question that must be asked
 * for costs a tenth less.
 */

/** Where an entry of a roster stands; empty once it is gone. */
interface Place<V> {
  value: V | undefined;
}

/** A map from strings to objects whose former entries hold nothing. */
export class Roster<V extends object> {
  readonly #places = new Map<string, Place<V>>();

  get size(): number {
    return this.#places.size;
  }

  get(key: string): V | undefined {
    return this.#places.get(key)?.value;
  }

  has(key: string): boolean {
    return this.#places.has(key);
  }

  /** Puts in an entry, in the place of another of its key. */
  set(key: string, value: V): void {
    const place = this.#places.get(key);
    if (place === undefined) this.#places.set(key, { value });
    else place.value = value;
  }

  delete(key: string): void {
    const place = this.#places.get(key);
    if (place === undefined) return;
    place.value = undefined;
    this.#places.delete(key);
  }

  /** All entries in the order in which they came; what is put in meanwhile is not among them. */
  values(): V[] {
    return Array.from(this.#places.values(), ({ value }) => value!);
  }

  clear(): void {
    for (const place of this.#places.values()) place.value = undefined;
    this.#places.clear();
  }
}

/** What stands in a line; it is in one line at a time. */
export interface Standing {
  /** Where in its line; below zero while it is in none. Written by the line only. */
  place: number;
}

/** A set of objects, each of which knows its place; in no order. */
export class Line<V extends Standing> {
  readonly #members: V[] = [];

  get size(): number {
    return this.#members.length;
  }

  add(member: V): void {
    member.place = this.#members.length;
    this.#members.push(member);
  }

  /** Takes out what is in it or not; the last member takes the place that is free then. */
  delete(member: V): void {
    const { place } = member;
    if (this.#members[place] !== member) return;
    member.place = -1;
    const last = this.#members.pop()!;
    if (last === member) return;
    last.place = place;
    this.#members[place] = last;
  }

  /** All members as they are now. */
  values(): V[] {
    return [...this.#members];
  }
}
