import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { Draw } from "../../../../testing/bench/masking/draw.ts";
import { MAKERS } from "../../../../testing/bench/masking/secrets.ts";
import { createMasker } from "../../src/mask/index.ts";
import { findJson, isAllOf } from "../../src/mask/json-grammar.ts";
import { type Cases, testCases } from "./cases.ts";

const R = "[REDACTED]";
const masker = createMasker();

/** What log lines begin with, of which some is JSON and some looks like it. */
const BEGINNINGS: readonly string[] = [
  "[INFO] ",
  "[WARN ] ",
  "[main] ",
  "  [info]\t",
  "[a, b] ",
  "[user 12] ",
  "[INFO] [main] ",
  "[2026-03-01 10:00:00] ",
  "[10.0.0.1] ",
  "[] ",
  "{} ",
  "[1] ",
  "[1,2] ",
  "[null] ",
  "[true] ",
  '["a"] ',
  '["a" 1] ',
  '{"a":1} ',
  '{"a":1}\n[2]\n',
  '{"a": b} ',
  '[1] "x" ',
  "[",
  "[ ",
  "[1, ",
  '{"a": ',
];

describe("a secret goes behind whatever a log line begins with", () => {
  const samples = Array.from(MAKERS, ([category, make]) => ({ category, make }));
  for (const { category, make } of samples) {
    if (category === "blocked_keys") continue;
    test(category, () => {
      fc.assert(
        fc.property(
          fc.constantFrom(...BEGINNINGS),
          fc.nat(),
          fc.constantFrom("", "]", " x"),
          (begin, seed, end) => {
            const { text } = make(new Draw(seed));
            const alone = masker.maskText(`- ${text}${end}`);
            if (!alone.startsWith("- ")) return;
            // A number that is masked in JSON becomes a string.
            const masked = masker.maskText(begin + text + end).replaceAll(`"${R}"`, R);
            assert.equal(masked, (begin + alone.slice(2)).replaceAll(`"${R}"`, R));
          },
        ),
        { numRuns: 600, seed: 6 },
      );
    });
  }
});

test("what is found in a text by itself is found within any other", () => {
  const around = fc.oneof(
    fc.string({ unit: "grapheme-ascii", maxLength: 12 }),
    fc
      .array(fc.constantFrom(...'[ ] { } " : , 1 -1 true null INFO "a" "a":1 \n'.split(" "), " "), {
        maxLength: 8,
      })
      .map((all) => all.join("")),
    fc.json({ maxDepth: 2 }),
  );
  // Nothing in front of these or behind them makes them something else.
  const secrets = [
    "4111 1111 1111 1111",
    "ghp_16C7e42F292c6912E7710c838347Ae178B4a",
    "GB82WEST12345698765432",
  ];
  fc.assert(
    fc.property(around, around, fc.constantFrom(...secrets), (before, behind, secret) => {
      const text = `${before} ${secret} ${behind}`;
      assert.ok(!masker.maskText(text).includes(secret), text);
      assert.ok(masker.find(text).length > 0);
    }),
    { numRuns: 6_000, seed: 7 },
  );
});

describe("a text is JSON where it is JSON to the letter", () => {
  const pieces = fc
    .array(
      fc.constantFrom(
        ...'{ } [ ] , : " a "a" "b":1 1 0 01 -1 - 1.5 1. .5 1e5 1e+ true null tru "\\\\ "\\u00e9" "\\u00" "\\x" NaN \n \t \u0001 \''.split(
          " ",
        ),
        " ",
      ),
      { maxLength: 9 },
    )
    .map((all) => all.join(""));
  const broken = fc
    .tuple(fc.json({ maxDepth: 3 }), fc.nat(60), pieces)
    .map(([text, at, piece]) => text.slice(0, at) + piece + text.slice(at));
  const wrapped = fc.json().map((text) => `[${text}]`);

  test("as the platform reads it, in texts of any kind", () => {
    fc.assert(
      fc.property(fc.oneof(pieces, broken, wrapped), (text) => {
        const isOne = isContainer(text);
        if (isOne) assert.ok(isJson(text));
        // There may be several, and what programs write that is none.
        else if (isJson(text)) assert.match(text, /[\]}]\s*[[{]|NaN|\t/);
      }),
      { numRuns: 20_000, seed: 8 },
    );
  });

  test("or several of it in a sequence, and nothing else", () => {
    for (const text of ['{"a":1}\n{"b":2}\n', "[1][2] {}"]) assert.ok(isJson(text), text);
    for (const text of [
      "",
      "1",
      '"a"',
      '{"a":1} 4',
      '{"a":1},{"a":1}',
      "[1] null",
      "[INFO]",
      "[1 2]",
      '{"a":1 "b":2}',
    ])
      assert.ok(!isJson(text), text);
    assert.ok(isJson("[".repeat(256) + "]".repeat(256)));
    assert.ok(!isJson("[".repeat(257) + "]".repeat(257)));
  });
});

