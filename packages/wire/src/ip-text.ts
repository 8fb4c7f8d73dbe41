/** IPv4 and IPv6 addresses as text, both ways (RFC 4291 §2.2, written as RFC 5952 says). */

/** Four bytes in dotted decimal. */
export function ip4ToText(bytes: Uint8Array): string {
  return bytes.join(".");
}

/** The address of dotted decimal without leading zeros; undefined where a text is none. */
export function ip4FromText(text: string): Uint8Array | undefined {
  const parts = text.split(".");
  if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part))) {
    return undefined;
  }
  const numbers = parts.map(Number);
  return numbers.every((part) => part <= 255) ? Uint8Array.from(numbers) : undefined;
}

/** Sixteen bytes as groups, the longest run of zero groups shortened (RFC 5952 §4). */
export function ip6ToText(bytes: Uint8Array): string {
  if (isMapped(bytes)) return `::ffff:${ip4ToText(bytes.subarray(12))}`;
  const groups = Array.from({ length: 8 }, (_, i) =>
    ((bytes[2 * i]! << 8) | bytes[2 * i + 1]!).toString(16),
  );
  let from = -1;
  let size = 1;
  for (let i = 0; i < 8; i++) {
    let run = 0;
    while (groups[i + run] === "0") run++;
    if (run > size) {
      from = i;
      size = run;
    }
  }
  if (from < 0) return groups.join(":");
  return `${groups.slice(0, from).join(":")}::${groups.slice(from + size).join(":")}`;
}

/** Says whether an address is an IPv4-mapped one (RFC 4291 §2.5.5.2). */
function isMapped(bytes: Uint8Array): boolean {
  return (
    bytes.subarray(0, 10).every((byte) => byte === 0) && bytes[10] === 255 && bytes[11] === 255
  );
}

/** The address of an IPv6 text, with dotted decimal at its end too; undefined where it is none. */
export function ip6FromText(text: string): Uint8Array | undefined {
  const halves = text.split("::");
  if (halves.length > 2) return undefined;
  const head = groupsOf(halves[0]!, halves.length === 1);
  const tail = halves.length === 2 ? groupsOf(halves[1]!, true) : [];
  if (head === undefined || tail === undefined) return undefined;
  const missing = 8 - head.length - tail.length;
  if (halves.length === 1 ? missing !== 0 : missing < 1) return undefined;
  const groups = [...head, ...Array.from({ length: missing }, () => 0), ...tail];
  return Uint8Array.from(groups.flatMap((group) => [group >> 8, group & 0xff]));
}

/** The groups of one side of `::`; dotted decimal may stand at the end of the address only. */
function groupsOf(text: string, isLast: boolean): number[] | undefined {
  if (text === "") return [];
  const groups: number[] = [];
  const parts = text.split(":");
  for (const [i, part] of parts.entries()) {
    const ip4 = isLast && i === parts.length - 1 ? ip4FromText(part) : undefined;
    if (ip4 !== undefined) groups.push((ip4[0]! << 8) | ip4[1]!, (ip4[2]! << 8) | ip4[3]!);
    else if (/^[0-9a-fA-F]{1,4}$/.test(part)) groups.push(Number.parseInt(part, 16));
    else return undefined;
  }
  return groups;
}
