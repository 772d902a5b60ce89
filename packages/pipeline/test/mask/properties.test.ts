import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { enableCategories } from "../../src/mask/categories.ts";
import { fold, foldKind } from "../../src/mask/fold.ts";
import { createMasker } from "../../src/mask/index.ts";
import { findJson } from "../../src/mask/json-grammar.ts";
import { KeyRules } from "../../src/mask/key-rules.ts";
import { Scanner } from "../../src/mask/scanner.ts";

const R = "[REDACTED]";

/** What rules look for, whole and cut, and what stands around it. */
const pieces = fc.constantFrom(
  ..."4111111111111111 4111 1111 123-45-6789 GB82WEST12345698765432 de89 3704 a@b.co john@example.com @ eyJhbGciOiJIUzI1NiJ9".split(
    " ",
  ),
  ..."eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc ghp_16C7e42F292c6912E7710c838347Ae178B4a sk- AKIAIOSFODNN7EXAMPLE".split(
    " ",
  ),
  ...'password= password "password": token=abc Bearer Basic dXNlcjpwYXNz Authorization: Cookie: a=b; ://u:p@h'.split(
    " ",
  ),
  ...'-----BEGIN PRIVATE KEY----- -----END %34 %40 \\u0040 \\" \\n \\ { } [ ] " \' , : = & ? # . - _ / + [REDACTED] REDACTED'.split(
    " ",
  ),
  ..."\u001b[31m \u001b[0m \u001b \\u001b[1m \\x22 \\033[0m =3D 3D [0m ya29. r8_ ewogICJhbGciOiAiSFMyNTYiCn0 .ew .ey -- pass sig".split(
    " ",
  ),
  ...`''|""|secret='|token="|api key:|&#64;|&quot;|&amp;|&lt;|&gt;|\\u{40}|Cookie: a="b"; |password 'x|identified by "|curl -u |-ub:c|sshpass -p |Some("|u'|“|”|{a}@|=b.com@|Bearer 1||Private-Lines: 1|otp: 12 34|password=[]string{|ENV TOKEN `.split(
    "|",
  ),
  ..."AUTH \u00a7USER a\nPASS \u00a7?code=a1b2c3d4\u00a7&state=1\u00a7user: a, pass: \u00a7password: |\n  \u00a7!!str \u00a7&a \u00a7- name: token\n  value: \u00a7user,password\n\u00a7a,b\u00a7| token |\n\u00a7|---|\n\u00a7set('token', 'a\u00a7('token', 'a1\u00a7password(\"x\u00a7\" -> \"\u00a7keytool -storepass \u00a7redis-cli -a \u00a7$6$a$aB3dE5fG7hJ9kL1mN3pQ5rS7\u00a7LS0tLS1CRUdJTiBSU0Eg\u00a74111111111111111|12|27|123\u00a7 cvv 123\u00a7***\u00a7(hidden)\u00a7;b\u00a7string_value: \u00a7hmac a=\"b\", \u00a7,\n c=\u00a7it's\u00a7/a/\u00a7http://auth:8080\u00a7= a=b\u00a7:auth:\u00a7> PASS x1\u00a7 This field is \u00a7INSERT INTO a (password,b) VALUES (\u00a7'x1', \u00a7SET PASSWORD FOR 'a' = 'x\u00a7{token,\"x\u00a7\"token\";s:2:\"x1\u00a7=<a1b2>\u00a7MIIEpAIBAAKCAQEA0Z3VS5JJ\n\u00a7-----END PRIVATE KEY-----\u00a7-----BEGIN PRIVATE KEY-----\",\"MIIE\",\u00a7'X-Api-Key',\n 'a1\u00a7Name:TOKEN Value:\u00a7=('a', 'b1')\u00a7auth=A(b=1, c='d\u00a7: Some(T { a: \"x1\" })\u00a7=(*string)(\"\u00a7)=(x1) already exists\u00a7Key (token, a\u00a7: string = '\u00a7<b>\u00a7x<y\u00a7=//\u00a7 += \u00a7| a | token |\n| --- | --- |\n\u00a7+--+--+\n\u00a7{\"the ssn is\":123456789}\u00a7[INFO] \u00a7[1] \u00a7{\"a\":1} \u00a7ARRAY['a'], \u00a7$$a'$$\u00a7[[\"token\", \"a1\"]\u00a7Basic YTpi.".split(
    "\u00a7",
  ),
  ..." |\n|\t|\u200b|\u00ad|\u00a0|–|４|١|𝟒|é|ж|漢|😀|\ud800|\udc00|\u0000|\u0301|ſ|K".split("|"),
);
const texts = fc.oneof(
  fc.array(pieces, { maxLength: 14 }).map((all) => all.join("")),
  fc
    .array(fc.oneof(pieces, fc.string({ unit: "binary", maxLength: 6 })), { maxLength: 14 })
    .map((all) => all.join("")),
  fc.array(fc.oneof(pieces, fc.constant(" ")), { maxLength: 20 }).map((all) => all.join(" ")),
  fc.json({ maxDepth: 3 }),
  fc
    .jsonValue({ maxDepth: 2 })
    .map((value) => JSON.stringify({ password: value, "a@b.co": JSON.stringify({ value }) })),
);