function isJson(text: string): boolean {
  return isAllOf(text, findJson(text));
}

test("what is JSON is found within any text, each piece whole and once", () => {
  const cases: readonly (readonly [text: string, ...pieces: string[]])[] = [
    ['[INFO] {"a":[1]} done', '{"a":[1]}'],
    ['{"a":1}\n{"b":\n[2]\n{"c":"x', '{"a":1}', "[2]"],
    ['[{"a":1},{"b":[2]},{"c', '{"a":1}', '{"b":[2]}'],
    ['{"a":"cut {"b":1} x', '{"b":1}'],
    ['{"a":"cut\n{"b":1}', '{"b":1}'],
    ['["a", [1], x', "[1]"],
    ['["[1]" x [2]', "[1]", "[2]"],
    ["[01] [1.] {a:1} ['b']"],
    ["[NaN,-Infinity,None] [nan]", "[NaN,-Infinity,None]"],
  ];
  for (const [text, ...pieces] of cases)
    assert.deepEqual(
      findJson(text).map(({ start, end }) => text.slice(start, end)),
      pieces,
    );
  fc.assert(
    fc.property(fc.string({ unit: "grapheme-ascii" }), fc.json(), (before, json) => {
      const text = `${before.replace(/["[{]/g, "")} [${json}] x`;
      assert.ok(findJson(text).some(({ end }) => end === text.length - 2));
    }),
    { numRuns: 2_000, seed: 9 },
  );
  let reached = 0;
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'[]{}",:1\\\n') }), (text) => {
      reached = 0;
      for (const { start, end } of findJson(text)) {
        assert.ok(start >= reached && end > start, text);
        assert.ok(isJson(text.slice(start, end)), text);
        reached = end;
      }
    }),
    { numRuns: 20_000, seed: 10 },
  );
});

test("JSON beside other text is masked as JSON is, and the text as text is", () => {
  const around: readonly (readonly [before: string, behind: string])[] = [
    ["[INFO] ", ""],
    ["", " done"],
    ["GET ", "\nend"],
    ['{"a":1}\n', '\n{"b":'],
    ["[", ",NaN]"],
    ['["\t",', "]"],
    ["\ufeff", ""],
  ];
  const cases: Cases[string] = [
    [
      '{"name":"DB_PASSWORD","type":"String","value":"hunter2"}',
      `{"name":"DB_PASSWORD","type":"String","value":"${R}"}`,
    ],
    ['["user","ada","password","hunter2"]', `["user","ada","password","${R}"]`],
    ['[["x-auth-token","abcdef"]]', `[["x-auth-token","${R}"]]`],
    ['{"key":"X-Secret-Token","values":["abc"]}', `{"key":"X-Secret-Token","values":"${R}"}`],
    ['{"token":12345}', `{"token":"${R}"}`],
    ['{"trace_id":"4111111111111111","x":1}', '{"trace_id":"4111111111111111","x":1}'],
    ['{"m":"to a@b.com"}', `{"m":"to ${R}"}`],
  ];
  for (const [before, behind] of around) {
    for (const [text, masked] of cases) {
      assert.equal(masker.maskText(before + text + behind), before + masked + behind);
      assert.equal(masker.maskText(before + masked + behind), before + masked + behind);
    }
  }
  const text = 'card 4111111111111111 {"ssn":"x","n":1} a@b.com [1] password=[2] x';
  const masked = `card ${R} {"ssn":"${R}","n":1} ${R} [1] password=${R} x`;
  assert.equal(masker.maskText(text), masked);
  assert.deepEqual(
    masker
      .find(text)
      .map(({ kind }) => kind)
      .toSorted(),
    ["blocked_keys", "cards", "email", "passwords"],
  );
});

function isContainer(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null;
  } catch {
    return false;
  }
}

