/** What the fields of a leaf may hold: each a check of JSON that gives it a type. */
import { parseBase64 } from "@lethe/tlog/decimal.ts";
import type { Json } from "../../base/canonical-json.ts";

/** A check with the type of what passes it. */
export interface Field<T extends Json> {
  /** In words, for the specification and for complaints. */
  readonly expected: string;
  readonly is: (value: Json) => value is T;
}

export type Shape = Readonly<Record<string, Field<Json>>>;
export type TypeOf<S extends Shape> = {
  readonly [K in keyof S]: S[K] extends Field<infer T> ? T : never;
};

function field<T extends Json>(expected: string, is: (value: Json) => boolean): Field<T> {
  return { expected, is: (value): value is T => is(value) };
}

export const text = field<string>("a text", (value) => typeof value === "string");
export const yesOrNo = field<boolean>("true or false", (value) => typeof value === "boolean");
export const count = field<number>(
  "a count",
  (value) => Number.isSafeInteger(value) && (value as number) >= 0,
);

/** `2026-11-24T16:30:02Z`: UTC, whole seconds. */
export const time = field<string>("a time", (value) => timeToS(value) !== undefined);

/** SHA-256 in 64 small hexadecimal digits. */
export const digest = field<string>("a SHA-256 digest", (value) => {
  return typeof value === "string" && /^[0-9a-f]{64}$/.test(value);
});

export const base64 = field<string>("base64", (value) => {
  return typeof value === "string" && parseBase64(value) !== undefined;
});

/** Any JSON object. */
export const document = field<{ readonly [name: string]: Json }>("an object", isObject);

export function oneOf<T extends string>(...values: readonly T[]): Field<T> {
  return field(values.join(" or "), (value) => values.includes(value as T));
}

export function orNull<T extends Json>(inner: Field<T>): Field<T | null> {
  return field(`${inner.expected}, or null`, (value) => value === null || inner.is(value));
}

export function listOf<T extends Json>(inner: Field<T>): Field<readonly T[]> {
  return field(`a list of ${inner.expected}`, (value) => {
    return Array.isArray(value) && (value as readonly Json[]).every(inner.is);
  });
}

export function object<S extends Shape>(shape: S): Field<TypeOf<S> & { [name: string]: Json }> {
  return field(`{${Object.keys(shape).join(", ")}}`, (value) => whyNot(shape, value) === undefined);
}

/** Why a value does not have exactly the fields of a shape; undefined where it has. */
export function whyNot(shape: Shape, value: Json): string | undefined {
  if (!isObject(value)) return "expected an object";
  const extra = Object.keys(value).find((name) => !Object.hasOwn(shape, name));
  if (extra !== undefined) return `${extra} is no field of it`;
  for (const [name, { expected, is }] of Object.entries(shape)) {
    if (!Object.hasOwn(value, name)) return `${name} is missing`;
    if (!is(value[name]!)) return `${name}: expected ${expected}`;
  }
  return undefined;
}

/** Seconds since 1970 of a time as leaves have it; undefined where it is none. */
export function timeToS(value: Json): number | undefined {
  if (typeof value !== "string" || !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(value)) {
    return undefined;
  }
  const seconds = Date.parse(value) / 1000;
  return Number.isNaN(seconds) || timeOf(seconds) !== value ? undefined : seconds;
}

/** A time as leaves have it, from seconds since 1970. */
export function timeOf(seconds: number): string {
  return `${new Date(seconds * 1000).toISOString().slice(0, 19)}Z`;
}

function isObject(value: Json): value is { readonly [name: string]: Json } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
