import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { enableCategories } from "../../src/mask/categories.ts";
import { Gate } from "../../src/mask/gate/gate.ts";
import { createMasker } from "../../src/mask/index.ts";
import { KeyRules } from "../../src/mask/key-rules.ts";
import { FORMS, type KeyForm } from "../../src/mask/rules/api-keys.ts";

const enabled = enableCategories({});
const { endings } = new KeyRules(enabled, { blockedKeys: [], allowKeys: [] });
const gate = new Gate(enabled, endings.written);

/** One for each way in which something begins, and each finding is masked where it stands alone. */
const FOUND = [
  "4111111111111111",
  "4111 1111 1111 1111",
  "6304 0000 0000",
  "123-45-6789",
  "ssn 123456789",
  "GB82WEST12345698765432",
  "gb82 west 1234 5698 7654 32",
  "a@b.co",
  "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc",
  "ewogICJhbGciOiAiSFMyNTYiCn0.eyJzdWIiOiIxIn0.dozjgNry",
  "bearer abcdefABCDEF",
  "Basic dXNlcjpwYXNz",
  "Negotiate YIIZtQYGKwYBBQUCoIIZqTC",
  "NTLM TlRMTVNTUAABAAAAl4II4gAA",
  "SSWS 00QCjAl4MlV-WPXM3ftJa",
  "SK0123456789abcdef0123456789abcdef",
  "dapiabcdef7890123456789012345678cdef",
  "1//0gabcdefghijklmnopqrstuvwxyz01234",
  "123456789:AAF1abcdefghijklmnopqrstuvwxyz0123456",
  "https://hooks.slack.com/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX",
  "https://discord.com/api/webhooks/123456789012345678/abcdefghijklmnopqrstuvwxyz",
  "MTk4NjIyNDgzNDcxOTI1MjQ4.Cl2FMQ.aB3dE5fG7hJ9kL1mN3pQ5rS7tU9",
  "OTA2NzE5MDQ5NzYzMjA5MjM2MA.YcZx-q.aB3dE5fG7hJ9kL1mN3pQ5rS7tU9vW1xYaB_-xy",
  "0123456789abcdef0123456789abcdef-us12",
  "aB38Q~aB3dE5fG7hJ9k.aB3dE5fG7hJ9kL1~z",
  "patA1b2C3d4E5f6G7.0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
  "AC0123456789abcdef0123456789abcdef",
  "4111\t1111\t1111\t1111",
  "4111  1111  1111  1111",
  "4111 - 1111 - 1111 - 1111",
  "DE89 - 3704 - 0044 - 0532 - 0130 - 00",
  'form-data; name="token"\n\nq8Zk2',
  '<input name="password" value="hunter">',
  "jdbc:oracle:thin:scott/tiger@db",
  "password=x1",
  "PASSWD: x1",
  "api_key=x1",
  "X-Api-Key: x1",
  "user.pass-word_confirmation[0] = x1",
  "passwordRetype=x1",
  "SAML_Response=x1",
  "ses_sion=x1",
  "/?sid=q8Zk2",
  '"token" : "x"',
  "<password>hunter</password>",
  '<password type="x">hunter</password>',
  "--password hunter2",
  "curl -u bob:hunter2 ",
  "-----BEGIN PRIVATE KEY-----",
  "password=3Dhunter2",
  "curl -ubob:hunter2",
  "curl -sSu bob:hunter2",
  "sshpass -p hunter2",
  "mysql -phunter2",
  "WITH PASSWORD 'hunter2'",
  "WITH PASSWORD  'hunter2'",
  "LOGIN PASSWORD E'hunter2'",
  "PASSWORD U&'hunter2'",
  "grant x identified with sha2 by  N'hunter2'",
  "SET PASSWORD _utf8'hunter2'",
  'grant x identified by "hunter2"',
  "IDENTIFIED WITH caching_sha2_password BY 'hunter2'",
  "ENV DB_PASSWORD hunter2",
  "API KEY: q8Zk2",
  "Private-Lines: 1\nAAABAQCabcdefghijkl",
  "---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----",
  "?Expires=1&Signature=abc&x=1",
  "bot110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw",
  "AUTH b7d9c1f0aa22",
  '"AUTH" "x1"',
  "C: PASS hunter2",
  "?code=9f8e7d6c5b4a&state=1",
  "{ user: 'bob', pass: 'x1' }",
  "?pw=x1",
  "- name: TOKEN\n  value: q8Zk2",
  "role,password,user\na,x1,b",
  "a;b;token\n1;2;q8Zk2",
  "| a | token | b |\n|---|---|---|\n| 1 | q8Zk2 | 2 |",
  "setenv('TOKEN', 'q8Zk2')",
  '("TOKEN", "q8Zk2")',
  "PASSWORD('x1')",
  "keytool -storepass x1",
  "redis-cli -a x1",
  "sqlcmd -P x1",
  "7z a -px1",
  'cmd ["mysql","-px1"]',
  `$2b$12$${"aB3dE5fG7h".repeat(5)}Xyz`,
  "$6$aB3dE5fG$aB3dE5fG7hJ9kL1mN3pQ5rS7",
  "$y$j9T$aB3dE5fG$aB3dE5fG7hJ9kL1mN3pQ5rS7",
  "$argon2id$v=19$m=65536$c29tZXNhbHQ$aB3dE5fG7hJ9",
  "$apr1$aB3dE5fG$aB3dE5fG7hJ9kL1mN3pQ5r",
  "pbkdf2_sha256$600000$aB3dE5fG7hJ9$aB3dE5fG7hJ9kL1mN3pQ5rS7tU9v=",
  "LS0tLS1CRUdJTiBSU0EgUFJJVkFURSBLRVktLS0tLQpNSUlFb3dJ",
  "aB3dE5fG7hJ9kL1mN3pQ5rS7tU9vW1xYaB3dE5fG7hJ9kL1mN3pQJQQJ99BAACYeBjFXJ3w3AAABACOGaB3d",
  "00D5e000000aBcD!AQaB3dE5fG7hJ9kL1mN3pQ5rS7tU9vW1xYaB3dE5fG7h",
  "279927da8a85aef223539fbf0be298df-89d2fe53-98d9c012",
  "https://hooks.zapier.com/hooks/catch/1234567/jsiyy60x",
  "https://a.webhook.office.com/webhookb2/8d542778-cec1-40ee",
  "DE89_3704_0044_0532_0130_00",
  "DE89/3704/0044/0532/0130/00",
  "INSERT INTO a (b, password) VALUES ('a', 'x1')",
  "insert into a (token, b)\nvalues\n('x1', 2)",
  "INSERT INTO a (b, password) VALUES ROW('a', 'x1')",
  "INSERT INTO a (b, password) VALUES /* c */ ('a', 'x1')",
  "INSERT INTO a (b, password) VALUES -- c\n('a', 'x1')",
  "INSERT+INTO+a+(b,+password)+VALUES+('a',+'x1')",
  "SET PASSWORD FOR 'a' = 'x1'",
  "['X-Api-Key', 'x1']",
  '{password,"x1"}',
  's:5:"token";s:2:"x1";',
  "{Name:TOKEN Value:x1}",
  "{Name:TOKEN,Value:x1,}",
  '"token" "x1"',
  "'token'\n  'x1'",
  "code=9f8e7d6c5b4a&grant_type=a",
  "token in ('x1')",
  "`token` NOT IN('x1')",
  '"token" ilike "x1"',
  "token eq 'x1'",
  "token <> 'x1'",
  "Map(token -> x1)",
  'Map("token" -> x1)',
  '{token,<<"x1">>}',
  '{token,\n<<"x1">>}',
  '{<<"token">>,<<"x1">>}',
  'name = "TOKEN"\n+ value = "x1"',
  "password=<abc1>",
  'auth_password { inline_string: "x1" }',
  'token {\n  values {\n    v: "x1"\n',
  'credentials { [a.b/c.D] { v: "x1" } }',
  "{Key:TOKEN Value:x1}",
  'key:"token" value:"x1"',
  '"name" = "TOKEN"\n"value" = "x1"',
  "- --token\n- x1",
  'a1="--token" a2="x1"',
  "(token,x1)",
  "(token, x1y2z3)",
  "[token, x1y2z3]",
  "Password for user a: x1y2z3",
  "password is generated for a: x1y2z3",
  "PASSWORD elastic = x1y2z3",
  "password to proceed to installation:\nx1y2z3",
  "Path `token` (`x1`)",
  "Path `token` is invalid (x1)",
  "Validator failed for path `token` with value `x`",
  'failed for value "x1" (type string) at path "token"',
  "on field 'token': rejected value [x]",
  "#0114111111111111111",
  "#033[31m4111111111111111",
  "a=+--password+x1",
  "a=mysql+-px1",
  "q=PASSWORD+'x1'",
  "q=create+user+a+identified+by+'x1'",
  "q=create+user+a+identified+with+b+by+'x1'",
  "q=redis-cli+-a+x1",
  "(a.token,$x)",
  '{:token, "x1"}',
  "{ [ 'token', 'x1' ] }",
  "\n'token', 'x1'\n",
  'ConvertTo-SecureString "x1" -AsPlainText',
  "ConvertTo-SecureString -String 'x1'",
  '<property name="token"><value>x1</value>',
  '<meta name="token" content="x1" />',
  "<td>TOKEN</td><td>x1</td>",
  "<dt>TOKEN </dt> <dd>x1</dd>",
  "TOKEN:</b> q8Zk2",
  "[Password] <> N'x1'",
  "(token)::text = 'x1'",
  "(token)::text = ANY ('{x1}')",
  "token IN\n  ('x1')",
  "token not in  ('x1')",
  "LOWER(\"token\") = LOWER('x1')",
  'a="token == &quot;x1&quot;"',
  "{'token_1': 'q8Zk2'}",
  "@__token_0='q8Zk2'",
  "'--token=my q8Zk2'",
  "openssl -passout 'pass:x1'",
  "MIIEpAIBAAKCAQEA0Z3VS5JJ\n-----END PRIVATE KEY-----",
  "-----begin private key-----",
  "dose0123456789abcdef0123456789abcdef",
  "dosea123456789abcdef0123456789abcdef",
  "redis://:it's@redis",
  '{"m":"AUTH b7d9c1f0aa22"}',
  "a&#64;b.co",
  "a&#x40;b.co",
  "a&commat;b.co",
  "&quot;token&quot;:x1",
  "&lt;token&gt;x1&lt;",
  "a&amp;#64;b.co",
  "４１１１１１１１１１１１１１１１",
  "john%40example.com",
  "\u001b[31m4111111111111111",
  "\\u0034111111111111111",
];
const BODIES: Readonly<Partial<Record<KeyForm["body"], string>>> = {
  upper: "IOSFODNN7EXAMPLE",
  uuid: "9f8e7d6c-5b4a-4392-8170-6f5e4d3c2b1a",
};
for (const { prefix, body, least } of FORMS)
  FOUND.push(`${prefix}${BODIES[body] ?? "A1b2C3d4".repeat(Math.max(8, least / 8 + 1))}`);