const everything = createMasker({
  categories: { phone: true, ip: true },
  literals: ["aurora", "1111 4", "D] x"],
  patterns: [
    { name: "capitals", regex: "[A-Z]{3,}" },
    { name: "brackets", regex: "\\[[A-Z]" },
    { name: "number", regex: "EMP-[0-9]+" },
  ],
});
const maskers = { "by default": createMasker(), "with everything": everything };

/** What stays of a text: the parts between the marks. */
function remainders(masked: string): string[] {
  return masked.split(R);
}

for (const [name, masker] of Object.entries(maskers)) {
  describe(`whatever the text, ${name}`, () => {
    test("masking does not throw, and masking what was masked changes nothing", () => {
      fc.assert(
        fc.property(texts, (text) => {
          const masked = masker.maskText(text);
          assert.equal(masker.maskText(masked), masked);
        }),
        { numRuns: 4_000, seed: 1 },
      );
    });

    test("what stays is the text's own, in its order, and the rest grows by no more than the marks", () => {
      const plain = texts.filter((text) => findJson(text).length === 0);
      fc.assert(
        fc.property(plain, (text) => {
          let at = 0;
          for (const part of remainders(masker.maskText(text))) {
            const found = text.indexOf(part, at);
            assert.ok(found >= 0, JSON.stringify({ text, part }));
            at = found + part.length;
          }
        }),
        { numRuns: 2_000, seed: 2 },
      );
    });

    test("JSON stays JSON, with the same shape", () => {
      fc.assert(
        fc.property(fc.jsonValue({ maxDepth: 4 }), pieces, (value, piece) => {
          const masked = masker.maskText(JSON.stringify({ [piece]: [value, piece], a: { b: piece } }));
          assert.doesNotThrow(() => JSON.parse(masked) as unknown);
        }),
        { numRuns: 1_000, seed: 3 },
      );
    });
  });
}

test("values of any kind come back, changed or the same, and nothing of the caller's is changed", () => {
  const values = fc.anything({
    withBigInt: true,
    withMap: true,
    withTypedArray: true,
    withDate: true,
    withNullPrototype: true,
  });
  const masker = createMasker();
  fc.assert(
    fc.property(values, fc.string(), (value, key) => {
      const masked = masker.maskValue({ [key]: value });
      assert.deepEqual(masker.find(masked), []);
      masker.find(value);
    }),
    { numRuns: 2_000, seed: 4 },
  );
});

test("an object that contains itself, hostile getters and deep nests go whole, and are counted", () => {
  const masker = createMasker();
  const self: Record<string, unknown> = { a: 1 };
  self["self"] = self;
  assert.deepEqual(masker.maskValue(self), { a: 1, self: R });
  const hostile = Object.defineProperty({}, "x", {
    enumerable: true,
    get() {
      throw new Error("no");
    },
  });
  assert.deepEqual(masker.maskValue({ hostile, b: 2 }), { hostile: R, b: 2 });
  assert.equal(masker.failures, 1);
  let deep: unknown = "a@b.co";
  for (let i = 0; i < 10_000; i++) deep = [deep];
  assert.doesNotMatch(JSON.stringify(masker.maskValue(deep)), /@/);
  let shared: unknown = { mail: "a@b.co" };
  for (let i = 0; i < 60; i++) shared = { left: shared, right: shared };
  assert.notEqual(masker.maskValue(shared), shared);
});

