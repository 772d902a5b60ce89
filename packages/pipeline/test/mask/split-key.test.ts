import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { splitKey } from "../../src/mask/key-words.ts";
import { splitName } from "../../src/mask/split-key.ts";

const letters = fc.constantFrom("a", "b", "A", "B", "Z", "z", "1", "0", ".", "_", "[", "\0", "é", "É", "ǅ");

test("a name is split fast as it is split by its words' expression", () => {
  const few = fc.array(fc.constantFrom("a", "A", "1"), { maxLength: 8 });
  const any = fc.array(letters, { maxLength: 20 });
  // Words and names have a greatest length.
  const runs = fc.array(fc.tuple(letters, fc.integer({ min: 1, max: 140 })), { maxLength: 6 });
  const long = runs.map((parts) => parts.map(([letter, count]) => letter.repeat(count)));
  fc.assert(
    fc.property(fc.oneof(few, any, long), (parts) => {
      const name = parts.join("");
      assert.deepEqual(splitName(name), splitKey(name));
    }),
    { numRuns: 2000 },
  );
});

test("names are split at marks and camel-case boundaries, without the numbers at their end", () => {
  for (const [name, words] of [
    ["db_password[0]", ["db", "password"]],
    ["AWS_SECRET_ACCESS_KEY", ["aws", "secret", "access", "key"]],
    ["apiKey", ["api", "key"]],
    ["HTTPServerURL2", ["http", "server", "url"]],
    ["2", ["2"]],
    ["", []],
    ["...", []],
    ["größe.dbPassword", ["größe", "db", "password"]],
  ] as const) {
    assert.deepEqual(splitName(name), words);
  }
});
