/**
 * The kinds of value that a configuration holds. Each one reads a literal of the file, or the text of a
 * variable or flag ({@link TextValue}), and says what it wanted without repeating what it got.
 */
import { isIPv6 } from "node:net";
import { Secret } from "@coresdk/pipeline/checks";
import * as z from "zod";
import { hideHeaderName } from "./header-names.ts";
import type { ListenAddress } from "./settings.ts";
import { TextValue } from "./tree.ts";
import { DURATION_FORM, parseDuration, parseSize, SIZE_FORM } from "./units.ts";

/** A key that may be left out. */
export type Optional<T> = z.ZodOptional<z.ZodType<T>>;

/** Timers of Node go no further. */
const LONGEST_TIMER_MS = 24 * 86_400_000;

/**
 * Text that is not empty.
 *
 * @param check gives what is wrong with a text, for what has a form of its own
 */
export function text(
  description: string,
  check: (text: string) => string | undefined = () => undefined,
): Optional<string> {
  const error = "must be text (in quotes, when it looks like a number)";
  const checked = z
    .string({ error })
    .min(1, { error: "must not be empty", abort: true })
    .refine((given) => check(given) === undefined, { error: ({ input }) => check(String(input)) ?? "" });
  return z.preprocess(asText, checked).meta({ description }).optional();
}

/** Text that is printed as `***`. `writeOnly` is how a JSON Schema says so. */
export function secret(description: string): Optional<Secret> {
  return secretText({ description }).optional();
}

/**
 * A token that a client can present (RFC 6750, section 2.1): visible ASCII. A line break at its end, as a file or a
 * mounted secret has one, is not part of it.
 */
export function bearerToken(description: string): Optional<Secret> {
  const value = z
    .string({ error: "must be text (in quotes, when it looks like a number)" })
    .min(1, { error: "must not be empty: no client can send such a token", abort: true })
    .regex(/^[\x21-\x7e]+$/, {
      error: "must be visible ASCII characters without spaces: no client can send another after Bearer",
    });
  return z
    .preprocess((input) => dropLineBreak(asText(input)), value)
    .meta({ description, writeOnly: true })
    .transform((shown) => new Secret(shown))
    .optional();
}

function dropLineBreak(input: unknown): unknown {
  return typeof input === "string" ? input.replace(/\r?\n$/, "") : input;
}

/** The same as {@link secret} where the key is free: the value of a header. */
export function secretText(meta: { readonly description: string }): z.ZodType<Secret> {
  const value = z.string({ error: "must be text (in quotes, when it looks like a number)" });
  return z
    .preprocess(asText, value)
    .meta({ ...meta, writeOnly: true })
    .transform((shown) => new Secret(shown));
}

export function integer(
  description: string,
  range: { readonly min: number; readonly max: number },
): Optional<number> {
  const error = `must be a whole number from ${range.min} to ${range.max}`;
  const value = z.int({ error }).min(range.min, { error }).max(range.max, { error });
  return z.preprocess(asNumber, value).meta({ description }).optional();
}

export function boolean(description: string): Optional<boolean> {
  return booleanValue().meta({ description }).optional();
}

export function booleanValue(): z.ZodType<boolean> {
  return z.preprocess(asBoolean, z.boolean({ error: "must be true or false" }));
}

export function choice<const T extends readonly [string, ...string[]]>(
  description: string,
  names: T,
): Optional<T[number]> {
  const error = names.length === 1 ? `must be ${names[0]}` : `must be one of ${names.join(", ")}`;
  return z.preprocess(asText, z.enum(names, { error })).meta({ description }).optional();
}

export interface DurationRange {
  /** 0 when left out. */
  readonly minMs?: number;
  /** What a timer can wait when left out. */
  readonly maxMs?: number;
}

/** Gives milliseconds. */
export function duration(description: string, range: DurationRange = {}): Optional<number> {
  const { minMs = 0, maxMs = LONGEST_TIMER_MS } = range;
  return amount(description, DURATION_FORM, parseDuration, (ms) => {
    if (ms < minMs) return `must be at least ${minMs}ms`;
    return ms > maxMs ? `must be at most ${maxMs / 3_600_000}h` : undefined;
  });
}

/** Gives bytes. */
export function size(description: string, minBytes: number): Optional<number> {
  return amount(description, SIZE_FORM, parseSize, (bytes) =>
    bytes < minBytes ? `must be at least ${minBytes} bytes` : undefined,
  );
}

/** How a text becomes a number of milliseconds or bytes; `undefined` when it is none. */
interface AmountReader {
  readonly parse: (text: string) => number | undefined;
}

/** The schemas of durations and sizes, which nothing else tells from those of any text. */
export const amounts: z.core.$ZodRegistry<AmountReader> = z.registry();

function amount(
  description: string,
  form: string,
  parse: (text: string) => number | undefined,
  check: (value: number) => string | undefined,
): Optional<number> {
  const error = `must be ${form}`;
  const literal = z.union([z.string(), z.number()], { error });
  const value = z
    .preprocess(asText, literal)
    .meta({ description })
    .transform((input, context) => {
      const parsed = parse(String(input));
      const message = parsed === undefined ? error : check(parsed);
      if (parsed !== undefined && message === undefined) return parsed;
      context.addIssue({ code: "custom", message: message ?? error });
      return z.NEVER;
    });
  return value.register(amounts, { parse }).optional();
}

