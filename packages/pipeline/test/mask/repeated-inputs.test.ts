import assert from "node:assert/strict";
import { test } from "node:test";
import { createMasker } from "../../src/mask/index.ts";
import { placesSecret } from "../../src/mask/repeated.ts";
import { type Cases, gone, kept, testCases } from "./cases.ts";

const R = "[REDACTED]";

const CASES: Cases = {
  "an error of pydantic's repeats what stood in a field": [
    ...gone(
      "Zq1xKd9",
      "1 validation error for U\npassword\n  String should have at least 8 characters [type=string_too_short, input_value='§', input_type=str]\n    For further information visit https://errors.pydantic.dev/2",
      "2 validation errors for U\nname\n  Too short [type=a, input_value='b1', input_type=str]\nbody.token\n  Too short [type=a, input_value='§', input_type=str]",
      "[{'type': 'string_too_short', 'loc': ('body', 'password'), 'msg': 'Too short', 'input': '§', 'ctx': {'min_length': 8}}]",
      "[{'type': 'a', 'loc': ('token', 0), 'msg': 'b', 'input': '§'}, {'type': 'a', 'loc': ('name',), 'input': 'c1'}]",
      '{"detail":[{"type":"string_too_short","loc":["body","password"],"msg":"Too short","input":"§","ctx":{"min_length":8}}]}',
      '{"m":"{\\"loc\\":[\\"body\\",\\"password\\"],\\"msg\\":\\"a\\",\\"input\\":\\"§\\"}"}',
    ),
    ...kept(
      "1 validation error for U\nname\n  Too short [type=string_too_short, input_value='b1', input_type=str]",
      "1 validation error for U\npassword\n  Field required [type=missing, input_value={'user': 'ada'}, input_type=dict]",
      "[{'type': 'missing', 'loc': ('password',), 'msg': 'Field required', 'input': {'user': 'ada'}}]",
      "[{'type': 'a', 'loc': ('password',), 'msg': 'b'}, {'type': 'a', 'msg': 'c', 'input': 'c1'}]",
      '{"type":"a","loc":["body","name"],"msg":"Too short","input":"b1"}',
      '{"type":"missing","loc":["body","password"],"msg":"Field required","input":{"user":"ada"}}',
      '{"loc":["body","token","name"],"input":"b1"}',
      '{"input":"b1","output":"c1"}',
    ),
  ],
  "so do those of Sequelize and Ajv": [
    ...gone(
      "Zq1xKd9",
      '{"message":"token must be unique","type":"unique violation","path":"token","value":"§","origin":"DB"}',
      "{\n  message: 'token must be unique',\n  path: 'token',\n  value: '§',\n  origin: 'DB'\n}",
      '[{"instancePath":"/user/password","schemaPath":"#/a","message":"must be number","data":"§"}]',
    ),
    ...kept(
      '{"path":"/oauth/token","value":"b1"}',
      "{ path: '/oauth/token', value: 'b1' }",
      '{"path":"token","value":5}',
      "path: session, value: 5",
      '[{"instancePath":"/zone","schemaPath":"#/a","message":"must be number","data":"b1"}]',
      '[{"instancePath":"/password/length","message":"must be number","data":"b1"}]',
    ),
  ],
  "so does Spring's of a form's field": [
    ...gone(
      "Zx9v]Q2 mL7pTr",
      "Field error in object 'user' on field 'password': rejected value [§]; codes [Size.user.password,Size]; default message [a]",
      "Field error in object 'user' on field 'apiToken': rejected value [§]; codes [Size.apiToken]",
      "Field error in object 'user' on field 'password': rejected value [§]",
    ),
    ...gone(
      `0.AXoA${"aB3x".repeat(375)}`,
      "on field 'refreshToken': rejected value [§]; codes [Size.account.refreshToken]",
    ),
    ["on field 'password': rejected value [it went on", `on field 'password': rejected value [${R}`],
    ...kept(
      "Field error in object 'user' on field 'password': rejected value [null]; codes [NotNull]",
      "Field error in object 'user' on field 'name': rejected value [Zx9vQ2mL7pTr]; codes [Size]",
    ),
    ...gone("Zx9vQ2mL7pTr", '{"field":"password","rejectedValue":"§"}', '{"property":"token","value":"§"}'),
  ],
  "so does MySQL's of an entry that is there already": [
    ...gone(
      "Zq1xKd9",
      "Duplicate entry '§' for key 'users.token'",
      "(1062, \"Duplicate entry '§' for key 'token'\")",
      "Duplicate entry '§' for key 'users.users_token_UNIQUE'",
      "{\"m\":\"Duplicate entry '§' for key 'users.token'\"}",
    ),
    ["Duplicate entry 'it's 5' for key 'uk_token' x", `Duplicate entry '${R}' for key 'uk_token' x`],
    ...kept(
      "Duplicate entry 'b1' for key 'users.name'",
      "Duplicate entry 'b1' for key 'PRIMARY'",
      "the entry 'b1' for token 'c'",
    ),
  ],
  "a text of several lines as klog prints it": [
    ['password=<\n\tZq1 xK\n\td9\n > user="ada"', `password=<\n\t${R}\n > user="ada"`],
    ["token=<\n\tZq1", `token=<\n\t${R}`],
    ...kept("text=<\n\tb1\n > x"),
  ],
};

testCases(CASES);

test("what an error repeats as a member goes where it is a text", () => {
  const masker = createMasker();
  const error = { type: "string_too_short", loc: ["body", "password", 0] };
  assert.deepEqual(masker.maskValue({ ...error, input: "x" }), { ...error, input: R });
  assert.deepEqual(masker.maskValue({ instancePath: "/password", data: "x" }), {
    instancePath: "/password",
    data: R,
  });
  for (const value of [
    { ...error, input: { user: "ada" } },
    { loc: ["body", "name"], input: "x" },
    { path: "/oauth/token", data: "x" },
    { instancePath: "/token/name", data: "x" },
  ])
    assert.equal(masker.maskValue(value), value);
});

test("of a list that says which member it is, the end alone is looked at", () => {
  const masker = createMasker();
  const loc: readonly unknown[] = ["password", 1, 2, 3, 4, 5, 6, 7];
  assert.deepEqual(masker.maskValue({ loc, input: "x" }), { loc, input: R });
  let reads = 0;
  const list = new Proxy([] as number[], {
    get: (target, name, receiver): unknown => {
      if (name === "length") return 1_000_000;
      reads += 1;
      return Reflect.get(target, name, receiver);
    },
  });
  assert.equal(placesSecret({ isSecretName: () => true }, "loc", list), false);
  assert.ok(reads < 20);
});
