/**
 * What oblivious DNS sends (RFC 9230 §5, §6), and the keys that it is sealed with.
 *
 *   ObliviousDoHMessage    | type 1 | length 2 | key id or nonce | length 2 | sealed |
 *   … inside, sealed:      | length 2 | DNS message | length 2 | zeros |
 *   ObliviousDoHConfigs    | length 2 | version 2 | length 2 | contents | …
 *   … contents             | KEM 2 | KDF 2 | AEAD 2 | length 2 | public key |
 *
 * Input is hostile: what cannot be read, or opened, gives undefined.
 */
import type { KeyObject } from "node:crypto";
import { getU16, setU16 } from "@lethe/wire/bytes.ts";
import { assert } from "../../base/assert.ts";
import {
  AEAD_KEY_BYTES,
  AEAD_NONCE_BYTES,
  HASH_BYTES,
  type HpkeContext,
  KEY_BYTES,
  TAG_BYTES,
  expand,
  exportSecret,
  extract,
  open,
  openWith,
  publicKeyOf,
  scheduleFor,
  seal,
  sealWith,
  setupRecipient,
  setupSender,
  suite,
} from "./hpke.ts";

const QUERY = 1;
const RESPONSE = 2;
const VERSION = 1;
const U16_MAX = 0xffff;
/** Version and length of a configuration; the numbers of its suite and the length of its key. */
const CONFIG_HEAD_BYTES = 4;
const CONTENTS_BYTES = 8 + KEY_BYTES;
/** Two lengths inside, the tag around them, and the encapsulated key of a query. */
const WRAPPING_BYTES = 4 + TAG_BYTES + KEY_BYTES;

/** The longest DNS message that can be sealed, in a query and so in a response. */
export const OBLIVIOUS_MESSAGE_BYTES_MAX: number = U16_MAX - WRAPPING_BYTES;
/** RFC 9230 §8, step 6: the longer of the two. */
export const NONCE_BYTES: number = Math.max(AEAD_NONCE_BYTES, AEAD_KEY_BYTES);

const SCHEDULE = scheduleFor(Buffer.from("odoh query"));
const RESPONSE_LABEL = Buffer.from("odoh response");
const KEY_LABEL = Buffer.from("odoh key");
const NONCE_LABEL = Buffer.from("odoh nonce");
const KEY_ID_LABEL = Buffer.from("odoh key id");

/** A target's public key as it is published: ObliviousDoHConfigContents. */
export function configContents(publicKey: Uint8Array): Uint8Array {
  const contents = new Uint8Array(CONTENTS_BYTES);
  for (const [i, number] of [suite.kem, suite.kdf, suite.aead, KEY_BYTES].entries()) {
    setU16(contents, 2 * i, number);
  }
  contents.set(publicKey, 8);
  return contents;
}

/** By which id messages name the key of a configuration (RFC 9230 §6.1). */
export function keyIdOf(contents: Uint8Array): Uint8Array {
  return expand(extract(new Uint8Array(0), contents), KEY_ID_LABEL, HASH_BYTES);
}

/** Configurations as a target publishes them, the preferred one first. */
export function configsOf(all: readonly Uint8Array[]): Uint8Array {
  const parts = all.map((contents) => {
    const head = new Uint8Array(CONFIG_HEAD_BYTES);
    setU16(head, 0, VERSION);
    setU16(head, 2, contents.length);
    return Buffer.concat([head, contents]);
  });
  const body = Buffer.concat(parts);
  const length = new Uint8Array(2);
  setU16(length, 0, body.length);
  return Buffer.concat([length, body]);
}

/** The contents of the first configuration that this side knows how to use. */
export function firstConfig(configs: Uint8Array): Uint8Array | undefined {
  if (configs.length < 2 || getU16(configs, 0) !== configs.length - 2) return undefined;
  for (let at = 2; at + CONFIG_HEAD_BYTES <= configs.length;) {
    const end = at + CONFIG_HEAD_BYTES + getU16(configs, at + 2);
    if (end > configs.length) return undefined;
    const contents = Uint8Array.from(configs.subarray(at + CONFIG_HEAD_BYTES, end));
    if (getU16(configs, at) === VERSION && isUsable(contents)) return contents;
    at = end;
  }
  return undefined;
}

function isUsable(contents: Uint8Array): boolean {
  if (contents.length !== CONTENTS_BYTES) return false;
  const expected = [suite.kem, suite.kdf, suite.aead, KEY_BYTES];
  return expected.every((number, i) => getU16(contents, 2 * i) === number);
}

/** A message in the clear: what both sides derive the response's key from. */
export interface Opened {
  readonly context: HpkeContext;
  /** The message with its padding, as it was sealed. */
  readonly plain: Uint8Array;
  readonly message: Uint8Array;
}

/** A sealed message where it lies. */
export interface Sealed {
  readonly type: "query" | "response";
  /** The key's id in a query, the nonce in a response. */
  readonly keyId: Uint8Array;
  readonly sealed: Uint8Array;
}

