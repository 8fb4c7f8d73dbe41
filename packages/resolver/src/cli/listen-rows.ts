/** From settings to the addresses that are listened at, and what is spoken there. */
import { isDeepStrictEqual } from "node:util";
import type { CannotListen, ListenRow } from "../worker/options.ts";
import { type Wrong, wrong } from "./command.ts";
import type { Endpoint } from "./setting-kinds.ts";
import { type Key, type Settings, settingsTable } from "./settings.ts";

/** A row of `listen` with where it comes from. */
export interface ListenSetting extends ListenRow {
  readonly key: Key;
  readonly text: string;
  /** It stands in no configuration: where its address is taken, the server goes on without it. */
  readonly isOptional: boolean;
}

const KEYS = { "listen.dns": "dns", "listen.tls": "tls", "listen.https": "https" } as const;
type ListenKey = keyof typeof KEYS;

const WORDS = {
  dns: "UDP and TCP",
  tls: "DNS over TLS",
  https: "DNS over HTTPS, and over TLS",
} as const;

/** The rows of all that is listened at, plain ones first. */
export function listenRowsOf(settings: Settings): readonly ListenSetting[] {
  return (Object.keys(KEYS) as ListenKey[]).flatMap((key) => {
    const isOptional = key !== "listen.dns" && isByDefault(key, settings[key]);
    return settings[key].map((endpoint) => ({
      ...endpoint,
      key,
      spoken: KEYS[key],
      isOptional,
    }));
  });
}

/** Says whether these are the addresses that stand in no configuration. */
export function isByDefault(
  key: ListenKey | "listen.quic",
  endpoints: readonly Endpoint[],
): boolean {
  const texts = endpoints.map(({ text }) => text);
  return isDeepStrictEqual(texts, settingsTable[key].default);
}

/** A line that says what is listened at. */
export function listeningLine({ text, spoken }: ListenSetting, port: number): string {
  return listeningAt(text, port, WORDS[spoken]);
}

/** The same for whatever is spoken there; `port` is the one that was had. */
export function listeningAt(text: string, port: number, words: string): string {
  return `listening on ${text.replace(/:\d+$/, `:${port}`)}, ${words}`;
}

/** Says that an address cannot be listened at. */
export function cannotListen({ key, text }: ListenSetting, { why }: CannotListen): Wrong {
  return wrong(`${key} = ${text}: expected an address that is free (${why})`);
}

/** Refuses one address for two: the kernel would give each of them a part of the connections. */
export function refuseShared(settings: Settings): Wrong | undefined {
  const seen = new Map<string, ListenSetting>();
  for (const row of listenRowsOf(settings)) {
    if (row.port === 0) continue;
    const place = `${row.ip.join(".")} ${row.port}`;
    const before = seen.get(place);
    if (before !== undefined && before.spoken !== row.spoken) {
      return wrong(`${row.key} = ${row.text}: expected an address that is no ${before.key}`);
    }
    seen.set(place, row);
  }
  return undefined;
}
