import assert from "node:assert/strict";
import { test } from "node:test";
import { KeyValues } from "@coresdk/pipeline";
import fc from "fast-check";
import { ValueCopy } from "../src/any-value.ts";

/** The neutral form as plain JavaScript, to compare with. */
function plain(value: unknown): unknown {
  if (value instanceof KeyValues) return value.keys.map((key, i) => [key, plain(value.values[i])]);
  if (value instanceof Uint8Array) return { bytes: [...value] };
  if (Array.isArray(value)) return value.map(plain);
  return value;
}

const ALLOWANCE = { size: 1_048_576, values: 20_000 };

const copy = (value: unknown): unknown => plain(new ValueCopy(value, ALLOWANCE).value);

test("every shape of an AnyValue is copied as it is", () => {
  assert.deepEqual(copy("text"), "text");
  assert.deepEqual(copy(1.5), 1.5);
  assert.deepEqual(copy(Number.NaN), Number.NaN);
  assert.deepEqual(copy(false), false);
  assert.deepEqual(copy(null), null);
  assert.deepEqual(copy(undefined), null);
  assert.deepEqual(copy(new Uint8Array([1, 2])), { bytes: [1, 2] });
  assert.deepEqual(copy([1, "a", [true]]), [1, "a", [true]]);
  assert.deepEqual(copy({ a: 1, b: { c: null } }), [
    ["a", 1],
    ["b", [["c", null]]],
  ]);
});

test("a bigint is a number while a double holds it, a bigint within 64 bits, and its digits beyond", () => {
  assert.equal(copy(7n), 7);
  assert.equal(copy(2n ** 60n), 2n ** 60n);
  assert.equal(copy(-(2n ** 63n)), -(2n ** 63n));
  assert.equal(copy(2n ** 63n), "9223372036854775808");
});

test("objects that are no AnyValue become what they say", () => {
  assert.equal(copy(new Date("2026-03-19T14:35:00Z")), "2026-03-19T14:35:00.000Z");
  assert.equal(copy(new Date(Number.NaN)), "Invalid Date");
  assert.deepEqual(copy(new RangeError("too far", { cause: "x" })), [
    ["name", "RangeError"],
    ["message", "too far"],
    ["cause", "x"],
  ]);
  assert.deepEqual(copy(new Map<unknown, unknown>([["k", 1]])), [["k", 1]]);
  assert.equal(
    copy(() => 1),
    "[function]",
  );
  assert.equal(copy(Symbol("s")), "[symbol]");
});

test("a key called __proto__ is data", () => {
  const hostile: unknown = JSON.parse('{"__proto__":{"polluted":true},"constructor":1}');
  assert.deepEqual(copy(hostile), [
    ["__proto__", [["polluted", true]]],
    ["constructor", 1],
  ]);
  assert.deepEqual(copy(new Map([["__proto__", 1]])), [["__proto__", 1]]);
});

test("a cycle ends where it closes, and the same object twice is no cycle", () => {
  const cyclic: Record<string, unknown> = { name: "a" };
  cyclic["self"] = cyclic;
  assert.deepEqual(copy(cyclic), [
    ["name", "a"],
    ["self", "[circular]"],
  ]);
  const shared = { x: 1 };
  assert.deepEqual(copy([shared, shared]), [[["x", 1]], [["x", 1]]]);
});

test("what is too deep is replaced by a text that says so, and counted", () => {
  let deep: unknown = "bottom";
  for (let i = 0; i < 10_000; i++) deep = [deep];
  const { value, replaced } = new ValueCopy(deep, ALLOWANCE);
  assert.match(JSON.stringify(value), /\[nested deeper than 32\]/);
  assert.equal(replaced, 1);
});

test("what is beyond the allowance stops there, and what just fills it is copied", () => {
  const faultOf = (given: unknown) => new ValueCopy(given, { size: 100, values: 10 }).fault;
  const tooMany = "more values than a record may hold";
  for (const list of [new Array(11).fill(null), new Set(Array(11).keys()), [new Array(10).fill(null)]]) {
    assert.equal(faultOf(list), tooMany);
  }
  assert.equal(faultOf(new Map(Array.from({ length: 11 }, (_, i) => [`k${i}`, i]))), tooMany);
  assert.equal(faultOf(Object.fromEntries(Array.from({ length: 11 }, (_, i) => [`k${i}`, null]))), tooMany);
  assert.equal(faultOf(new Array(10).fill(null)), undefined);
  const tooLarge = "larger than the record's limit";
  for (const large of ["x".repeat(101), new Uint8Array(101), { ["k".repeat(101)]: 1 }, 2n ** 4000n]) {
    assert.equal(faultOf(large), tooLarge);
  }
  assert.equal(faultOf("x".repeat(100)), undefined);
});

