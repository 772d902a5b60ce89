import { type Cases, testCases } from "./cases.ts";

const R = "[REDACTED]";

/** Texts in which `§` stands for the value behind the name, each of which goes whole. */
function whole(value: string, ...texts: readonly string[]): Cases[string] {
  return texts.map((text) => [text.replace("§", value), text.replace("§", R)]);
}

/** What stays, as it is. */
function kept(...texts: readonly string[]): Cases[string] {
  return texts.map((text) => [text, text]);
}

const CASES: Cases = {
  "tuples go": [
    ...whole(
      "('ada', 'hunter2')",
      "{'auth': §, 'x': 1}",
      "auth=§ x",
      "auth: §, timeout=5",
      'msg="auth=§" x=1',
    ),
    ...whole("('hunter2',)", "password=§ x", "'password': §, 'x': 1"),
    ...whole('("hunter2")', "password = §; x"),
    ...whole("(b'ada', b'hun)ter2')", "auth=§ x"),
    ...whole("('abc123', 3600)", "{'token': §}"),
    ...whole("(ada, hunter2)", "auth=§ x"),
    ...whole('(\\"ada\\", \\"hunter2\\")', 'msg="auth=§ x" y=1'),
  ],
  "calls and types with parts go": [
    ...whole("HTTPBasicAuth('ada', 'hunter2')", "auth=§, timeout=5"),
    ...whole("Token(value='abc123')", "User(token=§, x=1)"),
    ...whole("Token(id=5, value='abc123')", "token=§ x", "token: § x"),
    ...whole("Token(id=5, value=abc123)", "token=§ x", "token: §, x"),
    ...whole("Token[id=5, value=abc123]", "Session(id=5, token=§, user=bob)"),
    ...whole("Token(Inner('abc123'))", "token=§ x", "token: § x"),
    ...whole('sql.NullString{String:"hunter2", Valid:true}', "{Password:§, X:1}"),
    ...whole('&main.Token{ID:5, Value:"abc123"}', "{Token:§ X:1}"),
    ...whole('(*string)("abc123")', "{APIKey:§, X:1}"),
    ...whole('(*errors.errorString)(0xcf3b02c7d50)(it\'s "quo7ed" x)', " Password: §,\n X"),
    ...whole('(string) (len=7) "hunter2"', "Password: §,\n X"),
    ...whole('Some(Token("abc123"))', "User { token: §, x: 1 }"),
    ...whole('Some(Token { value: "abc123" })', "User { token: §, x: 1 }"),
    ...whole('Token {\n    id: 5,\n    value: "abc123",\n}', "User { token: §, x: 1 }"),
    ...whole('Just "hunter2"', "password = § x"),
    ...whole('#<Token:0x0 @value="abc123", @x=1>', "token: §, y"),
    ...whole('#<struct Auth user="bob", value="x1">', "@auth=§, @x=1"),
    ...whole('#<data Sec value="x1">', "secret=§ y"),
    ...whole('#MyApp.Token<id: 5, raw: "x1">', "%{token: §, x: 1}"),
    ...whole('[]uint8("hun ter2")', "-\tAPIKey:   §,", 'map[string][]uint8{"password": §, "x": {}}'),
    ...whole('[]byte("hun ter2")', "password: § x", "password=§ x"),
  ],
  "one that was cut goes to the end": [
    ["auth=('ada', 'hunt", `auth=${R}`],
    ['token: Some(Token { value: "abc1', `token: ${R}`],
  ],
  "one that nothing closes ends with its lines": [
    [
      "    password = getpass('Password: ',\n               ^^^^^^\nValueError: bad thing",
      `    password = ${R}\nValueError: bad thing`,
    ],
    ["INFO auth: login('ada' failed\nINFO next", `INFO auth: ${R}\nINFO next`],
    ["auth=('a', r'\\')\nINFO next", `auth=${R}\nINFO next`],
  ],
  "a tag without content ends a password": [
    ["password=hunter2<br/>user=ada<br/>role=admin", `password=${R}<br/>user=ada<br/>role=admin`],
    ["password: hunter2<hr/>next", `password: ${R}<hr/>next`],
  ],
  "brackets within a password end nothing": [
    ["password=Tr0ub(4,dor)x9! user=bob", `password=${R} user=bob`],
    ["password=Xa(9k user=bob", `password=${R} user=bob`],
    ["password=Xa(9k, user=bob", `password=${R}, user=bob`],
  ],
  "a value of a type goes whole, however long its parts are": [
    ...whole(`Token(id=5, value='${"z".repeat(600)}')`, "token=§", "token=§ x"),
    ...whole(`Cookie(version=0, name='sid', value='${"z".repeat(700)}', port=None)`, "cookie=§"),
    ...whole(`Token(id=5, value='${"z".repeat(2_100)}')`, "token=§"),
  ],
  "words in brackets stay": kept(
    'auth: failed (user "bob")',
    'password: invalid ("x" is not allowed)',
    "token: expected(identifier, found: end)",
    "session: closed (code 5)",
    "credentials: default(profile)",
    "fn f(token: Option<&'a str>, y: Vec<(&'a str, u8)>) -> Foo<'a> {}",
    "const f = (token: string, opts: Foo<'a' | 'b'>) => {}",
    "password(min: 8, max: 64)",
  ),
};

testCases(CASES);