/** What a text is made of around it: each kind is gone over in its own way. */
const FILLERS = ["the order was sent ", "ID 7-X_9.Q/", "Größe – ", "漢字 "];

describe("the gate lets through what a rule finds, wherever it stands", () => {
  for (const filler of FILLERS) {
    test(`among ${JSON.stringify(filler)}`, () => {
      for (const text of FOUND) {
        for (let before = 0; before < 44; before++) {
          const front = filler.repeat(9).slice(0, before);
          // A letter or digit right in front would make it something else.
          const whole = `${front} ${text}`;
          assert.ok(!gate.isClean(whole), whole);
          assert.ok(!gate.isClean(`${whole} ${filler.repeat(1 + (before % 5))}`), whole);
        }
      }
    });
  }

  test("and each of the samples is something that a rule finds", () => {
    const masker = createMasker();
    for (const text of FOUND) assert.notEqual(masker.maskText(text), text, text);
  });
});

/** Letters, digits and marks in which patterns begin, go on and break off. */
const texts = fc
  .array(
    fc.oneof(
      fc.constantFrom(...FOUND).chain((text) => fc.nat(text.length).map((cut) => text.slice(0, cut))),
      fc.constantFrom(...FOUND).chain((text) => fc.nat(text.length).map((cut) => text.slice(cut))),
      fc.constantFrom(...FILLERS, ..." :=>-_.\"'#!|0123456789abeiszABEJNS@%\\".split("")),
      fc.string({ unit: "binary", maxLength: 6 }),
    ),
    { minLength: 1, maxLength: 9 },
  )
  .map((parts) => parts.join(""));

