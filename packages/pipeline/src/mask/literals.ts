/**
 * Texts of the user's that are masked wherever they stand, all found in one walk over a text (Aho and Corasick,
 * "Efficient string matching", 1975).
 */
import type { Spans } from "./spans.ts";

interface Node {
  readonly next: Map<number, Node>;
  /** Where the search goes on when no character fits: the longest end of this text that another text begins with. */
  fail: Node | undefined;
  /** The length of the longest literal that ends here; 0 when none does. */
  length: number;
}

function createNode(): Node {
  return { next: new Map(), fail: undefined, length: 0 };
}

export class Literals {
  readonly #root: Node = createNode();
  readonly #hasSpaces: boolean;

  /** @param literals none of them empty */
  constructor(literals: readonly string[]) {
    this.#hasSpaces = literals.some((literal) => literal.includes(" "));
    for (const literal of literals) {
      let node = this.#root;
      for (let i = 0; i < literal.length; i++) {
        const code = plainCode(literal.charCodeAt(i));
        let next = node.next.get(code);
        if (next === undefined) {
          next = createNode();
          node.next.set(code, next);
        }
        node = next;
      }
      node.length = literal.length;
    }
    this.#link();
  }

  /** Fills in, level by level, where the search goes on. */
  #link(): void {
    const waiting: Node[] = [];
    for (const node of this.#root.next.values()) {
      node.fail = this.#root;
      waiting.push(node);
    }
    for (let i = 0; i < waiting.length; i++) {
      const node = waiting[i] ?? this.#root;
      for (const [code, next] of node.next) {
        next.fail = this.#step(node.fail ?? this.#root, code);
        next.length = Math.max(next.length, next.fail.length);
        waiting.push(next);
      }
    }
  }

  #step(from: Node, code: number): Node {
    let node: Node | undefined = from;
    while (node !== undefined) {
      const next = node.next.get(code);
      if (next !== undefined) return next;
      node = node.fail;
    }
    return this.#root;
  }

  find(text: string, found: Spans): void {
    this.#search(text, found);
    // A form has `+` for a space.
    if (this.#hasSpaces && text.includes("+")) this.#search(text.replaceAll("+", " "), found);
  }

  #search(text: string, found: Spans): void {
    const root = this.#root;
    let node = root;
    for (let at = 0; at < text.length; at++) {
      node = this.#step(node, plainCode(text.charCodeAt(at)));
      if (node.length > 0) found.add(at + 1 - node.length, at + 1, "literal");
    }
  }
}

/** Line breaks, tabs and spaces of any kind are the same to whoever reads. */
function plainCode(code: number): number {
  return code === 9 || code === 10 || code === 13 || code === 0xa0 ? 32 : code;
}
