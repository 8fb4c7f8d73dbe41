/** On what terms a scenario has expired answers told. */
import type { StaleOptions } from "../src/serve/slow.ts";
import { seconds, yesOrNo } from "./scenario-values.ts";

export interface StaleDraft {
  isOn: boolean;
  readonly terms: { -readonly [K in keyof StaleOptions]: StaleOptions[K] };
}

/** Where a file says nothing: as RFC 8767 §5, but that Unbound tries again after five seconds. */
export function newStaleDraft(): StaleDraft {
  return { isOn: false, terms: { limitS: LIMIT_S, ttlS: 30, recheckS: 5, clientTimeoutMs: 1800 } };
}

const LIMIT_S = 86_400;

type Row = (draft: { readonly stale: StaleDraft }, value: string, line: number) => void;

export const staleRows: Readonly<Record<string, Row>> = {
  "serve-expired": ({ stale }, value, line) => {
    stale.isOn = yesOrNo(value, line);
  },
  "serve-expired-client-timeout": ({ stale }, value, line) => {
    stale.terms.clientTimeoutMs = seconds(value, line);
  },
  "serve-expired-reply-ttl": ({ stale }, value, line) => {
    stale.terms.ttlS = seconds(value, line);
  },
  "serve-expired-ttl": ({ stale }, value, line) => {
    stale.terms.limitS = seconds(value, line) || LIMIT_S;
  },
  "serve-expired-ttl-reset": ({ stale }, value, line) => {
    if (yesOrNo(value, line)) stale.terms.limitS = LIMIT_S;
  },
};
