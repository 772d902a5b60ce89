/** Builtin functions in which regorus differs from OPA, with OPA 1.2.0's answers; `undefined` for none. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { RegoValue } from "../src/contracts.ts";
import { engineWith } from "./policies.ts";

const answers: readonly (readonly [expression: string, value: RegoValue | undefined])[] = [
  ['substring("abc", 1, -1)', "bc"],
  ['substring("abc", 1.5, 1)', undefined],
  ['substring("abc", -1, 1)', undefined],
  ['substring("abc", 4294967296, 1)', ""],
  ['substring("abc", 0, 4294967297)', "abc"],
  ['substring("äöü", 1, 1)', "ö"],
  ['indexof("aaa", "")', undefined],
  ['indexof_n("aaa", "")', undefined],
  ['indexof_n("aXbX", "X")', [1, 3]],
  ['strings.replace_n({"a": "b", "b": "c"}, "ab")', "bc"],
  ['strings.replace_n({"ab": "1", "a": "2"}, "aab")', "22b"],
  ['strings.replace_n({"": "x", "a": "b"}, "aca")', "xbxcxbx"],
  ['strings.replace_n({"": "-"}, "")', "-"],
  ['base64url.decode("QR==")', "A"],
  ['base64url.decode("QR")', "A"],
  ['base64url.decode("Q")', undefined],
  ['base64url.decode("QQ=")', undefined],
  ['base64url.decode("QUJD\\nQUJD")', undefined],
  ['base64.decode("QR==")', "A"],
  ['base64.decode("QUJD\\nQUJD")', "ABCABC"],
  ['base64.decode("QQ")', undefined],
  ['base64.is_valid("QR==")', true],
  ["base64.is_valid(input.n)", false],
  ["json.is_valid(input.n)", false],
  [
    'json.marshal({"b": [1, null], "a": "<é&>\\u2028\\n"})',
    '{"a":"\\u003cé\\u0026\\u003e\\u2028\\n","b":[1,null]}',
  ],
  ['json.filter({"a": 1, "b": 2}, ["/a"])', { a: 1 }],
  ['json.filter({"a": 1}, ["a/b"])', { a: 1 }],
  ['json.filter({"a": [5, 6, 7]}, ["a/2", "a/0"])', { a: [5, 7] }],
  ['json.filter({"a": {"b": 1, "c": 2}}, ["a/b", "a"])', { a: { b: 1, c: 2 } }],
  ['json.filter({"a/b": 1}, ["a~1b"])', { "a/b": 1 }],
  ['json.filter({"a": {1, 2}}, [["a", 1]])', { a: [1] }],
  ['json.filter({"a": [1, 2]}, [["a", 0]])', { a: [] }],
  ['json.filter({"a": {"b": null}}, ["a/c"])', { a: {} }],
  ['json.filter({"a": 1}, [""])', {}],
  ['json.remove({"a": 1, "b": 2}, ["/a"])', { b: 2 }],
  ['json.remove({"a": 1}, ["a/b"])', { a: 1 }],
  ['json.remove({"a": [5, 6, 7]}, ["a/2", "a/0"])', { a: [6] }],
  ['json.remove({"a": {"b": 1, "c": 2}}, ["a/b", "a"])', {}],
  ['json.remove({"a/b": 1}, ["a~1b"])', {}],
  ['json.remove({"a": {1, 2}}, [["a", 1]])', { a: [2] }],
  ['json.remove({"a": {"b": {"c": 1}}}, ["a/b/c"])', { a: { b: {} } }],
  ['json.remove({"a": 1}, [""])', { a: 1 }],
  ['urlquery.encode("a*b ~-_.é/")', "a%2Ab+~-_.%C3%A9%2F"],
  ['urlquery.decode("\\tad\\nm+in \\u0000")', "\tad\nm in \0"],
  ['urlquery.decode("a#x&b=c?d;%26%C3%A9")', "a#x&b=c?d;&é"],
  ['urlquery.decode("admin=")', "admin="],
  ['urlquery.decode("a%2")', undefined],
  ['urlquery.decode("a%zz")', undefined],
  [
    'urlquery.decode_object("a=1#x&b= 2\\n&a=3&&c&=d&%20=%3D=+")',
    {
      a: ["1#x", "3"],
      b: [" 2\n"],
      c: [""],
      "": ["d"],
      " ": ["== "],
    },
  ],
  ['urlquery.decode_object("a;b=1")', undefined],
  ['urlquery.decode_object("a=%")', undefined],
  [
    'urlquery.encode_object({"a*~": ["1 2", "é"], "b": "&", "c": {"y", "x"}})',
    "a%2A~=1+2&a%2A~=%C3%A9&b=%26&c=x&c=y",
  ],
  ['glob.match("tenant::*", ["::"], "tenant::acme")', undefined],
  ['glob.match("a.*", [".", "::"], "a.b")', undefined],
  ['glob.match("a*", ["e\\u0301"], "ab")', undefined],
  ['glob.match("a*", [""], "ab")', undefined],
  ['glob.match("a*", ["é"], "aéb")', false],
  ['glob.quote_meta("a*?[b-c]{d,e}\\\\!.")', "a\\*\\?\\[b-c\\]\\{d,e\\}\\\\!."],
  [
    'json.marshal_with_options({"a": "<&>\\u2028"}, {"pretty": false})',
    '{"a":"\\u003c\\u0026\\u003e\\u2028"}',
  ],
  ["object.subset(input.n, input.n)", undefined],
  ["object.subset(input.list, {1, 2})", true],
  ["object.subset(input.list, {4})", false],
  ["object.subset(input.none, set())", false],
  ["object.subset({1, 2}, input.list)", undefined],
  ['units.parse("1_0")', undefined],
  ['units.parse_bytes("1_0")', undefined],
  ['net.cidr_contains("010.0.0.0/8", "10.1.2.3")', undefined],
  ['net.cidr_contains("10.0.0.0/08", "10.1.2.3")', true],
  ['net.cidr_contains("10.0.0.0/+8", "10.1.2.3")', undefined],
  ['net.cidr_contains("10.0.0.0/", "10.1.2.3")', undefined],
  ['net.cidr_is_valid("10.00.0.0/8")', false],
  ['net.cidr_intersects("10.0.0.0/8", "10.1.2.3")', undefined],
  ['net.cidr_intersects("10.0.0.0/8", "10.1.2.3/32")', true],
  ['strings.count("aaa", "")', 4],
  ['strings.count("aaa", "aa")', 1],
  ["numbers.range_step(1, 10, 0)", undefined],
  ["numbers.range_step(1, 10, -1)", undefined],
  ["numbers.range_step(10, 1, 3)", [10, 7, 4, 1]],
  ["[1, 2, 3][input.far]", undefined],
  ["[1, 2, 3][input.far + 1]", undefined],
  ["array.slice([1, 2], 4294967296, 4294967297)", []],
  ["array.slice([1, 2], 0, 4294967296)", [1, 2]],
  ['regex.find_n("a", "aaa", 4294967296)', ["a", "a", "a"]],
  ['regex.match(`^\\d+$`, "٣")', false],
  ['regex.match(`(?i)\\w`, "ſ")', true],
  ['regex.match(`\\bé`, "é")', false],
  ['regex.match(`[a-c--b]`, "0")', true],
  ['regex.match(`^[a&&b]+$`, "&a")', true],
  ['regex.match(`^[[a]$`, "[")', true],
  ['regex.match(`^\\Qa.b\\E$`, "a.b")', true],
  ['regex.match(`\\b{start}a`, "xa")', false],
  ['regex.match(`a{,2}b`, "a{,2}b")', true],
  ['regex.match(`^\\101\\x42\\x{43}$`, "ABC")', true],
  ['regex.match(`\\<a`, "<a")', true],
  ["regex.is_valid(`\\u0061`)", false],
  ["regex.is_valid(`(?x)a b`)", false],
  ["regex.is_valid(`a**`)", false],
  ["regex.is_valid(`a{1001}`)", false],
  ["regex.is_valid(`(a{100}){11}`)", false],
  ["regex.is_valid(`[[:foo:]]`)", false],
  ["regex.is_valid(`\\pX`)", false],
  ["regex.is_valid(`\\1`)", false],
  ["regex.match(input.pattern, `a`)", undefined],
  ['regex.split("", "abc")', ["a", "b", "c"]],
  ['regex.split(",", "")', [""]],
  ['regex.replace("abc", "(b)", "[$1x${1}$$]")', "a[b$]c"],
  ['regex.template_match("urn:{[a-z]+}:{[0-9]+}", "urn:ab:1", "{", "}")', true],
  ['regex.template_match("urn.{a|b}c", "urn.bc", "{", "}")', true],
  ['sprintf("%s", [1])', "%!s(int=1)"],
  ['sprintf("%d", ["x"])', "%!d(string=x)"],
  ['sprintf("%d %d", [1])', "1 %!d(MISSING)"],
  ['sprintf("%d", [1, "a"])', "1%!(EXTRA string=a)"],
  ['sprintf("%v %v %v", [["a", 1.5], {"k": null}, set()])', '["a", 1.5] {"k": null} set()'],
  // What Go takes for a character that can be printed, and how it writes the others.
  [
    'sprintf("%q", ["é’“”–…€©\\u00a0👍\\u200b\\u0301\\ue000\\u0007\\u001f\\u007f\\u0085\\"\\\\"])',
    String.raw`"é’“”–…€©\u00a0👍\u200b${"\u0301"}\ue000\a\x1f\x7f\u0085\"\\"`,
  ],
  ['sprintf("%v", [["a’b", {"k": "’"}]])', '["a’b", {"k": "’"}]'],
  [
    'sprintf("%05d|%-4s|%x|%6.2f|%+d|%t", [-42, "a", "ab", 2.345, 7, true])',
    "-0042|a   |6162|  2.35|+7|%!t(string=true)",
  ],
  ['sprintf("%.3d|%0.4d|%05.2d|%.0d|%.3v|%.4x", [7, 12, -3, 0, 5, 255])', "007|0012|  -03||005|00ff"],
  ['sprintf("%q|%4q|%q|%q", [65, 39, 10, 128077])', String.raw`'A'|'\''|'\n'|'👍'`],
  // OPA has this for 100.0, and "%!f(int=100)" for 100.
  ['sprintf("%.2f %5.1f%%", [100, 90])', "100.00  90.0%"],
  ['sprintf("%v %e", [1234567.5, 0.5])', "1.2345675e+06 5.000000e-01"],
  ["object.subset([1], [])", true],
  ['object.subset({"a": [1]}, {"a": []})', true],
  ['object.subset({"a": [1, 2, 3]}, {"a": [2, 3]})', true],
  ['object.subset({"a": [1, 2]}, {"a": {1}})', false],
  ['to_number(" 1")', undefined],
  ['to_number("1e400")', undefined],
  ['to_number("1E5")', 100_000],
  ['time.parse_rfc3339_ns("2020-01-01T00:00:00.5+01:00")', 1_577_833_200_500_000_000n],
  ['time.parse_rfc3339_ns("2020-01-01t00:00:00Z")', undefined],
  ['time.parse_rfc3339_ns("2020-01-01T00:00:00z")', undefined],
  ['time.parse_rfc3339_ns("2020-01-01 00:00:00Z")', undefined],
  ['time.parse_rfc3339_ns("2020-01-01T00:00:60Z")', undefined],
  ['time.parse_rfc3339_ns("2020-01-01T00:00:00,5Z")', 1_577_836_800_500_000_000n],
  ['time.parse_ns("2006-01-02", "2024-1-2")', undefined],
  ['time.parse_ns("2006-1-2", "2024-01-02")', 1_704_153_600_000_000_000n],
  ['time.parse_ns("2006-01-02 MST", "2024-01-02 EST")', 1_704_153_600_000_000_000n],
  ['time.parse_ns("2006-01-02 -0700", "2024-01-02 -0500")', 1_704_171_600_000_000_000n],
  ['time.parse_ns("2006年01月02日", "2024年01月02日")', 1_704_153_600_000_000_000n],
  ['time.parse_ns("é2006", "x2024")', undefined],
  ['time.parse_ns("2006-002", "2024-366")', 1_735_603_200_000_000_000n],
  ['time.parse_ns("3:04PM 2006", "12:04AM 2024")', 1_704_067_440_000_000_000n],
  [
    'time.format([1704164645120000000, "UTC", "2006年 Mon Jan _2 15:04:05.000 MST -07:00"])',
    "2024年 Tue Jan  2 03:04:05.120 UTC +00:00",
  ],
  ['time.format([1704164645120000000, "America/Sao_Paulo"])', "2024-01-02T00:04:05.12-03:00"],
  ["time.add_date(1706659200000000000, 0, 1, 0)", 1_709_337_600_000_000_000n],
  ["time.add_date(1706659200000000000, -60, -13, -40)", -224_467_200_000_000_000n],
  ['net.cidr_contains("10.0.0.0/8", "::ffff:10.1.2.3")', true],
  ['net.cidr_contains("10.0.0.0/8", "::ffff:10.1.2.0/120")', true],
  ['net.cidr_contains("::ffff:0:0/96", "10.1.2.3")', true],
  ['net.cidr_contains("::/0", "::ffff:10.1.2.3")', false],
];

/** What cannot be spelled out in a policy, where it would be refused. */
const input = { n: 5, far: 4_294_967_296, pattern: "(", list: [1, 2, 3], none: [] };

