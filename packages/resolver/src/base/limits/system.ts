/** Bounds of system/: buffers shared with the kernel. */
import type { Limit } from "@lethe/wire/limits.ts";

export const systemLimits = {
  datagramsPerBatchMax: {
    value: 64,
    unit: "datagrams",
    why: "at saturation a system call's cost is spread over so many; more gain nothing measurable",
    beyond: "the rest waits in the socket's buffer for the next batch",
    test: "packages/resolver/src/system/datagram-batch.test.ts",
  },
  datagramFrameBytes: {
    value: 2048,
    unit: "bytes",
    why: "holds any question, and any answer that fits the EDNS size of 1232",
    beyond: "a longer datagram is dropped: no honest question is so long",
    test: "packages/resolver/src/system/datagram-batch.test.ts",
  },
  socketBufferBytes: {
    value: 4194304,
    unit: "bytes",
    why: "holds what comes while a worker is replaced; the kernel may allow less",
    beyond: "the kernel drops datagrams",
    test: "packages/resolver/src/system/sockets.test.ts",
  },
  connectionsWaitingMax: {
    value: 511,
    unit: "connections",
    why: "those that come in one turn of the event loop; the kernel may allow less",
    beyond: "the kernel lets clients try again",
    test: "packages/resolver/src/system/sockets.test.ts",
  },
} as const satisfies Record<string, Limit>;
