/** Addresses of machines, off by default: IPv4 (RFC 791) and IPv6 (RFC 4291). */
import { classOf, HEX, isAlnum } from "../characters.ts";
import type { Spans } from "../spans.ts";
import type { DigitGroups } from "./numbers.ts";

const DOT = 46;
const COLON = 58;
const LONGEST_V6 = 45;

export function findIpv4(text: string, groups: DigitGroups, found: Spans): void {
  for (let i = 0; i + 3 < groups.count; i++) {
    if (i > 0 && groups.separators[i] === DOT) continue;
    if (groups.separators[i + 4] === DOT && i + 4 < groups.count) continue;
    const start = groups.starts[i] ?? 0;
    const end = groups.ends[i + 3] ?? 0;
    if (!isQuad(text, groups, i) || isAlnum(text.charCodeAt(start - 1)) || isAlnum(text.charCodeAt(end)))
      continue;
    found.add(start, end, "ip");
  }
}

function isQuad(text: string, groups: DigitGroups, first: number): boolean {
  for (let i = first; i < first + 4; i++) {
    if (i > first && groups.separators[i] !== DOT) return false;
    if (groups.length(i) > 3 || Number(text.slice(groups.starts[i], groups.ends[i])) > 255) return false;
  }
  return true;
}

const V6 = /^(?:[0-9a-f]{1,4}:){7}[0-9a-f]{1,4}$/i;
const V6_PART = /^[0-9a-f]{1,4}(?::[0-9a-f]{1,4}){0,6}$/i;

/**
 * Looks at the address that has its first colon at `colon`.
 *
 * @returns behind what was looked at
 */
export function findIpv6(text: string, colon: number, found: Spans): number {
  let start = colon;
  while (start > colon - 5 && (classOf(text.charCodeAt(start - 1)) & HEX) !== 0) start--;
  let end = colon + 1;
  while (end < start + LONGEST_V6 && isInner(text.charCodeAt(end))) end++;
  while (end > colon && text.charCodeAt(end - 1) === DOT) end--;
  if (isV6(text.slice(start, end)) && !isAlnum(text.charCodeAt(start - 1)) && !isAlnum(text.charCodeAt(end)))
    found.add(start, end, "ip");
  return end;
}

function isInner(code: number): boolean {
  return (classOf(code) & HEX) !== 0 || code === COLON || code === DOT;
}

function isV6(address: string): boolean {
  // The last four bytes may be written as IPv4: they count as two groups.
  const plain = address.replace(/(?:\d{1,3}\.){3}\d{1,3}$/, "0:0");
  if (V6.test(plain)) return true;
  const halves = plain.split("::");
  if (halves.length !== 2 || plain.length < 4) return false;
  return halves.every((half) => half === "" || V6_PART.test(half));
}