/** An `http` or `https` URL without credentials, which would be shown wherever an endpoint is. */
export function url(description: string): Optional<string> {
  const value = z
    .string({ error: "must be an http:// or https:// URL" })
    .meta({ description, format: "uri" });
  const checked = z.preprocess(asText, value).transform((input, context) => {
    const message = checkUrl(input);
    if (message === undefined) return input;
    context.addIssue({ code: "custom", message });
    return z.NEVER;
  });
  return checked.optional();
}

/** What is wrong with an endpoint's URL; `undefined` when nothing is. */
export function checkUrl(input: string): string | undefined {
  const parsed = URL.parse(input);
  if (parsed === null || !/^https?:$/.test(parsed.protocol) || !/^https?:\/\//i.test(input)) {
    return "must be an http:// or https:// URL";
  }
  if (parsed.username !== "" || parsed.password !== "")
    return "must not hold a user or password: use headers";
  if (parsed.port === "0") return "must have a port above 0";
  return parsed.hash === "" ? undefined : "must not have a fragment (#...)";
}

/** `HOST:PORT`, with brackets around an IPv6 address. */
export function listenAddress(description: string): Optional<ListenAddress> {
  const error = "must be HOST:PORT, such as 127.0.0.1:4318 or [::1]:4318";
  return z
    .preprocess(asText, z.string({ error }).meta({ description }))
    .transform((input, context) => {
      const address = parseAddress(input);
      if (address !== undefined) return address;
      context.addIssue({ code: "custom", message: error });
      return z.NEVER;
    })
    .optional();
}

/** Reads `HOST:PORT`; `undefined` when the text is no such address. */
export function parseAddress(text: string): ListenAddress | undefined {
  const [, bracketed, plain, digits] = /^(?:\[([0-9a-f:.]+)\]|([^\s:/@[\]]+)):(\d{1,5})$/i.exec(text) ?? [];
  const host = bracketed === undefined || isIPv6(bracketed) ? (bracketed ?? plain) : undefined;
  const port = Number(digits);
  return host !== undefined && port <= 65_535 ? { host, port } : undefined;
}

/** A list; a variable or flag separates its items by commas. */
export function list<T>(description: string, item: z.ZodType<T>): Optional<T[]> {
  return z
    .preprocess(asList, z.array(item, { error: "must be a list" }))
    .meta({ description })
    .optional();
}

/** Item of a list: text that is not empty. */
export function textItem(): z.ZodType<string> {
  const error = "must be text";
  return z.preprocess(asText, z.string({ error }).min(1, { error: "must not be empty" }));
}

/** RFC 9110, 5.6.2. */
export const HEADER_NAME: RegExp = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
/** RFC 9110, 5.5: what may stand in a field value; a line break would begin another header. */
export const HEADER_VALUE: RegExp = /^[\t\x20-\x7e\x80-\xff]*$/;

/**
 * Header names and secret values; a variable or flag writes `Name=value,Other=value`, percent-encoded where needed.
 *
 * @param checkName the rule of whoever sends them; gives what is wrong with a name
 */
export function headers(
  description: string,
  checkName: (name: string) => string | undefined,
): Optional<Record<string, Secret>> {
  const name = z
    .string()
    // What is no name may be a misplaced secret, and is not repeated.
    .regex(HEADER_NAME, { error: "is no header name", abort: true })
    .refine((given) => checkName(given) === undefined, {
      error: ({ input }) => hideHeaderName(checkName(String(input)) ?? "", String(input)),
    });
  const value = z.preprocess(
    asText,
    z
      .string({ error: "must be text (in quotes, when it looks like a number)" })
      .regex(HEADER_VALUE, { error: "holds a character that no header may" }),
  );
  const secretValue = value.meta({ writeOnly: true }).transform((shown) => new Secret(shown));
  return z
    .preprocess(
      asHeaders,
      z.record(name, secretValue, { error: "must be a mapping of header names to values" }),
    )
    .meta({ description })
    .optional();
}

/** The text of a variable or flag as text, and anything else as it is. */
export function asText(input: unknown): unknown {
  return input instanceof TextValue ? input.text : input;
}

function asNumber(input: unknown): unknown {
  if (!(input instanceof TextValue)) return input;
  return /^-?\d{1,15}$/.test(input.text.trim()) ? Number(input.text) : input.text;
}

function asBoolean(input: unknown): unknown {
  if (!(input instanceof TextValue)) return input;
  const word = input.text.trim().toLowerCase();
  if (word === "true") return true;
  return word === "false" ? false : input.text;
}

function asList(input: unknown): unknown {
  if (!(input instanceof TextValue)) return input;
  return input.text
    .split(",")
    .map((item) => item.trim())
    .filter((item) => item !== "")
    .map((item) => new TextValue(item));
}

function asHeaders(input: unknown): unknown {
  if (!(input instanceof TextValue)) return input;
  const entries = parseHeaderList(input.text);
  return entries === undefined ? input : Object.fromEntries(entries);
}

/**
 * Reads `Name=value,Other=value`, values percent-encoded where needed, as `OTEL_EXPORTER_OTLP_HEADERS` does.
 *
 * @returns `undefined` when the text is no such list
 */
export function parseHeaderList(
  text: string,
): readonly (readonly [name: string, value: string])[] | undefined {
  const entries: [string, string][] = [];
  for (const pair of text.split(",")) {
    const split = pair.indexOf("=");
    if (pair.trim() === "") continue;
    if (split < 1) return undefined;
    entries.push([pair.slice(0, split).trim(), decodePercent(pair.slice(split + 1).trim())]);
  }
  return entries;
}

function decodePercent(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // A stray % is itself.
  }
}
