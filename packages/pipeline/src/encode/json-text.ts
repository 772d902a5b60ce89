/**
 * JSON text of values (semantics, section 3): 64-bit integers that a double cannot hold become strings, bytes
 * base64, NaN and the infinities strings. Text is built directly: no object is made of a client's keys.
 *
 * "Cannot hold" is taken as beyond 2^53 - 1, either side of zero. A double has some larger ones too (2^53, 2^62), but
 * whoever reads 9007199254740992 cannot tell it from 9007199254740993 (RFC 8259, section 6; RFC 7493, section 2.2),
 * and a field would be a number or a string by how many zeros its value ends with in binary.
 */
import { type AnyValue, IntegralDouble, KeyValues } from "../log-event.ts";

/** Longer texts are left to the engine's own escaping, whose start-up cost they outweigh. */
const MAX_SCANNED = 100;

/** True for text that stands in a JSON string as it is; false also where looking would not pay. */
export function isPlain(text: string): boolean {
  if (text.length > MAX_SCANNED) return false;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x20 || unit === 0x22 || unit === 0x5c || unit >= 0xd800) return false;
  }
  return true;
}

/** A JSON string, with its quotes. Lone surrogates are escaped, so that the text has a UTF-8 form. */
export function quote(text: string): string {
  return isPlain(text) ? `"${text}"` : JSON.stringify(text);
}

/** A JSON number, or a string for what JSON has no number for. */
export function numberText(value: number): string {
  if (!Number.isFinite(value)) return `"${value}"`;
  return value === 0 && 1 / value < 0 ? "-0" : `${value}`;
}

/** One value; the caller has made sure that it is not nested without end. */
export function valueText(value: AnyValue): string {
  switch (typeof value) {
    case "string":
      return quote(value);
    case "number":
      return numberText(value);
    case "boolean":
      return value ? "true" : "false";
    case "bigint":
      return Number.isSafeInteger(Number(value)) ? `${value}` : `"${value}"`;
    default:
      return containerText(value);
  }
}

function containerText(value: Exclude<AnyValue, string | number | boolean | bigint>): string {
  if (value === null) return "null";
  if (value instanceof KeyValues) return mapText(value);
  if (value instanceof IntegralDouble) return numberText(value.value);
  if (value instanceof Uint8Array) return `"${base64(value)}"`;
  let text = "[";
  for (let i = 0; i < value.length; i++) {
    text += i === 0 ? valueText(value[i] ?? null) : `,${valueText(value[i] ?? null)}`;
  }
  return `${text}]`;
}

/** A map as an object; a key given again gets a number, so that no reader loses one of the two. */
function mapText(map: KeyValues): string {
  let text = "{";
  /** How often each key was given; the numbered ones are keys like any other. */
  const counts = new Map<string, number>();
  for (let i = 0; i < map.size; i++) {
    const key = map.keys[i] ?? "";
    let free = key;
    let count = counts.get(key) ?? 0;
    while (counts.has(free)) free = `${key}.${++count}`;
    counts.set(free, 1);
    counts.set(key, Math.max(count, 1));
    text += `${i === 0 ? "" : ","}${quote(free)}:${valueText(map.values[i] ?? null)}`;
  }
  return `${text}}`;
}

/** Standard base64 with padding (RFC 4648, section 4). */
export function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");
}