describe("builtin functions answer as OPA's do", () => {
  for (const [expression, value] of answers) {
    test(expression, () => {
      const answer = engineWith(`x := ${expression}`).evaluate("data.t.x", input);
      assert.deepEqual(answer, value === undefined ? { kind: "undefined" } : { kind: "value", value });
    });
  }
});

/** OPA has an answer. An error is none here, nor is its negation true. */
const ended: readonly (readonly [expression: string, code: string])[] = [
  ["numbers.range(1, 10000000000)", "memory"],
  ["numbers.range_step(-9223372036854775807, 9223372036854775807, 1)", "memory"],
  ["numbers.range_step(1, 1000000000000000000000000, 1)", "memory"],
  ['sprintf("%T", [1])', "evaluation"],
  ['sprintf("%.3g", [1.5])', "evaluation"],
  ['sprintf("%f", [9007199254740993])', "evaluation"],
  ["regex.match(input.odd, `a`)", "evaluation"],
  ['sprintf("%.2x", ["ab"])', "evaluation"],
  ['urlquery.decode("%ff")', "evaluation"],
  ['json.marshal_with_options({"a": 1}, {"indent": "<"})', "evaluation"],
];

describe("what this engine cannot do ends the evaluation, and breaks nothing", () => {
  for (const [expression, code] of ended) {
    test(expression, () => {
      const engine = engineWith(`x := ${expression}\ny if not ${expression}\nz := 1`);
      for (const rule of ["data.t.x", "data.t.y"]) {
        const answer = engine.evaluate(rule, { odd: "\\p{Letter}" });
        assert.equal(answer.kind === "error" && answer.error.code, code);
      }
      assert.deepEqual(engine.evaluate("data.t.z", {}), { kind: "value", value: 1 });
    });
  }
});
