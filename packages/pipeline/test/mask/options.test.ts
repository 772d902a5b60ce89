import assert from "node:assert/strict";
import { test } from "node:test";
import { runInNewContext } from "node:vm";
import { build } from "esbuild";
import type { MaskOptions } from "../../src/mask/index.ts";
import { assertNoPii, createMasker, PiiError } from "../../src/mask/index.ts";

const wrong: readonly (readonly [options: MaskOptions, message: RegExp])[] = [
  [
    { patterns: [{ name: "open", regex: "x[" }] },
    /pattern "open" must be .* RE2's syntax: missing closing \]/,
  ],
  [{ patterns: [{ name: "back", regex: "(a)\\1" }] }, /pattern "back" must be .* RE2's syntax/],
  [{ patterns: [{ name: "empty", regex: "x*" }] }, /pattern "empty" must not match the empty text/],
  [
    { patterns: [{ name: "long", regex: "x".repeat(1_001) }] },
    /pattern "long" must be at most 1000 characters/,
  ],
  [
    { patterns: [{ name: "large", regex: "[a-z]{900}[0-9]{900}[A-Z]{900}" }] },
    /pattern "large" must be smaller/,
  ],
  [{ literals: ["x"] }, /literals: each must have 2 to 4096 characters/],
  [{ blockedKeys: ["--"] }, /blockedKeys: each must have a letter/],
  [{ allowKeys: [""] }, /allowKeys: each must be a text/],
];

for (const [options, message] of wrong) {
  test(`refused: ${JSON.stringify(options).slice(0, 60)}`, () => {
    assert.throws(() => createMasker(options), { name: "TypeError", message });
  });
}

test("an unknown option is refused by name, as is a list that is none and a pattern without a name", () => {
  const given: readonly (readonly [json: string, message: RegExp])[] = [
    ['{"blocked_keys":["x"]}', /no option "blocked_keys"; there are blockedKeys/],
    ["[]", /the options must be an object/],
    ['{"literals":"aurora"}', /literals must be a list/],
    ['{"patterns":[{"regex":"a"}]}', /patterns: each must have a name and a regex/],
    ['{"patterns":["a"]}', /patterns: each must have a name and a regex/],
  ];
  for (const [json, message] of given) {
    const options: MaskOptions = JSON.parse(json);
    assert.throws(() => createMasker(options), { name: "TypeError", message });
  }
});

test("what is no text is not given back as one", () => {
  const masker = createMasker();
  const nothing: string = JSON.parse("4111111111111111");
  assert.equal(masker.maskText(nothing), "[REDACTED]");
  assert.equal(masker.failures, 1);
});

test("a match that is longer than a pattern may find takes the text with it", () => {
  const masker = createMasker({ patterns: [{ name: "tag", regex: "<[^>]*>" }] });
  assert.equal(masker.maskText(`p <${"s".repeat(1_000)}> q`), "p [REDACTED] q");
  assert.equal(masker.failures, 0);
  for (const length of [1_100, 3_000, 9_000]) {
    assert.equal(masker.maskText(`p <a> and <${"s".repeat(length)}> q`), "[REDACTED]");
  }
  assert.equal(masker.failures, 3);
  const line = createMasker({ patterns: [{ name: "line", regex: "SECRET:.+" }] });
  assert.equal(line.maskText(`k SECRET:${"q".repeat(3_000)}`), "[REDACTED]");
});

test("a literal is found with any white space, and with a form's", () => {
  const own = createMasker({ literals: ["Project Aurora"] });
  for (const text of [
    "Project\u00a0Aurora",
    "Project\nAurora",
    "Project\tAurora",
    "Project+Aurora",
    "Project%20Aurora",
  ])
    assert.equal(own.maskText(`q=${text}&y`), "q=[REDACTED]&y");
  assert.equal(own.maskText("project aurora"), "project aurora");
});

test("an unknown category is refused by name", () => {
  const options: MaskOptions = JSON.parse('{"categories":{"emails":true}}');
  assert.throws(() => createMasker(options), /categories has no "emails"; there are blocked_keys, api_keys/);
  const faulty: MaskOptions[] = JSON.parse('[{"categories":null},{"categories":[]},{"patterns":[null]}]');
  for (const given of faulty) assert.throws(() => createMasker(given), /(?:categories|patterns)\b.* must/);
});

test("assertNoPii says where and of what kind, never what", () => {
  const event = {
    specversion: "1.0",
    type: "com.acme.order.created",
    subject: "tenant/acme/user/a@b.co",
    data: {
      customer: { mails: ["x", "canary@example.com"] },
      password: "hunter2",
      "c@d.co": 1,
      pan: 4111111111111111n,
    },
  };
  assert.throws(
    () => assertNoPii(event),
    (error) => {
      assert.ok(error instanceof PiiError);
      assert.deepEqual(error.findings, [
        { path: "subject", kind: "email" },
        { path: "data.customer.mails[1]", kind: "email" },
        { path: "data.password", kind: "blocked_keys" },
        { path: "data.[REDACTED]", kind: "email" },
        { path: "data.pan", kind: "cards" },
      ]);
      assert.doesNotMatch(error.message, /canary|hunter2|b\.co|4111/);
      return true;
    },
  );
  assertNoPii(createMasker().maskValue(event));
  assertNoPii("order 42 was shipped at 2026-03-19T14:35:00Z");
  assert.throws(() => assertNoPii("mail a@b.co"), /^PiiError: personal or secret: the text: email$/);
  assert.throws(() => assertNoPii({ payload: '{"a":[{"token":"x"}]}' }), /payload: blocked_keys/);
  assert.throws(() => assertNoPii(Buffer.from("a@b.co")), PiiError);
});

test("assertNoPii takes a masker with rules of one's own", () => {
  const own = createMasker({ literals: ["aurora"], categories: { email: false } });
  assertNoPii("a@b.co", own);
  assert.throws(() => assertNoPii({ note: "project aurora" }, own), /note: literal/);
});

test("what could not be looked through is a finding as well", () => {
  const far = createMasker({ patterns: [{ name: "far", regex: "a.*y|a" }] });
  assert.throws(() => assertNoPii({ note: "a".repeat(60_000) }, far), /note: failure/);
  let deep: unknown = "x";
  for (let i = 0; i < 100; i++) deep = [deep];
  assert.throws(() => assertNoPii({ deep }), /deep\[0\].*: failure/);
});

test("findings are those of the value that was asked about", () => {
  const masker = createMasker();
  assert.deepEqual(masker.find("clean"), []);
  assert.deepEqual(masker.find({ a: "a@b.co", b: "4111111111111111" }), [
    { path: "a", kind: "email" },
    { path: "b", kind: "cards" },
  ]);
  assert.equal(masker.failures, 0);
});

test("the entry point runs outside Node: nothing behind it imports from there", async () => {
  const { outputFiles } = await build({
    entryPoints: [new URL("../../src/mask/index.ts", import.meta.url).pathname],
    bundle: true,
    write: false,
    format: "iife",
    globalName: "mask",
    platform: "neutral",
    mainFields: ["module", "main"],
    conditions: ["coresdk-source", "import"],
    logLevel: "silent",
  });
  const [file] = outputFiles;
  assert.ok(file !== undefined);
  assert.doesNotMatch(file.text, /"node:|require\(|\bBuffer\b/);
  // A realm that has what the language has, what every web runtime has besides, and no `process`.
  const program = `${file.text}; mask.createMasker().maskText("from joe@example.com")`;
  assert.equal(runInNewContext(program, { TextDecoder, TextEncoder }), "from [REDACTED]");
});
