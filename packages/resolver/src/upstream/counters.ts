/**
 * What upstream/ counts for the operator: plain numbers since the start.
 *
 * PRIVACY: no names and no addresses, neither clients' nor servers'.
 */

/** Why a reply was not taken (RFC 5452 §9). */
export type Unwanted =
  /** Shorter than a header. */
  | "short"
  /** A question, not a reply. */
  | "not-a-reply"
  | "wrong-source"
  | "wrong-id"
  | "wrong-question"
  /** The right question in other letter case. */
  | "wrong-case"
  /** The right one, when nobody waited for it any more. */
  | "late";

export interface UpstreamCounters {
  udpAsks: number;
  tcpAsks: number;
  /** Over TLS or HTTPS, to servers that have to prove who they are. */
  tlsAsks: number;
  replies: number;
  /** Replies to an attempt that had timed out, taken by the attempt after it. */
  repliesToEarlierAsk: number;
  timeouts: number;
  unreachable: number;
  noRoute: number;
  /** Asks that ended because wrong replies came again and again. */
  suspectedSpoofing: number;
  /** Ports that were chosen and turned out to be taken. */
  portsTaken: number;
  /** Asks that ended because there was no socket for them, and no place in the queue. */
  refused: number;
  /** UDP questions from a socket that had asked its server before. */
  udpSocketsReused: number;
  /** Now, not since the start. */
  udpSocketsOpen: number;
  udpQueued: number;
  tcpConnectionsOpen: number;
  tlsConnectionsOpen: number;
  /** To authorities that happen to speak TLS. */
  authorityTlsAsks: number;
  authorityTlsOpen: number;
  readonly unwanted: Record<Unwanted, number>;
}

export function newCounters(): UpstreamCounters {
  return {
    udpAsks: 0,
    tcpAsks: 0,
    tlsAsks: 0,
    replies: 0,
    repliesToEarlierAsk: 0,
    timeouts: 0,
    unreachable: 0,
    noRoute: 0,
    suspectedSpoofing: 0,
    portsTaken: 0,
    refused: 0,
    udpSocketsReused: 0,
    udpSocketsOpen: 0,
    udpQueued: 0,
    tcpConnectionsOpen: 0,
    tlsConnectionsOpen: 0,
    authorityTlsAsks: 0,
    authorityTlsOpen: 0,
    unwanted: {
      short: 0,
      "not-a-reply": 0,
      "wrong-source": 0,
      "wrong-id": 0,
      "wrong-question": 0,
      "wrong-case": 0,
      late: 0,
    },
  };
}
