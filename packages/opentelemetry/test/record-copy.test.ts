import assert from "node:assert/strict";
import { test } from "node:test";
import { KeyValues } from "@coresdk/pipeline";
import fc from "fast-check";
import { RecordCopy } from "../src/record-copy.ts";

const TOO_LARGE = "[larger than the record's limit]";
const TOO_MANY = "[more values than a record may hold]";
const who = { "coresdk.tenant_id": "acme", "coresdk.user_id": "usr_1", "coresdk.result": "denied" };
const numbers = (length: number): number[] => Array.from({ length }, (_, i) => i);
const text = (length: number): string => "x".repeat(length);

function pairs({ keys, values }: KeyValues): unknown {
  return Object.fromEntries(keys.map((key, i) => [key, values[i]]));
}

function copyOf(attributes: object, body?: unknown) {
  const copy = new RecordCopy();
  const values = copy.copyValues(attributes, body);
  return { copy, keys: values.attributes.keys, attributes: pairs(values.attributes), body: values.body };
}

test("a body with too many values is replaced whole, and no attribute is lost", () => {
  const { copy, attributes, body } = copyOf(who, numbers(20_001));
  assert.deepEqual(attributes, who);
  assert.equal(body, TOO_MANY);
  assert.equal(copy.replaced, 1);
  assert.deepEqual(copyOf(who, numbers(20_000)).body, numbers(20_000));
});

test("an attribute beyond the limit is replaced whole wherever it stands, and the others stay in order", () => {
  for (const [large, marker] of [
    [numbers(20_001), TOO_MANY],
    [text(1_048_577), TOO_LARGE],
    [new Uint8Array(1_048_577), TOO_LARGE],
    [{ deep: [text(1_048_577)] }, TOO_LARGE],
  ] as const) {
    for (const given of [
      { large, ...who, small: { n: 1 } },
      { ...who, large, small: { n: 1 } },
    ]) {
      const { copy, keys, attributes } = copyOf(given, "said");
      assert.deepEqual(keys, Object.keys(given));
      const small = new KeyValues();
      small.add("n", 1);
      assert.deepEqual(attributes, { ...given, large: marker, small });
      assert.equal(copy.replaced, 1);
    }
  }
});

test("a text of nearly the limit takes nothing from the small values behind it", () => {
  const { copy, attributes, body } = copyOf({ blob: text(1_048_000), ...who }, "said");
  assert.deepEqual(attributes, { blob: text(1_048_000), ...who });
  assert.equal(body, "said");
  assert.equal(copy.copyName("io.coresdk.a"), "io.coresdk.a");
  assert.equal(copy.replaced, 0);
});

test("of large values those that fit are kept, and the body gives way like an attribute", () => {
  const { attributes, body } = copyOf(
    { a: text(900_000), b: text(100_000), c: numbers(100) },
    text(1_000_000),
  );
  assert.deepEqual(attributes, { a: text(900_000), b: text(100_000), c: numbers(100) });
  assert.equal(body, TOO_LARGE);
  const two = copyOf({ a: numbers(12_000), b: numbers(12_000), c: numbers(1_000) });
  assert.deepEqual(two.attributes, { a: numbers(12_000), b: TOO_MANY, c: numbers(1_000) });
});

test("what could not be copied is no tenant, user, id, type or extension", () => {
  const throwing = {
    get "coresdk.tenant_id"(): string {
      throw new Error("no");
    },
    tenant_id: text(2_000_000),
    "user.id": () => "u",
    "log.record.uid": text(2_000_000),
    "cloudevents.sequence": Symbol("s"),
    "service.name": Promise.resolve("x"),
    other: () => 1,
  };
  const { copy, attributes } = copyOf(throwing);
  assert.deepEqual(attributes, {
    "coresdk.tenant_id": null,
    tenant_id: null,
    "user.id": null,
    "log.record.uid": null,
    "cloudevents.sequence": null,
    "service.name": null,
    other: "[function]",
  });
  assert.equal(copy.replaced, 7);
  assert.equal(copy.copyName(text(2_000_000)), "");
});

test("attributes beyond their number are left out and counted as dropped", () => {
  const many = Object.fromEntries(numbers(1_100).map((i) => [`k${i}`, text(512)]));
  const { copy, keys, attributes } = copyOf(many);
  assert.deepEqual(keys, Object.keys(many).slice(0, 1_024));
  assert.ok(Object.values(attributes ?? {}).every((value) => value === text(512)));
  assert.equal(copy.dropped, 76);
  assert.equal(copy.replaced, 76);
});

test("a name beyond the limit is left out with its value, and a long one is kept", () => {
  const { copy, keys } = copyOf({ [text(1_048_577)]: 1, [text(10_000)]: 2, ...who });
  assert.deepEqual(keys, [text(10_000), ...Object.keys(who)]);
  assert.equal(copy.dropped, 1);
});

test("small attributes come through whatever stands beside them", () => {
  const small = fc.oneof(fc.string({ maxLength: 512 }), fc.integer(), fc.boolean());
  const large = fc.constantFrom<unknown>(
    numbers(20_001),
    numbers(9_000),
    text(1_048_577),
    text(600_000),
    new Map(numbers(30_000).map((i) => [i, i])),
    [[text(700_000)]],
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(small, large), { maxLength: 12 }), large, (values, body) => {
      const given = Object.fromEntries(values.map((value, i) => [`k${i}`, value]));
      const copy = new RecordCopy();
      const { attributes } = copy.copyValues(given, body);
      assert.deepEqual(attributes.keys, Object.keys(given));
      values.forEach((value, i) => {
        const isLarge = typeof value === "object" || (typeof value === "string" && value.length > 512);
        if (!isLarge) assert.equal(attributes.values[i], value);
      });
      assert.ok(copy.size <= 1_048_576 + 10_000, String(copy.size));
    }),
    { numRuns: 30 },
  );
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
    const copy = new RecordCopy();
    const copied = copy.copyAttributes({ first: shared, second: shared });
    assert.ok(countValues(copied) <= 20_100, String(countValues(copied)));
    assert.ok(copy.replaced > 0);
  }
});
