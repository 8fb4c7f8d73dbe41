/** The question of a message: one name, type and class (RFC 1035 §4.1.2). */
import { type Name, nameEqual, nameKey } from "./name.ts";

export interface Question {
  readonly name: Name;
  readonly type: number;
  readonly class: number;
}

/** Says whether two questions ask the same, letter case apart. */
export function questionEqual(a: Question, b: Question): boolean {
  return a.type === b.type && a.class === b.class && nameEqual(a.name, b.name);
}

/** The question as a map key, equal where `questionEqual` holds. */
export function questionKey(question: Question): string {
  return `${String.fromCharCode(question.type, question.class)}${nameKey(question.name)}`;
}