test("boxed values, sets and buffers are what they hold, not empty maps", () => {
  assert.equal(copy(new String("s")), "s");
  assert.equal(copy(new Number(1)), 1);
  assert.equal(copy(new Boolean(false)), false);
  assert.equal(copy(Object(7n)), 7);
  assert.equal(copy(Object(Symbol("s"))), "[symbol]");
  assert.deepEqual(copy(new Set<unknown>([1, "a", new Set()])), [1, "a", []]);
  assert.deepEqual(copy(new Uint8Array([1, 2]).buffer), { bytes: [1, 2] });
  assert.deepEqual(copy(new SharedArrayBuffer(1)), { bytes: [0] });
  assert.equal(copy(new URL("https://acme.com/a")), "https://acme.com/a");
});

test("an object whose content is hidden is replaced by its kind, and one that is empty stays a map", () => {
  const copied = new ValueCopy([Promise.resolve(1), new WeakMap(), /a/], ALLOWANCE);
  assert.deepEqual(copied.value, ["[promise]", "[weakmap]", "[regexp]"]);
  assert.equal(copied.replaced, 3);
  assert.deepEqual(copy({}), []);
  assert.deepEqual(copy(Object.create(null)), []);
});

test("an object that shows no properties is what its toJSON says", () => {
  class Money {
    readonly #cents: number;
    constructor(cents: number) {
      this.#cents = cents;
    }
    toJSON(): object {
      return { cents: this.#cents };
    }
  }
  assert.deepEqual(copy(new Money(5)), [["cents", 5]]);
  assert.deepEqual(copy([{ toJSON: () => "own" }, { toJSON: "text" }]), ["own", [["toJSON", "text"]]]);
  assert.deepEqual(copy({ a: 1, toJSON: () => "not asked" }), [
    ["a", 1],
    ["toJSON", "[function]"],
  ]);
  const itself: object = { toJSON: () => itself };
  assert.equal(copy(itself), "[circular]");
  const endless = (): object => ({ toJSON: endless });
  assert.equal(copy(endless()), "[nested deeper than 32]");
  const throwing = {
    toJSON: () => {
      throw new Error("no");
    },
  };
  assert.equal(copy(throwing), "[unreadable]");
});

test("a boxed value that unboxes itself ends as circular", () => {
  const hostile = new String("s");
  Object.defineProperty(hostile, "valueOf", { value: () => hostile });
  assert.equal(copy(hostile), "[circular]");
});

test("properties without a value count towards the limit: they are read like others", () => {
  let reads = 0;
  const hollow = new Proxy(Object.fromEntries(Array.from({ length: 5_000 }, (_, i) => [`k${i}`, 0])), {
    get: () => void reads++,
  });
  copy(Array.from({ length: 1_000 }, () => hollow));
  assert.ok(reads <= 20_001, String(reads));
});

test("a getter or a proxy that throws costs its value and nothing else", () => {
  const throwing = {
    get secret(): string {
      throw new Error("no");
    },
    open: 1,
  };
  assert.deepEqual(copy(throwing), [
    ["secret", "[unreadable]"],
    ["open", 1],
  ]);
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  assert.deepEqual(copy({ proxy }), [["proxy", "[unreadable]"]]);
});

test("a copy does not change with what it was copied from", () => {
  const bytes = new Uint8Array([1]);
  const inner = { n: 1 };
  const copied = new ValueCopy({ bytes, inner }, ALLOWANCE).value;
  bytes[0] = 9;
  inner.n = 9;
  assert.deepEqual(plain(copied), [
    ["bytes", { bytes: [1] }],
    ["inner", [["n", 1]]],
  ]);
});

test("any object at all is copied without throwing, and JSON values without loss", () => {
  fc.assert(
    fc.property(
      fc.anything({ withBigInt: true, withDate: true, withMap: true, withTypedArray: true }),
      (value) => {
        copy(value);
      },
    ),
  );
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 5 }), (value) => {
      assert.deepEqual(copy(value), toPairs(value));
    }),
  );
});

function toPairs(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(toPairs);
  if (typeof value !== "object" || value === null) return value;
  return Object.entries(value).map(([key, one]) => [key, toPairs(one)]);
}
