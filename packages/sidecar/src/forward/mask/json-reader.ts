import { OtlpDecodeError } from "@coresdk/pipeline/thread";

/** A string and where its token stands, quotes included. */
export interface JsonString {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** Containers within each other, values of attributes included. */
const MAX_NESTING = 512;
const SCALAR = /(?:-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?|true|false|null)/y;

/** Reads JSON (RFC 8259) from place to place, so that what does not change can stay as it was written. */
export class JsonReader {
  readonly #text: string;
  #nesting = 0;
  /** Where the next read begins. */
  at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** The next character that is no white space. */
  peek(): string {
    for (; this.at < this.#text.length; this.at++) {
      const code = this.#text.charCodeAt(this.at);
      if (code !== 32 && code !== 10 && code !== 13 && code !== 9) return this.#text.charAt(this.at);
    }
    return "";
  }

  /** Calls `read` with the name of each member; it reads the member's value. */
  members(read: (name: string) => void): void {
    this.#container("{", "}", () => {
      const { text } = this.string();
      this.#take(":");
      read(text);
    });
  }

  /** Calls `read` for each item; it reads the item. */
  items(read: () => void): void {
    this.#container("[", "]", read);
  }

  #container(opening: string, closing: string, read: () => void): void {
    this.#take(opening);
    if (++this.#nesting > MAX_NESTING) throw new OtlpDecodeError("the request is nested too deep");
    if (this.peek() !== closing) {
      for (;;) {
        read();
        if (this.peek() !== ",") break;
        this.at++;
      }
    }
    this.#take(closing);
    this.#nesting--;
  }

  #take(character: string): void {
    if (this.peek() !== character) throw this.#fault();
    this.at++;
  }

  string(): JsonString {
    const { start, end, isEscaped } = this.#scanString();
    const text = isEscaped ? this.#unescape(start, end) : this.#text.slice(start + 1, end - 1);
    return { text, start, end };
  }

  #scanString(): { readonly start: number; readonly end: number; readonly isEscaped: boolean } {
    if (this.peek() !== '"') throw this.#fault();
    const start = this.at;
    let isEscaped = false;
    for (let at = start + 1; at < this.#text.length; at++) {
      const code = this.#text.charCodeAt(at);
      if (code === 92) {
        isEscaped = true;
        at++;
      } else if (code === 34) {
        this.at = at + 1;
        return { start, end: at + 1, isEscaped };
      } else if (code < 32) {
        break;
      }
    }
    throw this.#fault();
  }

  #unescape(start: number, end: number): string {
    try {
      return String(JSON.parse(this.#text.slice(start, end)));
    } catch {
      throw this.#fault();
    }
  }

  /** Steps over a value, whatever it is. */
  skip(): void {
    switch (this.peek()) {
      case "{":
        this.members(() => this.skip());
        return;
      case "[":
        this.items(() => this.skip());
        return;
      case '"':
        this.#skipString();
        return;
      default:
        SCALAR.lastIndex = this.at;
        if (!SCALAR.test(this.#text)) throw this.#fault();
        this.at = SCALAR.lastIndex;
    }
  }

  #skipString(): void {
    const { start, end, isEscaped } = this.#scanString();
    if (isEscaped) this.#unescape(start, end);
  }

  /** Steps over a value and says where it stands. */
  raw(): { readonly start: number; readonly end: number } {
    this.peek();
    const start = this.at;
    this.skip();
    return { start, end: this.at };
  }

  /** @throws OtlpDecodeError when anything but white space is left */
  finish(): void {
    if (this.peek() !== "") throw this.#fault();
  }

  #fault(): OtlpDecodeError {
    return new OtlpDecodeError(`the request is no JSON: character ${this.at}`);
  }
}
