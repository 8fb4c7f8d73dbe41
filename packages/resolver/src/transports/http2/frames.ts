/** Frames of HTTP/2: their numbers, and those that a server writes (RFC 9113 §4 and §6). */

export const FRAME_HEADER_BYTES = 9;
/** RFC 9113 §4.2: what is taken where nothing else is said, and all that we ever send at once. */
export const FRAME_BYTES_MAX = 16384;
/** RFC 9113 §6.9.2: each window's size where nothing else is said. */
export const WINDOW_BYTES = 65535;
export const WINDOW_BYTES_MAX = 0x7fffffff;

export const frameType = {
  data: 0,
  headers: 1,
  priority: 2,
  rstStream: 3,
  settings: 4,
  pushPromise: 5,
  ping: 6,
  goaway: 7,
  windowUpdate: 8,
  continuation: 9,
} as const;

export const frameFlag = {
  endStream: 1,
  ack: 1,
  endHeaders: 4,
  padded: 8,
  priority: 32,
} as const;

export const setting = {
  headerTableSize: 1,
  enablePush: 2,
  maxConcurrentStreams: 3,
  initialWindowSize: 4,
  maxFrameSize: 5,
  maxHeaderListSize: 6,
} as const;

/** RFC 9113 §7. */
export const h2Error = {
  noError: 0,
  protocolError: 1,
  internalError: 2,
  flowControlError: 3,
  settingsTimeout: 4,
  streamClosed: 5,
  frameSizeError: 6,
  refusedStream: 7,
  cancel: 8,
  compressionError: 9,
  enhanceYourCalm: 11,
} as const;
export type H2Error = (typeof h2Error)[keyof typeof h2Error];

export const PREFACE: Uint8Array = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");

/** Writes a frame's header at `at` and gives where its payload begins. */
export function putFrameHeader(
  into: Uint8Array,
  at: number,
  length: number,
  type: number,
  flags: number,
  stream: number,
): number {
  into[at] = length >>> 16;
  into[at + 1] = length >>> 8;
  into[at + 2] = length;
  into[at + 3] = type;
  into[at + 4] = flags;
  return putNumber(into, at + 5, stream);
}

/** Writes 32 bits and gives where they end. */
export function putNumber(into: Uint8Array, at: number, value: number): number {
  into[at] = value >>> 24;
  into[at + 1] = value >>> 16;
  into[at + 2] = value >>> 8;
  into[at + 3] = value;
  return at + 4;
}

/** 31 bits: the highest is reserved and passed over. */
export function numberAt(octets: Uint8Array, at: number): number {
  return (
    ((octets[at]! & 0x7f) << 24) |
    (octets[at + 1]! << 16) |
    (octets[at + 2]! << 8) |
    octets[at + 3]!
  );
}

/** A SETTINGS frame of these rows. */
export function settingsFrame(rows: readonly (readonly [id: number, value: number])[]): Uint8Array {
  const frame = new Uint8Array(FRAME_HEADER_BYTES + 6 * rows.length);
  let at = putFrameHeader(frame, 0, 6 * rows.length, frameType.settings, 0, 0);
  for (const [id, value] of rows) {
    frame[at] = id >>> 8;
    frame[at + 1] = id;
    at = putNumber(frame, at + 2, value);
  }
  return frame;
}
