import type { Answer, QueryAnswer, QueryResult, RegoValue } from "./contracts.ts";
import { RegoError } from "./errors.ts";
import type { RawAnswer } from "./evaluator.ts";
import { decodeValue } from "./value-json.ts";

/** Makes an answer of what an evaluation came to. */
export function readAnswer(raw: RawAnswer): Answer {
  if (raw === undefined) return { kind: "undefined" };
  if (raw instanceof RegoError) return { kind: "error", error: raw };
  return { kind: "value", value: decodeValue(raw) };
}

/** The same for a query, whose results the engine lists as `{ result: [{ expressions: [{ value }], bindings }] }`. */
export function readResults(raw: RawAnswer): QueryAnswer {
  if (raw instanceof RegoError) return { kind: "error", error: raw };
  const list = raw === undefined ? [] : itemsAt(decodeValue(raw), "result");
  return { kind: "results", results: list.map(readResult) };
}

function readResult(result: RegoValue): QueryResult {
  const bindings = valueAt(result, "bindings");
  return {
    bindings: isObject(bindings) ? bindings : {},
    values: itemsAt(result, "expressions").map((expression) => valueAt(expression, "value") ?? null),
  };
}

function itemsAt(value: RegoValue, key: string): readonly RegoValue[] {
  const items = valueAt(value, key);
  return isArray(items) ? items : [];
}

function valueAt(value: RegoValue, key: string): RegoValue | undefined {
  return isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}

function isArray(value: RegoValue | undefined): value is readonly RegoValue[] {
  return Array.isArray(value);
}

function isObject(value: RegoValue | undefined): value is { readonly [key: string]: RegoValue } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