test("__proto__ is a key like any other", () => {
  const value: unknown = JSON.parse('{"__proto__":{"password":"x"},"constructor":"a@b.co"}');
  const masked = JSON.stringify(createMasker().maskValue(value));
  assert.equal(masked, `{"__proto__":{"password":"${R}"},"constructor":"${R}"}`);
});

describe("what the gate calls clean, the search finds nothing in", () => {
  const enabled = enableCategories({});
  const keys = new KeyRules(enabled, { blockedKeys: ["pin", "x y z staff number"], allowKeys: [] });
  const scanners = [
    new Scanner(enabled, keys),
    new Scanner(enableCategories({ ip: true, phone: true }), keys),
    new Scanner(enableCategories({ cards: false, iban: false, email: false }), keys),
  ];

  function isFound(scanner: Scanner, text: string): boolean {
    const { found, foldable } = scanner.scan(text);
    return found.size > 0 || (foldable && scanner.scan(fold(text).text).found.size > 0);
  }

  test("in texts of any kind", () => {
    const longer = fc.array(texts, { minLength: 1, maxLength: 3 }).map((all) => all.join(" the order was "));
    fc.assert(
      fc.property(fc.oneof(texts, longer), (text) => {
        for (const scanner of scanners) {
          if (scanner.isClean(text)) assert.ok(!isFound(scanner, text), JSON.stringify(text));
        }
      }),
      { numRuns: 8_000, seed: 5 },
    );
  });

  test("for each rule, with words on both sides", () => {
    const [scanner] = scanners;
    assert.ok(scanner !== undefined);
    const found = [
      "4111111111111111",
      "4111 1111 1111 1111",
      "123-45-6789",
      "ssn 123456789",
      "GB82WEST12345698765432",
      "gb82 west 1234 5698 7654 32",
      "a@b.co",
      "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc",
      "sk-abcdefghijklmnop1234567890",
      "hf_abcdefghijklmnop1234567890",
      "SG.abcdefghijklmnopqrst12.abcdefghijklmnopqrst12",
      "AKIAIOSFODNN7EXAMPLE",
      "AIzaSyD-9tSrke72PouQMnMX-a7eZSW0jkFMBWY",
      "BEARER abcdefABCDEF",
      "basic dXNlcjpwYXNz",
      "password=x1",
      '"token" : "x"',
      "pin=1234",
      "-----BEGIN PRIVATE KEY-----",
      "４１１１１１１１１１１１１１１１",
      "john%40example.com",
    ];
    for (const text of found) {
      for (const around of ["", "x ", "the order of the customer was sent ", "Größe – ", "漢字 "]) {
        assert.ok(!scanner.isClean(`${around}${text}`), text);
        assert.ok(!scanner.isClean(`${around}${text} and so on, as it went`), text);
        assert.ok(isFound(scanner, `${around}${text}`), text);
      }
    }
  });

  test("and of each character of Unicode it knows whether it folds", () => {
    const [scanner] = scanners;
    assert.ok(scanner !== undefined);
    for (let codePoint = 0x80; codePoint < 0x20000; codePoint++) {
      if (codePoint >= 0xd800 && codePoint < 0xe000) continue;
      const character = String.fromCodePoint(codePoint);
      const kind = foldKind(character.charCodeAt(0), character.charCodeAt(1));
      const text = `the first of the orders is 1${character}2`;
      if (kind !== 0 && scanner.isClean(text)) assert.fail(`U+${codePoint.toString(16)}`);
      if (kind === 2 && scanner.isClean(text.replaceAll(/\d/g, "x")))
        assert.fail(`U+${codePoint.toString(16)}`);
    }
  });
});
