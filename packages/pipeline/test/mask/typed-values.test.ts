import { type Cases, gone, testCases } from "./cases.ts";

const R = "[REDACTED]";

const CASES: Cases = {
  "a list or map of Go's goes with its type": [
    ...gone('[]interface {}{"hunter2"}', 'map[string]interface {}{"password":§, "x":1}'),
    ...gone('map[string]interface {}{"a":"hunter2x"}', '{"secret":§, "b":1}', "Secret:§ x"),
    ...gone('map[string][]string{"a":[]string{"hunter2"}}', "Secret:§ x"),
    ...gone('struct { Value string }{Value:"hunter2"}', "{Secret:§, X:1}"),
    ...gone('struct { A struct { B string }; C int }{A:struct { B string }{B:"x}y"}, C:1}', "Secret:§ x"),
    ...gone("[]uint8{0x68, 0x75}", "{Password:§, X:1}"),
    ...gone("map[a:hunter2 b:letmein9]", "{Secret:§ X:1}"),
  ],
  "what spew prints goes with its type, its address and its length": [
    ...gone('(*string)(0xc000014070)((len=9) "abc123XYZ")', " Token: §,\n X", "{ Token: § }"),
    ...gone(
      "([]uint8) (len=7 cap=7) {\n  00000000  68 75 6e 74 65 72 32   |hunter2|\n }",
      " Password: §,\n X: (int) 1",
    ),
    ...gone("([]uint8) (len=7) { 00000000  68 75 6e |hun| }", " Password: §, X"),
    ...gone(
      '(*main.Cred)(0xd5d664ffcb0)({\n  Value: (string) (len=7) "hunter2"\n })',
      " Secret: §,\n X: (int) 1",
    ),
    ...gone('(struct { Value string }) {\n  Value: (string) (len=7) "hunter2"\n }', " Secret: §\n}"),
    ...gone("([]interface {})[(string)hunter2]", "map[password:§ x:(int)1]"),
    ...gone("<*>(0xd5d6649a4d0)hunter2", "{Token:§ X:1}"),
  ],
  "what a pointer of Go's points to goes with it": [
    ...gone(
      "&{bob hunter2x9}",
      "auth: §",
      "level=info msg=login credentials=§ zone=eu",
      '{"secret": §, "b": 1}',
    ),
    ...gone("&{Username:bob Value:hunter2x9}", "auth=§ x"),
    ...gone("&[bob hunter2x9]", "auth: § x"),
    ...gone("&map[user:bob value:hunter2x9]", "auth: § x"),
  ],
  "an object of Node's goes with its type": [
    ...[
      "[Object: null prototype] { uid: 'abc123XYZ' }",
      "Set(1) { 'hunter2x9' }",
      "Map(1) { 'a' => 'hunter2x9' }",
      "[Set(1): null prototype] { 'hunter2x9' }",
      "Uint8Array(4) [ 104, 105, 106, 107 ]",
      "Buffer(4) [Uint8Array] [ 104, 105, 106, 107 ]",
      "[Function: x] { value: 'hunter2x9' }",
      "[Function (anonymous)] { value: 'hunter2x9' }",
      "[class A extends B] { value: 'hunter2x9' }",
      "[Map Iterator] { 'hunter2x9' }",
      "Object [Map Iterator] { 'hunter2x9' }",
      "[Arguments] [ 'hunter2x9', 'b' ]",
      "Auth [bearer] { v: 'hunter2x9' }",
      "Auth <Complex prototype> { v: 'hunter2x9' }",
      "Auth <[Object: null prototype] {}> { v: 'hunter2x9' }",
      "<ref *1> Auth { v: 'hunter2x9', self: [Circular *1] }",
      "<ref *1> { v: 'hunter2x9', self: [Circular *1] }",
      "<ref *1> [ 'hunter2x9', [Circular *1] ]",
    ].flatMap((value) => gone(value, "{ secret: §, x: 1 }", "secret=§ x")),
    ...gone("[Object: null prototype] {\n    uid: 'abc'\n  }", "{\n  cookies: §,\n  x: 1\n}"),
    ...gone(
      "Map(1) {\n+     'a' => 'hunter2x9'\n+   }",
      "  {\n+   password: §,\n-   password: null,\n    x: 1\n  }",
    ),
  ],
  "a map or a struct of Elixir's goes": [
    ...gone('%MyApp.Token{id: 5, raw: "hunter2x9"}', '%{token: §, zone: "eu"}'),
    ...gone('%{"_key" => "abc123XYZ"}', '%Plug.Conn{cookies: §, zone: "eu"}', '%{"session" => §, "b" => 1}'),
    ...gone('%{user: "bob", v: "hunter2x9"}', "[credentials: §]"),
    ["token: %{}", "token: %{}"],
  ],
  "an array or object of PHP's goes whole": [
    ...gone(
      "Array\n        (\n            [0] => bob\n            [1] => it's \"hunter2)\n        )",
      "Array\n(\n    [auth] => §\n\n    [x] => 1\n)\n",
    ),
    ...gone(
      "Array\n        (\n            [a] => Array\n                (\n                    [0] => hunter2\n                )\n\n            [b] => hunter2\n        )",
      "    [auth] => §\n\n    [x] => 1",
    ),
    ...gone("Array ( [0] => bob [1] => hunter2 )", "[auth] => § [x] => 1"),
    ...gone(
      "App\\Token Object\n        (\n            [value:App\\Token:private] => hunter2\n        )",
      "    [token:protected] => §\n\n    [x] => 1",
    ),
    ...gone(
      'array(1) {\n    [0]=>\n    string(7) "hun"er2"\n  }',
      '  ["password"]=>\n  §\n  ["x"]=>\n  int(1)',
    ),
    ...gone(
      'object(Cred)#5 (1) {\n    ["value"]=>\n    string(7) "hunter2"\n  }',
      '  ["credentials":protected]=>\n  §\n  ["x"]=>\n  int(1)',
    ),
    ...gone("array (\n    0 => 'hunter2',\n  )", "  'passwords' =>\n  §,\n  'x' => 1,"),
    ...gone("array ( 0 => 'bob', 1 => 'hun)ter2', )", "auth => § x"),
    ...gone(
      "App\\Token::__set_state(array(\n     'value' => 'hunter2',\n  ))",
      "  'token' => \n  §,\n  'x' => 1",
    ),
    ...gone('array:1 [\n    "value" => "hunter2"\n  ]', '  "secret" => §\n  "x" => 1'),
    ...gone('App\\Token {#12 ▼\n    -value: "hunter2"\n  }', '  "token" => §\n  "x" => 1'),
    ...gone(
      "array (size=1)\n      0 => string 'hunter2' (length=7)",
      "  'passwords' => \n    §\n  'x' => int 1",
    ),
  ],
  "a text of lines that are less indented than what it is in goes up to the bracket": [
    ...gone(
      "Array\n        (\n            [key] => first\nhunter2\n        )",
      "    [secret] => §\n\n    [x] => 1",
    ),
  ],
  "one that was cut goes to the end": [
    ["[auth] => Array\n    (\n        [0] => bob\n        [1] => hunt", `[auth] => ${R}`],
    ['"password":[]interface {}{"hunt', `"password":${R}`],
  ],
  "words in front of a bracket stay": [
    ["password: invalid [docs] (page 5)", "password: invalid [docs] (page 5)"],
    ["token: Object (5)", "token: Object (5)"],
    ["fn f(token: &[Token; 5], x: u8) {", "fn f(token: &[Token; 5], x: u8) {"],
  ],
};

testCases(CASES);
