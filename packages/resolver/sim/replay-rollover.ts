/** Trust anchors that roll over while a scenario is played, and the formulas of its steps. */
import type { Name } from "@lethe/wire/name.ts";
import type { RecordSet } from "@lethe/wire/record.ts";
import { AnchorKeeper } from "../src/dnssec/anchor-keeper.ts";
import type { TrustAnchor } from "../src/dnssec/anchor.ts";
import { stateDifferences, trustPointsIn } from "./autotrust.ts";
import { type FormulaError, expand, numberOf } from "./formula.ts";

/** Who looks at keys and believes anchors: the resolver under test. */
export interface Looker {
  lookAtKeys(zone: Name, done: (keySet: RecordSet | undefined) => void): void;
  believe(anchors: readonly TrustAnchor[]): void;
}

export class Rollover {
  readonly #keeper: AnchorKeeper;
  readonly #others: readonly TrustAnchor[];
  readonly #nowS: () => number;
  readonly #variables = new Map<string, number>();

  /** `others`: anchors that do not roll over. */
  constructor(lines: readonly string[], others: readonly TrustAnchor[], nowS: () => number) {
    this.#others = others;
    this.#nowS = nowS;
    // Scenarios are older than RFC 9905: what they sign with SHA-1 counts.
    this.#keeper = new AnchorKeeper(trustPointsIn(lines, nowS()) ?? [], true);
  }

  get anchors(): readonly TrustAnchor[] {
    return [...this.#others, ...this.#keeper.anchors];
  }

  /** Takes keys that were seen by the way. */
  saw(zone: Name, keySet: RecordSet, looker: Looker): void {
    const { isTrustNews } = this.#keeper.saw(zone, keySet, this.#nowS());
    if (isTrustNews) looker.believe(this.anchors);
  }

  /** Has the keys looked at that are due. */
  lookAtDue(looker: Looker): void {
    for (const zone of this.#keeper.due(this.#nowS())) {
      looker.lookAtKeys(zone, (keySet) => {
        const { isTrustNews } = this.#keeper.looked(zone, keySet, this.#nowS());
        if (isTrustNews) looker.believe(this.anchors);
      });
    }
  }

  /** Gives a variable the value of `name = formula`. */
  assign(text: string): FormulaError | undefined {
    const [name = "", formula = ""] = text.split("=").map((part) => part.trim());
    const value = numberOf(formula, this.#world);
    if (typeof value === "object") return value;
    this.#variables.set(name, value);
    return undefined;
  }

  numberOf(formula: string): number | FormulaError {
    return numberOf(formula, this.#world);
  }

  /** What the state has otherwise than a file with formulas says. */
  differences(lines: readonly string[]): readonly string[] {
    const expanded: string[] = [];
    for (const line of lines) {
      const text = expand(line, this.#world);
      if (typeof text === "object") return [`-${line}`, `+${text.why}`];
      expanded.push(text);
    }
    return stateDifferences(this.#keeper.points, expanded);
  }

  get #world() {
    const time = this.#nowS();
    const { nextLookS } = this.#keeper;
    const timeout = nextLookS === undefined ? 0 : Math.max(0, nextLookS - time);
    return { time, timeout, variables: this.#variables };
  }
}
