/** Reads options that may come from JavaScript: each check names the option in its error, never the value. */
export class OptionReader {
  readonly #path: string;
  readonly #options: Readonly<Record<string, unknown>>;
  /** What takes the options. */
  readonly whose: string;

  /**
   * @param known the names that may be there
   * @throws TypeError when `options` is no object or has another name
   */
  constructor(path: string, options: unknown, known: readonly string[], whose = "CloudEventEmitter") {
    this.#path = path;
    this.whose = whose;
    if (!isRecord(options)) throw new TypeError(`${whose}: ${path || "options"} must be a plain object`);
    this.#options = options;
    for (const name of Object.keys(options)) {
      if (!known.includes(name)) {
        throw new TypeError(`${whose}: ${this.at(name)} is no option; there are ${known.join(", ")}`);
      }
    }
  }

  /** The full name of an option. */
  at(name: string): string {
    return this.#path === "" ? name : `${this.#path}.${name}`;
  }

  /** The value as it is; an own property only. */
  raw(name: string): unknown {
    return Object.hasOwn(this.#options, name) ? this.#options[name] : undefined;
  }

  has(name: string): boolean {
    return this.raw(name) !== undefined;
  }

  text(name: string): string | undefined {
    const value = this.raw(name);
    if (value === undefined) return undefined;
    if (typeof value !== "string" || value === "") this.fail(name, "a text that is not empty");
    return value;
  }

  requiredText(name: string): string {
    return this.text(name) ?? this.fail(name, "given");
  }

  /** A number in a range, whole unless said otherwise. */
  number(name: string, range: { min: number; max: number; fraction?: boolean }, byDefault: number): number {
    const value = this.raw(name);
    if (value === undefined) return byDefault;
    const kind = range.fraction === true ? "a number" : "a whole number";
    const sound = typeof value === "number" && (range.fraction === true || Number.isInteger(value));
    if (!sound || !(value >= range.min && value <= range.max)) {
      this.fail(name, `${kind} from ${range.min} to ${range.max}`);
    }
    return value;
  }

  boolean(name: string, byDefault: boolean): boolean {
    const value = this.raw(name) ?? byDefault;
    return typeof value === "boolean" ? value : this.fail(name, "true or false");
  }

  choice<const Choice extends string>(name: string, choices: readonly Choice[], byDefault: Choice): Choice {
    const value = this.raw(name);
    if (value === undefined) return byDefault;
    const found = choices.find((choice) => choice === value);
    return found ?? this.fail(name, `one of ${choices.join(", ")}`);
  }

  fail(name: string, expected: string): never {
    return this.reject(name, `must be ${expected}`);
  }

  /** @param fault reads on from the option's name */
  reject(name: string, fault: string): never {
    throw new TypeError(`${this.whose}: ${this.at(name)} ${fault}`);
  }
}

/** True for an object whose own properties say what it holds; a `Map`, `Headers` or a class of getters hides it. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null || Symbol.iterator in value) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  const isPlain = prototype === null || Object.getPrototypeOf(prototype) === null;
  return isPlain || Object.keys(value).length > 0;
}
