import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { assertNoPii, createMasker } from "../../src/mask/index.ts";
import { type Cases, testCases } from "./cases.ts";

const R = "[REDACTED]";

const STAYS = [
  'Parameters: {"login"=>"bob", "password"=>"[FILTERED]"}',
  "password='***'",
  'password="(sensitive value)"',
  "password=***",
  "WHERE password <> '***'",
];

describe("what others have masked in a text stays, in quotes too, and is no finding", () => {
  for (const text of STAYS) {
    test(text, () => {
      assert.equal(createMasker().maskText(text), text);
      assertNoPii(text);
    });
  }
});

const CASES: Cases = {
  "a member of JSON goes whatever it is": [
    ['{"password":"***"}', `{"password":"${R}"}`],
    ['log {"password": "[FILTERED]"}', `log {"password": "${R}"}`],
    ['{"a":"{\\"password\\":\\"***\\"}"}', `{"a":"{\\"password\\":\\"${R}\\"}"}`],
    ["{'password': '***'}", `{'password': '${R}'}`],
  ],
  "what only begins like a mark goes": [["password='*** hunter2'", `password='${R}'`]],
};

testCases(CASES);

test("an attribute under the key of a secret goes whatever it is", () => {
  assert.deepEqual(createMasker().maskValue({ password: "***", a: { token: "[FILTERED]" } }), {
    password: R,
    a: { token: R },
  });
});