test("a gate says of a text what it said of it before, whatever it has learned in between", () => {
  let made = 0;
  fc.assert(
    fc.property(fc.array(texts, { minLength: 1, maxLength: 8 }), (all) => {
      // Another name makes another automaton, which knows nothing yet.
      const fresh = new Gate(enabled, [...endings.written, { text: `name${++made}`, inRow: 4 }]);
      for (const text of all) {
        const answer = fresh.isClean(text);
        assert.equal(fresh.isClean(text), answer, text);
        assert.equal(gate.isClean(text), answer, text);
      }
    }),
    { numRuns: 30, seed: 6 },
  );
});

test("masking comes to the same without the gate", () => {
  const masker = createMasker();
  const { isClean } = Gate.prototype;
  fc.assert(
    fc.property(texts, fc.boolean(), (text, isJson) => {
      const given = isJson ? JSON.stringify({ note: text, list: [text] }) : text;
      const masked = masker.maskText(given);
      Gate.prototype.isClean = () => false;
      try {
        assert.equal(masker.maskText(given), masked);
      } finally {
        Gate.prototype.isClean = isClean;
      }
    }),
    { numRuns: 2_500, seed: 7 },
  );
});

test("most of what services send is clean to it", () => {
  const clean = [
    "4bf92f3577b34da6a3ce929d0e0e4736",
    "01HX7KQMB4NWE9P6T2JS0RY3ZV",
    "2026-03-19T14:35:00.123456789Z",
    "https://orders.acme.com/cart/95261?page=15",
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36",
    "SELECT note, price FROM payment WHERE tenant_id = $1 ORDER BY price",
    '{"line":3,"sku":"teyqtubk","name":"order cart invoice","quantity":2}',
    "at worker (file:///app/worker.js:882:7)",
    "type=a version: 1 action=b location: c request: 5, response=7 context: x information: y address_id = z",
    '{"type":"order","version":"1.2","accepted":["accepted","token of"],"identifier":7}',
    "before the beginning a bear sat back in Bergen and ate",
    "ACCEPTED ASSET AKI EAST BUILD NTP SSO SKU",
    'type=a version: 1 action=b location: c "request": 5, response=7 context: x duration=12 information: y database=z',
    '{"type":"order","version":"1.2","action":"a","accepted":["accepted","token of"],"identifier":7}',
    "Größe 42: “klein”",
  ];
  for (const text of clean) assert.ok(gate.isClean(text), text);
});
