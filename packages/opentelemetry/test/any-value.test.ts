import assert from "node:assert/strict";
import { test } from "node:test";
import { KeyValues } from "@coresdk/pipeline";
import fc from "fast-check";
import { ValueCopier } from "../src/any-value.ts";

/** The neutral form as plain JavaScript, to compare with. */
function plain(value: unknown): unknown {
  if (value instanceof KeyValues) return value.keys.map((key, i) => [key, plain(value.values[i])]);
  if (value instanceof Uint8Array) return { bytes: [...value] };
  if (Array.isArray(value)) return value.map(plain);
  return value;
}

const copy = (value: unknown): unknown => plain(new ValueCopier().copy(value));

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

test("what is too deep, too many or too large is replaced by a text that says so, and counted", () => {
  let deep: unknown = "bottom";
  for (let i = 0; i < 10_000; i++) deep = [deep];
  const copier = new ValueCopier();
  assert.match(JSON.stringify(copier.copy(deep)), /\[nested deeper than 32\]/);
  assert.equal(copier.replaced, 1);

  const many = new ValueCopier();
  const list = many.copy(Array.from({ length: 100_000 }, (_, i) => i));
  assert.ok(Array.isArray(list) && list.length <= 20_001);
  assert.ok(many.replaced > 0);

  const large = new ValueCopier();
  assert.equal(large.copy("x".repeat(2_000_000)), "[larger than the record's limit]");
  assert.equal(large.copy(new Uint8Array(2_000_000)), "[larger than the record's limit]");
  assert.equal(large.copy("small"), "small");
});

test("values that share their sub-values many times over are copied up to the record's limit, not for ever", () => {
  const countValues = (value: unknown): number => {
    if (value instanceof KeyValues)
      return value.values.reduce<number>((sum, one) => sum + countValues(one), 1);
    return Array.isArray(value) ? value.reduce<number>((sum, one) => sum + countValues(one), 1) : 1;
  };
  const doublings: readonly ((shared: unknown) => unknown)[] = [
    (shared) => [shared, shared],
    (shared) => ({ a: shared, b: shared }),
    (shared) =>
      new Map<string, unknown>([
        ["a", shared],
        ["b", shared],
      ]),
    (shared) => new Error("outer", { cause: [shared, shared] }),
  ];
  for (const double of doublings) {
    let shared: unknown = "leaf";
    for (let depth = 0; depth < 64; depth++) shared = double(shared);
    const copier = new ValueCopier();
    const copied = copier.copyAttributes({ first: shared, second: shared });
    assert.ok(countValues(copied) <= 20_100, String(countValues(copied)));
    assert.ok(copier.replaced > 0);
  }
});

test("properties without a value count towards the limit: they are read like others", () => {
  let reads = 0;
  const hollow = new Proxy(Object.fromEntries(Array.from({ length: 5_000 }, (_, i) => [`k${i}`, 0])), {
    get: () => void reads++,
  });
  new ValueCopier().copy(Array.from({ length: 1_000 }, () => hollow));
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
  const copied = new ValueCopier().copy({ bytes, inner });
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
        new ValueCopier().copy(value);
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
