/** One row of the settings table. */
import type { Kind, Toml } from "./setting-kinds.ts";

export interface Setting<T, D extends Toml | undefined> {
  readonly kind: Kind<T>;
  /** In the form of the file; undefined where the setting is absent by default. */
  readonly default: D;
  readonly meaning: string;
}

export function setting<T, D extends Toml | undefined>(
  kind: Kind<T>,
  byDefault: D,
  meaning: string,
): Setting<T, D> {
  return { kind, default: byDefault, meaning };
}
