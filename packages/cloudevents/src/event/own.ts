import type { Candidate } from "./candidate.ts";
import type { CloudEvent } from "./event.ts";

function itself(value: object): object {
  return value;
}

function isClass(value: unknown): value is new (value: object) => Candidate {
  return typeof value === "function";
}

/** `new` gives what the function gives. */
function asClass(value: unknown): new (value: object) => Candidate {
  if (!isClass(value)) throw new TypeError("a function makes a class");
  return value;
}

/**
 * A private field on the events that this package has made. Nobody else can set it, copy it or see it: what has it
 * is right, and stays so, since it is frozen. A WeakSet was measured too, and made decoding a quarter slower.
 */
class Mark extends asClass(itself) {
  readonly #isOwn = true;

  static isOn(value: object): boolean {
    return #isOwn in value;
  }
}

/** Makes an event of an object that has been validated: marks and freezes it. */
export function seal<T>(validated: Candidate): CloudEvent<T> {
  // Marked first: engines may refuse what is frozen a private field.
  new Mark(validated);
  // The attributes have been checked; T is the caller's own type of the data that is in there.
  return Object.freeze(validated) as CloudEvent<T>;
}

/**
 * True for an event that this package has made: by `createEvent`, `withAttributes`, `validateEvent` or a `decode`.
 * A copy of one, a literal, and what comes from another thread or another copy of this package are none, however
 * right they are; `validateEvent` makes events of them.
 */
export function isEvent(value: unknown): value is CloudEvent {
  return typeof value === "object" && value !== null && Mark.isOn(value);
}
