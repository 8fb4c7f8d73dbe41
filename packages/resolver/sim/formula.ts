/**
 * Formulas of scenario files about rollovers: `${$t0 + $probe}`, `${range 4800 ${timeout} 5400}`.
 *
 *   ${time}         seconds since 1970          ${timeout}        seconds until the next look
 *   ${$name}        what ASSIGN gave a name     ${1 + 2 * 3}      sums and products
 *   ${range a x b}  x, which must lie between   ${ctime x}        a date in words: not compared
 */
export interface FormulaWorld {
  readonly time: number;
  readonly timeout: number;
  readonly variables: ReadonlyMap<string, number>;
}

/** Why a formula gives nothing: it is malformed, or a value lies outside its range. */
export interface FormulaError {
  readonly kind: "formula-error";
  readonly why: string;
}

const INNERMOST = /\$\{([^{}]*)\}/;
const DATE = "date";

/** A text with its formulas replaced by what they give. */
export function expand(text: string, world: FormulaWorld): string | FormulaError {
  let rest = text;
  for (;;) {
    const found = INNERMOST.exec(rest);
    if (found === null) return rest;
    const value = valueOf(found[1]!.trim(), world);
    if (typeof value === "object") return value;
    rest = rest.slice(0, found.index) + value + rest.slice(found.index + found[0].length);
  }
}

/** The number that a formula gives. */
export function numberOf(text: string, world: FormulaWorld): number | FormulaError {
  const expanded = expand(text, world);
  return typeof expanded === "string" ? sum(expanded, world) : expanded;
}

function valueOf(formula: string, world: FormulaWorld): string | FormulaError {
  if (formula === "time") return String(world.time);
  if (formula === "timeout") return String(world.timeout);
  if (formula.startsWith("ctime ")) return DATE;
  const range = /^range\s+(\S+)\s+(\S+)\s+(\S+)$/.exec(formula);
  if (range === null) {
    const value = sum(formula, world);
    return typeof value === "number" ? String(value) : value;
  }
  const [from, value, to] = range.slice(1).map(Number);
  return from! <= value! && value! <= to!
    ? String(value)
    : formulaError(`${value} lies outside of ${from} to ${to}`);
}

/** A sum of products of numbers and variables. */
function sum(text: string, { variables }: FormulaWorld): number | FormulaError {
  const tokens = text.match(/\$\w+|\d+|[-+*]|\S/g) ?? [];
  let total = 0;
  let product: number | undefined;
  let sign = 1;
  for (const [i, token] of tokens.entries()) {
    if (token === "*" && product !== undefined) continue;
    if ((token === "+" || token === "-") && product !== undefined) {
      total += sign * product;
      sign = token === "+" ? 1 : -1;
      product = undefined;
      continue;
    }
    const value = token.startsWith("$") ? variables.get(token.slice(1)) : wholeNumber(token);
    if (value === undefined) return formulaError(`"${token}" in "${text}" is no number`);
    product = tokens[i - 1] === "*" && product !== undefined ? product * value : value;
  }
  return product === undefined ? formulaError(`"${text}" is no sum`) : total + sign * product;
}

function wholeNumber(text: string): number | undefined {
  return /^\d+$/.test(text) ? Number(text) : undefined;
}

function formulaError(why: string): FormulaError {
  return { kind: "formula-error", why };
}
