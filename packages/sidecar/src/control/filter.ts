/** Which events a reader of `tap` wants. */
import type { BatchView } from "@coresdk/pipeline";

/** True when event `i` of a batch is wanted. */
export type EventFilter = (batch: BatchView, i: number) => boolean;

/** A filter that cannot be read. */
export class FilterError extends Error {
  override readonly name = "FilterError";
}

const FILTER = /^([a-z0-9]{1,20})=(.*)$/s;

/**
 * Compiles filters of the form `attribute=pattern`, in which `*` stands for any run of characters. Several
 * for one attribute: any of them; for different attributes: all of them.
 *
 * @throws FilterError when one has another form
 */
export function compileFilters(filters: readonly string[]): EventFilter {
  const byAttribute = new Map<string, ((value: string) => boolean)[]>();
  for (const filter of filters) {
    const [, attribute, pattern] = FILTER.exec(filter) ?? [];
    if (attribute === undefined || pattern === undefined) {
      // Not repeated: whatever was pasted there may be a secret.
      throw new FilterError("a filter is attribute=pattern, such as type=io.coresdk.*");
    }
    const matchers = byAttribute.get(attribute) ?? [];
    matchers.push(compileGlob(pattern));
    byAttribute.set(attribute, matchers);
  }
  const tests = [...byAttribute].map(([attribute, matchers]): EventFilter => {
    const read = reader(attribute);
    return (batch, i) => {
      const value = read(batch, i);
      return value !== undefined && matchers.some((matches) => matches(value));
    };
  });
  return (batch, i) => tests.every((test) => test(batch, i));
}

/** Greedy with one point to return to: never worse than the product of both lengths, whatever the pattern. */
export function compileGlob(pattern: string): (value: string) => boolean {
  const parts = pattern.split("*");
  const [first = "", ...rest] = parts;
  const last = rest.pop();
  if (last === undefined) return (value) => value === pattern;
  return (value) => {
    if (!value.startsWith(first)) return false;
    let at = first.length;
    for (const part of rest) {
      const found = value.indexOf(part, at);
      if (found === -1) return false;
      at = found + part.length;
    }
    return value.length - last.length >= at && value.endsWith(last);
  };
}

/** The index holds these; for any other attribute the event is parsed. */
function reader(attribute: string): (batch: BatchView, i: number) => string | undefined {
  switch (attribute) {
    case "type":
      return (batch, i) => batch.type(i);
    case "subject":
      return (batch, i) => batch.subject(i);
    case "id":
      return (batch, i) => batch.id(i);
    case "time":
      return (batch, i) => batch.time(i);
    default:
      return (batch, i) => readAttribute(batch.event(i), attribute);
  }
}

const text = new TextDecoder();

function readAttribute(event: Uint8Array, attribute: string): string | undefined {
  const parsed: unknown = JSON.parse(text.decode(event));
  if (typeof parsed !== "object" || parsed === null || attribute === "data") return undefined;
  const value = new Map<string, unknown>(Object.entries(parsed)).get(attribute);
  return value === undefined ? undefined : String(value);
}