/** What the parts of JSON do not show one by one. */
const CASES: Cases = {
  "what a key says of a number or a text goes": [
    ['{"the ssn is":123456789,"n":1}', `{"the ssn is":"${R}","n":1}`],
    ['["the ssn is","123456789"]', `["the ssn is","${R}"]`],
    ['["--token","otp"]', `["--token","${R}"]`],
  ],
  "what is taken for a value across the signs of JSON stays": [
    ['{"package":"@acme.io/x","card":"4111111111111111"}', `{"package":"@acme.io/x","card":"${R}"}`],
    ['{"msg":"password=\'","level":"info"}', '{"msg":"password=\'","level":"info"}'],
    ['{"msg":"unexpected token:","found":"x"}', '{"msg":"unexpected token:","found":"x"}'],
    ['{"last":"--token","port":1}', '{"last":"--token","port":1}'],
    ['["password","ssn","email"]', '["password","ssn","email"]'],
    ['{"msg":"unexpected token \\"=\\" at 1:2"}', '{"msg":"unexpected token \\"=\\" at 1:2"}'],
  ],
};

testCases(CASES);

test("the letter of an escape is no part of an address", () => {
  const texts = [
    "import flask\n@app.route('/')",
    "a\r\n@Component.class",
    "a\t@foo.bar",
    '"@foo.bar"',
    "\u0001@c.de",
  ];
  for (const text of texts) {
    for (const json of [JSON.stringify({ m: text }), JSON.stringify(text), `{"m": ${JSON.stringify(text)},}`])
      assert.equal(masker.maskText(json), json);
  }
  const quoted = JSON.stringify(['x"@foo.bar\n', 1]);
  assert.equal(masker.maskText(quoted), quoted);
  const address = JSON.stringify({ m: "to\nn@app.org" });
  assert.equal(masker.maskText(address), `{"m":"to\\n${R}"}`);
  assert.equal(masker.maskText("\\\\n@app.org x"), `\\\\${R} x`);
});

test("literals and patterns of the user's go where they reach over the signs of JSON", () => {
  const own = createMasker({
    literals: ['"user":"bob"', "Project Aurora"],
    patterns: [
      { name: "state", regex: '"state": ?\\w+' },
      { name: "number", regex: "EMP-[0-9]{6}" },
      { name: "key", regex: '"[a-z]+9":' },
      { name: "rest", regex: "NOTE: .*" },
    ],
  });
  const cases: Cases[string] = [
    ['{"user":"bob","x":1}', `{"${R}":"${R}","x":1}`],
    ['{"state":true,"x":1}', `{"${R}":"${R}","x":1}`],
    ['{"state": 7, "list":["EMP-123456",2]}', `{"${R}": "${R}", "list":["${R}",2]}`],
    ['{"a9":1,"b9":2,"c":"Project Aurora"}', `{"${R}":1,"${R}.2":2,"c":"${R}"}`],
    ['{"msg":"a NOTE: x","level":"info"}', `{"msg":"a ${R}","level":"info"}`],
    ['{"password":"NOTE: x","level":"info"}', `{"password":"${R}","level":"info"}`],
    ["[INFO] EMP-123456 of Project Aurora", `[INFO] ${R} of ${R}`],
  ];
  for (const [text, masked] of cases) {
    assert.equal(own.maskText(text), masked);
    assert.equal(own.maskText(masked), masked);
    assert.ok(own.find(text).length > 0);
  }
});

test("what the user allows stays, whatever is found in it", () => {
  const allowing = createMasker({ allowKeys: ["user.id", "a@b.co"] });
  const text = '{"user.id":"john@example.com","a@b.co":1,"trace_id":"4111111111111111"}';
  assert.equal(allowing.maskText(text), text);
  assert.deepEqual(allowing.find(text), []);
  const within = JSON.stringify({ m: JSON.stringify({ x: 1, m: text }) });
  assert.equal(allowing.maskText(within), within);
  assert.equal(allowing.maskText(`[INFO] ${text} x`), `[INFO] ${text} x`);
  assert.equal(
    allowing.maskText(JSON.stringify({ m: '{"x":"c@d.org"}' })),
    '{"m":"{\\"x\\":\\"[REDACTED]\\"}"}',
  );
  const own = createMasker({ allowKeys: ["user.id"], patterns: [{ name: "rest", regex: "NOTE: .*" }] });
  const noted = '{"user.id":"NOTE: x","trace_id":"4bf92f3577b34da6","n":1}';
  assert.equal(own.maskText(noted), noted);
});
