import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Draft } from "../../src/draft.ts";
import { createDraftMask } from "../../src/mask/draft-mask.ts";
import { MaskerCore } from "../../src/mask/masker-core.ts";

const R = "[REDACTED]";

/** Values that are alike, in length and in some characters, and keys that treat them differently. */
const values = fc.oneof(
  fc.constantFrom("acme", "denied", "a@b.co", "a@bc.o", "aeb.co", "4111111111111111", "4111111111111112"),
  fc.constantFrom("4bf92f3577b34da6", "0000000000000000", "usr_1", "orders:create", "", "x".repeat(300)),
  fc.stringMatching(/^[ab@.]{4,6}$/),
);
const keys = fc.constantFrom("a", "b", "note", "password", "trace_id", "span.id", "kept", "mail a@b.co");

test("what is remembered of values and keys changes nothing, in whatever order they come", () => {
  const options = { allowKeys: ["kept"] };
  const mask = createDraftMask(new MaskerCore(options));
  const events = fc.array(fc.array(fc.tuple(keys, keys, values), { maxLength: 6 }), { maxLength: 12 });
  fc.assert(
    fc.property(events, values, (all, user) => {
      for (const entries of all) {
        // The same, by one that has nothing to remember.
        const [given, expected] = [new Draft(0, "type"), new Draft(0, "type")];
        for (const draft of [given, expected]) {
          draft.user = user;
          draft.userName = entries[0]?.[0] ?? "";
          draft.severityText = user;
          for (const [name, key, value] of entries) draft.add(name, key, value);
        }
        mask(given);
        createDraftMask(new MaskerCore(options))(expected);
        assert.deepEqual(given, expected);
      }
    }),
    { numRuns: 150, seed: 8 },
  );
});

test("a value that was clean under one key is masked under another", () => {
  const mask = createDraftMask(new MaskerCore({}));
  const take = (key: string): unknown => {
    const draft = new Draft(0, "type");
    draft.add(key, key, "hunter2");
    mask(draft);
    return draft.values[0];
  };
  assert.deepEqual(["note", "password", "note", "password"].map(take), ["hunter2", R, "hunter2", R]);
});
