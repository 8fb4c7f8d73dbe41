/** Questions for tests of QUIC, as octets. */

/** An A question, with these options where there are any. */
export function plainQuery(name: string, id: number, options: readonly number[] = []): Buffer {
  const head = Buffer.alloc(12);
  head.writeUInt16BE(id, 0);
  head[2] = 1;
  head[5] = 1;
  head[11] = options.length > 0 ? 1 : 0;
  const labels = name
    .split(".")
    .map((label) => Buffer.concat([Buffer.of(label.length), Buffer.from(label)]));
  const opt =
    options.length === 0 ? [] : [0, 0, 41, 4, 208, 0, 0, 0, 0, 0, options.length, ...options];
  return Buffer.concat([head, ...labels, Buffer.of(0, 0, 1, 0, 1), Buffer.from(opt)]);
}
