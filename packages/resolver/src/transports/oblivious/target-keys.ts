/**
 * The keys of an oblivious target, as a worker has them: one that is published, and those that
 * messages may still be sealed with.
 *
 * The main thread makes them and replaces them (worker/oblivious-keeper.ts), so that every worker
 * opens what was sealed for any.
 */
import type { KeyObject } from "node:crypto";
import { privateKeyOf, publicOctetsOf } from "./hpke.ts";
import { configContents, configsOf, keyIdOf } from "./message.ts";

interface TargetKey {
  readonly id: Uint8Array;
  readonly privateKey: KeyObject;
}

export class TargetKeys {
  #keys: readonly TargetKey[] = [];
  #published: Uint8Array | undefined;

  /** Takes private keys of 32 octets; the first is published. */
  replace(privateKeys: readonly Uint8Array[]): void {
    const made = privateKeys.map((octets) => {
      const privateKey = privateKeyOf(octets);
      const contents = configContents(publicOctetsOf(privateKey));
      return { id: keyIdOf(contents), privateKey, contents };
    });
    this.#keys = made;
    const [first] = made;
    this.#published = first && configsOf([first.contents]);
  }

  /** ObliviousDoHConfigs with the one key that is to be used now; undefined without keys. */
  get published(): Uint8Array | undefined {
    return this.#published;
  }

  /** The key of an id. PERF: there are three at most. */
  find(id: Uint8Array): KeyObject | undefined {
    return this.#keys.find((key) => isSame(key.id, id))?.privateKey;
  }
}

function isSame(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((octet, i) => octet === other[i]);
}
