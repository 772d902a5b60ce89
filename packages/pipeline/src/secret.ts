import { inspect } from "node:util";

/** A value that must not be printed: it prints as `***` everywhere, and is given out by {@link Secret.reveal} alone. */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  /** The value itself. Call it where the value is used and nowhere else. */
  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return "***";
  }

  toJSON(): string {
    return "***";
  }

  static {
    // Not written as a method: its computed name could not stand in a declaration file.
    Object.defineProperty(Secret.prototype, inspect.custom, { value: () => "***" });
  }
}
