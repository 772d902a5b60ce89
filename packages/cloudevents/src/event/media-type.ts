/**
 * Media types (RFC 2045, section 5.1; RFC 2046), with the empty parameters that headers may have (RFC 9110,
 * section 5.6.6):
 *
 *   content   = type "/" subtype *( OWS ";" OWS [ parameter ] )
 *   parameter = attribute "=" ( token / quoted-string )
 *
 * Types, subtypes and parameter names are compared without regard to case.
 */

import { remember } from "./remember.ts";

/** What a media type says of the data under it. */
export type DataKind =
  /** The subtype is `json` or ends in `+json`: the data is a JSON value. */
  | "json"
  /** Text in UTF-8: the data is a string. */
  | "text"
  /** Anything else: the data is bytes. */
  | "bytes";

export interface MediaType {
  /** `type/subtype`, in lower case. */
  readonly essence: string;
  /** The `charset` parameter in lower case; `""` when there is none. */
  readonly charset: string;
  readonly kind: DataKind;
}

/** Reads a media type; `undefined` when the text is none. */
export const parseMediaType: (value: string) => MediaType | undefined = remember(parse);

function parse(value: string): MediaType | undefined {
  const slash = afterToken(value, 0);
  if (slash === 0 || value[slash] !== "/") return undefined;
  let at = afterToken(value, slash + 1);
  if (at === slash + 1) return undefined;
  const essence = value.slice(0, at).toLowerCase();
  let charset = "";
  while (at < value.length) {
    at = afterSpace(value, at);
    if (value[at] !== ";") return undefined;
    const start = afterSpace(value, at + 1);
    if (start === value.length || value[start] === ";") {
      at = start;
      continue;
    }
    const equals = afterToken(value, start);
    if (equals === start || value[equals] !== "=") return undefined;
    at = value[equals + 1] === '"' ? afterQuoted(value, equals + 1) : afterToken(value, equals + 1);
    if (at <= equals + 1) return undefined;
    if (value.slice(start, equals).toLowerCase() === "charset") {
      charset = unquote(value.slice(equals + 1, at)).toLowerCase();
    }
  }
  return { essence, charset, kind: kindOf(essence, charset) };
}

function kindOf(essence: string, charset: string): DataKind {
  const subtype = essence.slice(essence.indexOf("/") + 1);
  if (subtype === "json" || subtype.endsWith("+json")) return "json";
  const isText = essence.startsWith("text/") || subtype === "xml" || subtype.endsWith("+xml");
  return isText && isUtf8(charset) ? "text" : "bytes";
}

/** True for the charsets whose text can be read and written as UTF-8; the default is one of them. */
export function isUtf8(charset: string): boolean {
  return charset === "" || charset === "utf-8" || charset === "utf8" || charset === ASCII;
}

/** The part of UTF-8 that needs one byte a character. */
export const ASCII = "us-ascii";

/** The content of a quoted-string (RFC 7230, section 3.2.6); a text without quotes is given back as it is. */
export function unquote(text: string): string {
  if (!text.startsWith('"')) return text;
  const inside = text.slice(1, -1);
  return inside.includes("\\") ? inside.replace(/\\(.)/gs, "$1") : inside;
}

/** Where the quoted-string that opens at `start` ends, behind its closing quote; -1 when it does not. */
export function afterQuoted(value: string, start: number): number {
  for (let i = start + 1; i < value.length; i++) {
    if (value[i] === "\\") i++;
    else if (value[i] === '"') return i + 1;
    else if (!isPrintable(value.charCodeAt(i))) return -1;
  }
  return -1;
}

function isPrintable(unit: number): boolean {
  return unit >= 0x20 && unit <= 0x7e;
}

function afterToken(value: string, start: number): number {
  let i = start;
  while (i < value.length && isTokenUnit(value.charCodeAt(i))) i++;
  return i;
}

/** RFC 2045: any printable ASCII character but the space and the tspecials. */
function isTokenUnit(unit: number): boolean {
  return unit > 0x20 && unit < 0x7f && !'()<>@,;:\\"/[]?='.includes(String.fromCharCode(unit));
}

function afterSpace(value: string, start: number): number {
  let i = start;
  while (value[i] === " " || value[i] === "\t") i++;
  return i;
}
