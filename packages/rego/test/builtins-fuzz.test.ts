import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { engineWith } from "./policies.ts";

const runs = { numRuns: Number(process.env["CORESDK_FUZZ_RUNS"] ?? 300), seed: 20261122 };

/** Texts of pieces that mean something, and of others. */
function textOf(...pieces: readonly string[]): fc.Arbitrary<string> {
  const part = fc.oneof(fc.constantFrom(...pieces), fc.string({ maxLength: 3, unit: "grapheme" }));
  return fc.array(part, { maxLength: 8 }).map((parts) => parts.join(""));
}

const expression = textOf(
  ..."( ) (?: (?i (?P<n> | * + ? {2} {,2} {1001} [ ] [^ - && [:alpha:] \\d \\W \\b \\B \\Q \\E \\pL \\p{Greek} \\x{e9} \\12 ^ $ . é a".split(
    " ",
  ),
);
const layout = textOf(
  ..."2006 01 _2 __2 002 Jan January Mon MST 15 03 04 05 PM .000 ,999 -07:00 Z07 é 年".split(" "),
);
const time = textOf(
  ..."2024 1 02  2 366 Feb february Tue EST GMT+3 23 12 59 AM .5 ,123 -07:00 Z é 年".split(" "),
);
const format = textOf(..."% %d %s %v %q %x %c %e %.2f %5d %-05s %+v %[1]d %* %! é".split(" "));

const engine =
  engineWith(`x := [regex.is_valid(input.a), regex.split(input.a, input.b)] if input.kind == "regex"
x := regex.replace(input.b, input.a, input.b) if input.kind == "replace"
x := regex.template_match(input.b, input.a, "(", ")") if input.kind == "template"
x := time.parse_ns(input.a, input.b) if input.kind == "parse"
x := time.format([input.n, "Asia/Kolkata", input.a]) if input.kind == "format"
x := time.add_date(input.n, input.m, input.m, input.m) if input.kind == "date"
x := numbers.range_step(input.n, input.m, 7) if input.kind == "range"
x := sprintf(input.a, [input.n, input.b, [input.b, {}]]) if input.kind == "print"`);

const number = fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n });
const inputs = fc.oneof(
  fc.record({ kind: fc.constantFrom("regex", "replace", "template"), a: expression, b: expression }),
  fc.record({ kind: fc.constant("parse"), a: layout, b: time }),
  fc.record({ kind: fc.constantFrom("format", "date", "range"), a: layout, n: number, m: number }),
  fc.record({ kind: fc.constant("print"), a: format, b: time, n: number }),
);

test("whatever builtin functions are given, the engine does not break down", () => {
  fc.assert(
    fc.property(inputs, (input) => {
      const answer = engine.evaluate("data.t.x", input);
      if (answer.kind === "error") assert.notEqual(answer.error.code, "crash", answer.error.message);
    }),
    runs,
  );
});