/** Reads an ObliviousDoHMessage, which must fill `octets[at, end)`. */
export function readSealed(octets: Uint8Array, at: number, end: number): Sealed | undefined {
  const type = octets[at];
  if (end - at < 5 || (type !== QUERY && type !== RESPONSE)) return undefined;
  const sealedAt = at + 5 + getU16(octets, at + 1);
  if (sealedAt >= end || sealedAt + getU16(octets, sealedAt - 2) !== end) return undefined;
  return {
    type: type === QUERY ? "query" : "response",
    keyId: octets.subarray(at + 3, sealedAt - 2),
    sealed: octets.subarray(sealedAt, end),
  };
}

function writeSealed(
  type: number,
  keyId: Uint8Array,
  ...sealed: readonly Uint8Array[]
): Uint8Array {
  const sealedBytes = sealed.reduce((sum, part) => sum + part.length, 0);
  assert(sealedBytes <= U16_MAX, "who seals knows what fits");
  const length = Uint8Array.of(sealedBytes >>> 8, sealedBytes);
  return Buffer.concat([boundTo(type, keyId), length, ...sealed]);
}

/** What a seal is bound to beside its contents: the type, and the key's id or the nonce. */
function boundTo(type: number, keyId: Uint8Array): Uint8Array {
  return Buffer.concat([Uint8Array.of(type, keyId.length >>> 8, keyId.length), keyId]);
}

/** A DNS message with zeros behind it, to a multiple of `blockBytes` as far as there is room. */
function padded(message: Uint8Array, blockBytes: number): Uint8Array {
  const blocks = Math.ceil(message.length / blockBytes);
  const size = Math.max(message.length, Math.min(blocks * blockBytes, OBLIVIOUS_MESSAGE_BYTES_MAX));
  const plain = new Uint8Array(4 + size);
  setU16(plain, 0, message.length);
  plain.set(message, 2);
  setU16(plain, 2 + message.length, size - message.length);
  return plain;
}

/** The message in the clear, where nothing but zeros pads it (RFC 9230 §6.1). */
function unpadded(plain: Uint8Array): Uint8Array | undefined {
  if (plain.length < 4) return undefined;
  const messageEnd = 2 + getU16(plain, 0);
  if (messageEnd === 2 || messageEnd + 2 > plain.length) return undefined;
  if (messageEnd + 2 + getU16(plain, messageEnd) !== plain.length) return undefined;
  for (let i = messageEnd + 2; i < plain.length; i++) if (plain[i] !== 0) return undefined;
  return plain.subarray(2, messageEnd);
}

/** A query for the target of a configuration; undefined where its key is none. */
export function sealQuery(
  contents: Uint8Array,
  message: Uint8Array,
  blockBytes: number,
): { readonly octets: Uint8Array; readonly sent: Opened } | undefined {
  const sender = setupSender(publicKeyOf(contents.subarray(8)), SCHEDULE);
  if (sender === undefined) return undefined;
  const plain = padded(message, blockBytes);
  const keyId = keyIdOf(contents);
  const sealed = seal(sender.context, 0, boundTo(QUERY, keyId), plain);
  return {
    octets: writeSealed(QUERY, keyId, sender.enc, sealed),
    sent: { context: sender.context, plain, message },
  };
}

/** Opens a query with the private key that its id names. */
export function openQuery(privateKey: KeyObject, { keyId, sealed }: Sealed): Opened | undefined {
  if (sealed.length <= KEY_BYTES) return undefined;
  const context = setupRecipient(privateKey, sealed.subarray(0, KEY_BYTES), SCHEDULE);
  const plain = context && open(context, 0, boundTo(QUERY, keyId), sealed.subarray(KEY_BYTES));
  const message = plain && unpadded(plain);
  if (context === undefined || plain === undefined || message === undefined) return undefined;
  return { context, plain, message };
}

/** What a response is sealed with (RFC 9230 §6.2, derive_secrets). */
function secretsOf(query: Opened, nonce: Uint8Array): { key: Uint8Array; nonce: Uint8Array } {
  const secret = exportSecret(query.context, RESPONSE_LABEL, AEAD_KEY_BYTES);
  const length = Uint8Array.of(nonce.length >>> 8, nonce.length);
  const prk = extract(Buffer.concat([query.plain, length, nonce]), secret);
  return {
    key: expand(prk, KEY_LABEL, AEAD_KEY_BYTES),
    nonce: expand(prk, NONCE_LABEL, AEAD_NONCE_BYTES),
  };
}

/** The response to a query. `nonce` is `NONCE_BYTES` long, random, and used once. */
export function sealResponse(
  query: Opened,
  nonce: Uint8Array,
  message: Uint8Array,
  blockBytes: number,
): Uint8Array {
  const { key, nonce: aeadNonce } = secretsOf(query, nonce);
  const plain = padded(message, blockBytes);
  return writeSealed(RESPONSE, nonce, sealWith(key, aeadNonce, boundTo(RESPONSE, nonce), plain));
}

/** The answer in a response to a query that was sent. */
export function openResponse(sent: Opened, octets: Uint8Array): Uint8Array | undefined {
  const response = readSealed(octets, 0, octets.length);
  if (response?.type !== "response") return undefined;
  const { keyId: nonce, sealed } = response;
  const secrets = secretsOf(sent, nonce);
  const plain = openWith(secrets.key, secrets.nonce, boundTo(RESPONSE, nonce), sealed);
  return plain && unpadded(plain);
}
