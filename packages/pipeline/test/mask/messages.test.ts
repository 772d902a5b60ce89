import { type Cases, gone, kept, testCases } from "./cases.ts";

const CASES: Cases = {
  "a message of Protobuf's goes whole behind the name of a secret": [
    ...gone(
      '{ inline_string: "hunter2x9" }',
      "msg=secret § x",
      "[token §, b]",
      'auth_password § last: "x"',
      "secret § secret §",
    ),
    ...gone('{\n  inline_string: "hunter2x9"\n}', 'user: "bob"\nauth_password §\nlast: "x"\n'),
    ...gone('{ id: 5 kind: OPAQUE data { value: "it\'s {x" } }', "secret § id: 1"),
    ...gone('{ [type.example.com/a.B] { v: "hunter2x9" } }', "credentials § id: 1"),
    ...gone('{ values: ["hunter2x9", "b"] }', "token § x"),
    ...gone('{\n  inline_string: "hunt', "auth_password §"),
    ...gone('{ inline_string: \\"hunter2x9\\" }', 'msg="auth_password §" x'),
  ],
  "so it does in angle brackets": [
    ...gone('<inline_string:"hunter2x9" >', 'auth_password:§ last:"x"'),
    ...gone('<id:5 value:"hun>ter" sub:<a:"x" > >', 'secret:§ last:"x"', "secret=§ x"),
    ...gone('<\n  inline_string: "hunter2x9"\n>', 'auth_password: §\nlast: "x"'),
    ...kept(
      'token: <soap:Envelope xmlns:a="x">foo</soap:Envelope>',
      "expected token: <b: 5>",
      "token: <id: 5>, x",
    ),
  ],
  "and so does the value of an entry": [
    ...gone(
      '{ struct_value { fields { key: "a" value { string_value: "hunter2x9" } } } }',
      'fields { key: "secret" value § }',
    ),
    ...gone(
      '{\n    list_value {\n      values {\n        string_value: "hunter2x9"\n      }\n    }\n  }',
      'fields {\n  key: "api_key"\n  value §\n}\nx: "y"',
    ),
    ...kept('fields { key: "zone" value { string_value: "eu" } }'),
  ],
  "blocks of code stay": kept(
    'class Password { value: "x" }',
    'struct secret { value: "x"; }',
    'if (password) { value: "x" }',
    "catch (AuthError) { report() }",
    'resource "aws_secret" "password" { name: "x" }',
    '.password { content: "x" }',
    "token { color: red }",
    'p.t = exprToken{tok: "end of expression"}',
    'session { user: "bob", id: 5 }',
    "mutation { auth { id: accessId } }",
  ),
};

testCases(CASES);
