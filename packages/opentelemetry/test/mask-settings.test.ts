import assert from "node:assert/strict";
import { test } from "node:test";
import type { EmitterOptions } from "../src/options.ts";
import { readSettings } from "../src/settings.ts";

const binding = { kind: "http", endpoint: "https://events.acme.internal/ingest" } as const;

function maskingOf(masking: EmitterOptions["masking"]): unknown {
  const options = masking === undefined ? { binding } : { binding, masking };
  return readSettings(options).pipeline.masking;
}

test("masking is on unless it is switched off", () => {
  const builtIn = { blockedKeys: [], allowKeys: [], patterns: [], literals: [], categories: {} };
  assert.deepEqual(maskingOf(undefined), builtIn);
  assert.deepEqual(maskingOf({}), builtIn);
  assert.equal(maskingOf(false), "off");
});

test("options of masking arrive, and a literal is a secret", () => {
  const settings = maskingOf({
    blockedKeys: ["staffNumber"],
    allowKeys: ["user.id"],
    patterns: [{ name: "employee", regex: "EMP-[0-9]+" }],
    literals: ["aurora"],
    categories: { phone: true },
  });
  assert.equal(
    JSON.stringify(settings),
    '{"blockedKeys":["staffNumber"],"allowKeys":["user.id"],"patterns":[{"name":"employee","regex":"EMP-[0-9]+"}],' +
      '"literals":["***"],"categories":{"phone":true}}',
  );
});

const wrong: readonly (readonly [json: string, message: RegExp])[] = [
  ['{"patterns":[{"name":"a","regex":"x["}]}', /masking\.patterns\[0\]\.regex must be .*RE2's syntax/],
  ['{"patterns":[{"regex":"x"}]}', /masking\.patterns must be a list of \{ name, regex \}/],
  ['{"literals":["x"]}', /masking\.literals\[0\] must have 2 to/],
  ['{"literals":"canary"}', /masking\.literals must be a list of texts/],
  ['{"blockedKeys":["-"]}', /masking\.blockedKeys\[0\] must have a letter/],
  ['{"categories":{"emails":true}}', /masking\.categories\.emails is no option; there are blocked_keys/],
  ['{"categories":{"email":1}}', /masking\.categories\.email must be true or false/],
  ['{"keys":[]}', /masking\.keys is no option/],
  ["true", /masking must be a plain object/],
];

for (const [json, message] of wrong) {
  test(`refused: ${json}`, () => {
    assert.throws(() => maskingOf(JSON.parse(json)), { name: "TypeError", message });
  });
}
