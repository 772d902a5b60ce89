/**
 * Small policies about what is missing, made from a seed: negations, membership, functions, defaults, replacements,
 * patterns, iteration and imports.
 */
export interface PolicyCase {
  readonly modules: readonly string[];
  readonly data: { readonly d: { readonly s: unknown; readonly l: readonly unknown[]; readonly m: unknown } };
}

/** Each policy is asked for each of these. */
export const inputs = [
  {},
  { a: "x" },
  { a: "x", b: "y", xs: ["x", "z"] },
  { a: true, b: false, xs: [] },
  { a: false, o: { k: "x", f: false } },
  { a: 1, b: 2, n: 3, xs: [1, 2, 3] },
  { a: null, xs: [null, false], o: {} },
  { b: "x", xs: [{ k: "x" }, { k: "y" }], o: { k: { k: "x" } } },
  { a: "y", b: "y", n: 0, xs: "x", o: ["x"] },
] as const;

const paths = [
  "input.a",
  "input.b",
  "input.xs",
  "input.o",
  "input.o.k",
  "input.n",
  "input.xs[0]",
  "input.none",
  "data.d.s",
  "data.d.none",
  "data.q.r",
  "data.q.none",
  "r1",
  "r2",
  "o1.x",
  "data.p.r1",
  "qq.r",
  "data.d.m[input.a]",
  "input.o[input.a]",
  "df",
] as const;
const scalars = ['"x"', '"y"', "1", "0", "true", "false", "null"] as const;
const replacements = [
  "input.a as 1",
  'input as {"a": "x"}',
  'data.d.s as "y"',
  "input.a as input.b",
  "data.q.r as false",
  "data.q.g as data.q.h",
  "f1 as f3",
  "f1 as true",
] as const;

/** Makes the policy of a seed. */
export function makePolicy(seed: number): PolicyCase {
  return new Maker(seed).policy();
}

