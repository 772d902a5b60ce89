/**
 * What JSON can hold. `JSON.stringify` does not refuse the rest: it leaves a function out, makes `null` of NaN,
 * `{}` of a Map or a promise, and a list of numbers of bytes.
 */
import { CloudEventError } from "../errors.ts";
import { type Candidate, isCandidate } from "./candidate.ts";

/**
 * Checks a value that did not come out of a parser, all of it. A member that is `undefined` is as if it were absent;
 * an object with a `toJSON` (a Date, a URL) is what that gives, which is not looked at; an object of a class is its
 * own enumerable properties. A bigint is right here: whether it can be written is for the encoder to say.
 *
 * @param depthLeft how deep the value may be nested
 * @throws CloudEventError `invalid_data`, `limit_exceeded`
 */
export function requireJson(value: unknown, depthLeft: number): void {
  switch (typeof value) {
    case "string":
    case "boolean":
    case "bigint":
      return;
    case "number":
      if (!Number.isFinite(value)) throw notJson("NaN or an infinity");
      return;
    case "object":
      break;
    default:
      throw notJson(value === undefined ? "undefined" : `a ${typeof value}`);
  }
  if (value === null) return;
  if (depthLeft <= 0) throw tooDeep();
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) requireJson(value[i], depthLeft - 1);
  } else if (isCandidate(value)) {
    requireJsonObject(value, depthLeft);
  }
}

function requireJsonObject(value: Candidate, depthLeft: number): void {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) {
    requireOfClass(value, prototype, depthLeft);
    return;
  }
  // In half the time that a list of names takes.
  for (const name in value) {
    const member = value[name];
    if (isScalar(member)) continue;
    if (typeof value["toJSON"] === "function") return;
    requireJson(member, depthLeft - 1);
  }
}

function isScalar(member: unknown): boolean {
  switch (typeof member) {
    case "string":
    case "undefined":
    case "boolean":
      return true;
    case "number":
      return Number.isFinite(member);
    default:
      return member === null;
  }
}

/**
 * An object of a class has in its properties what JSON can hold of it, or a `toJSON` gives that; or it has neither,
 * as a Map, a promise, a stream, a Blob and an Error.
 */
function requireOfClass(value: Candidate, prototype: unknown, depthLeft: number): void {
  const tag = tagOf(value);
  if (ArrayBuffer.isView(value)) throw notJson("bytes that are not a Uint8Array and all of the data");
  // It would give null.
  if (tag === "[object Date]" && Number.isNaN(Number(value))) throw notJson("an invalid Date");
  if (typeof value["toJSON"] === "function") return;
  const names = Object.keys(value);
  // Another realm's plain object, whose prototype ends the chain, may be empty.
  if (Object.getPrototypeOf(prototype) !== null) {
    if (typeof value["then"] === "function") throw notJson("a promise: await it first");
    if (Symbol.asyncIterator in value) throw notJson("a stream: read it first");
    if (names.length === 0 || Symbol.iterator in value || tag === "[object Error]") {
      throw notJson(`an object such as ${tag}`);
    }
  }
  for (const name of names) {
    const member = value[name];
    if (member !== undefined) requireJson(member, depthLeft - 1);
  }
}

function tagOf(value: object): string {
  return Object.prototype.toString.call(value);
}

function notJson(found: string): CloudEventError {
  return new CloudEventError("invalid_data", `JSON values or a Uint8Array, not ${found}`, {
    attribute: "data",
  });
}

function tooDeep(): CloudEventError {
  return new CloudEventError("limit_exceeded", "data without cycles, nested no deeper than the limit", {
    attribute: "data",
  });
}