class Maker {
  #state: number;
  #names = 0;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** Below a number; mulberry32. */
  #below(count: number): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * count);
  }

  #pick<Item>(...items: readonly [Item, ...Item[]]): Item {
    return items[this.#below(items.length)] ?? items[0];
  }

  #term(depth: number, variables: readonly string[]): string {
    const inner = (): string => this.#term(depth - 1, variables);
    switch (this.#below(depth > 0 ? 13 : 5)) {
      case 0:
      case 1:
        return this.#pick(...paths);
      case 2:
        return this.#pick(...scalars);
      case 3:
      case 4:
        return variables[this.#below(variables.length)] ?? this.#pick(...paths);
      case 5:
        return `[${inner()}, ${inner()}]`;
      case 6:
        return `{"k": ${inner()}}`;
      case 7:
        return `f1(${inner()})`;
      case 8:
        return `f2(${inner()}, ${inner()})`;
      case 9:
        return `count([1 | ${this.#body(1, variables, 1, "; ")}])`;
      case 10:
        return this.#pick(
          `upper(${this.#pick(...paths)})`,
          `object.get(${this.#pick(...paths)}, "k", ${inner()})`,
          `concat("", [${this.#pick(...paths)}, "x"])`,
        );
      case 11:
        return `(${inner()} in ${this.#pick(...paths)})`;
      default:
        return `data.q.g(${inner()})`;
    }
  }

  #condition(depth: number, variables: readonly string[]): string {
    const term = (): string => this.#term(depth, variables);
    switch (this.#below(12)) {
      case 0:
      case 1:
        return `${term()} ${this.#pick("==", "!=", "<", ">=")} ${term()}`;
      case 9:
        return `${this.#pick("data.d.m", "o1", "input.o", "qq", "m1")}[${term()}]`;
      case 10:
        return `${this.#pick("data.d.m", "o1", "m1")}[${term()}].k == ${term()}`;
      case 11:
        return this.#pick(
          `${this.#pick(...paths)} + input.n > 1`,
          `count({${term()}} & s1) > 0`,
          `{${term()}} - s1 != set()`,
        );
      case 2:
        return `${term()} in ${this.#pick(this.#pick(...paths), `{${term()}}`)}`;
      case 3:
        return this.#pick(...paths);
      case 4:
        return `f1(${term()})`;
      case 5:
        return this.#pick(
          `startswith(${this.#pick(...paths)}, "x")`,
          `regex.match("x", ${this.#pick(...paths)})`,
        );
      case 6:
        return `data.q.g(${term()})`;
      case 7:
        return `s1[${term()}]`;
      default:
        return `f2(${term()}, ${term()})`;
    }
  }

  #replacement(): string {
    return this.#below(8) === 0 ? ` with ${this.#pick(...replacements)}` : "";
  }

  #statement(depth: number, variables: string[]): string {
    const kind = this.#below(17);
    if (kind > 11) return this.#binding(kind, depth, variables);
    if (kind < 6) return `not ${this.#condition(depth, variables)}${this.#replacement()}`;
    if (kind < 9) return `${this.#condition(depth, variables)}${this.#replacement()}`;
    const name = `v${this.#names++}`;
    if (kind === 9) {
      const every = this.#body(1, [...variables, name], 1, "; ");
      return `every ${name} in ${this.#pick(...paths)} { ${name} != 7; ${every} }`;
    }
    const given =
      kind === 10 ? `${name} := ${this.#term(depth, variables)}` : `some ${name} in ${this.#pick(...paths)}`;
    variables.push(name);
    return given;
  }

  /** A statement that gives a new variable a value by a pattern or by going through something, or compares one. */
  #binding(kind: number, depth: number, variables: string[]): string {
    const known = variables[this.#below(variables.length)];
    if (kind === 12 && known !== undefined) return `${known} = ${this.#term(depth, variables)}`;
    const name = `v${this.#names++}`;
    const term = this.#term(depth, variables);
    variables.push(name);
    switch (kind) {
      case 12:
        return `${name} = ${term}`;
      case 13:
        return this.#pick(
          `some {"k": ${name}} in ${this.#pick("input.xs", `[${term}]`)}`,
          `{"k": ${name}} = input.xs[_]`,
          `[${name}, 1] = [${term}, 1]`,
        );
      case 14:
        return `some ${name}; ${this.#pick("input.xs", "input.o", "data.d.m", "o1")}[${name}] == ${term}`;
      case 15:
        return `walk(${this.#pick(...paths)}, [_, ${name}])`;
      default:
        return `${name} := ${this.#pick("input.xs[_]", "data.d.m[_]", "data.d.l[_]", "s1[_]")}`;
    }
  }

  #body(depth: number, variables: readonly string[], length: number, between: string): string {
    const own = [...variables];
    return Array.from({ length }, () => this.#statement(depth, own)).join(between);
  }

  policy(): PolicyCase {
    const condition = (): string => this.#body(1, [], 1, "; ");
    const own = [
      "package p\nimport data.q as qq",
      this.#pick(`r1 if { ${condition()} }`, `r1 := 1 if { ${condition()} } else := "x" if input.b`),
      this.#pick("r2 := input.a", `default r2 := "x"\nr2 := 1 if { ${condition()} }`),
      this.#pick("s1 contains x if some x in input.xs", 's1 := {"x", 1}'),
      this.#pick("o1[k] := v if some k, v in input.o", "o1.x := input.a"),
      this.#pick('m1 := {"x": {"k": input.a}}', "m1[k].k := v if some k, v in input.o"),
      'default df := false\ndf if input.a == "x"',
      this.#pick(
        "f1(x) := x",
        "f1(x) if not x",
        "f1(x) := input.a if x",
        'f1(x) := 1 if x == "x" else := false',
        'f1(x) if x == "x"\nelse := data.d.m[x]',
      ),
      this.#pick("f3(x) := false if x", "f3(x) := x"),
      this.#pick("f2(x, y) if x == y", "f2(x, y) := [x, y]", "f2(x, y) if not x in y"),
      this.#pick("default allow := false", "unused := 1"),
      `allow if {\n  ${this.#body(2, [], 1 + this.#below(2), "\n  ")}\n}`,
    ];
    const other = [
      "package q\nimport data.p as pp",
      this.#pick("r if input.a", "r if pp.df", "r := 1", "r := data.d.s"),
      this.#pick('g(x) if x == "x"', "g(x) := x", "g(x) := input.b if x"),
      this.#pick("h(x) := true if x", "h(x) := x"),
    ];
    const data = {
      d: { s: this.#pick<unknown>("x", "y", false), l: ["x", 1], m: { x: this.#below(2), y: "x" } },
    };
    return { modules: [own.join("\n"), other.join("\n")], data };
  }
}
