import { type Cases, gone, kept, testCases } from "./cases.ts";

const R = "[REDACTED]";

const CASES: Cases = {
  "tuples go": [
    ...gone(
      "('ada', 'hunter2')",
      "{'auth': §, 'x': 1}",
      "auth=§ x",
      "auth: §, timeout=5",
      'msg="auth=§" x=1',
    ),
    ...gone("('hunter2',)", "password=§ x", "'password': §, 'x': 1"),
    ...gone('("hunter2")', "password = §; x"),
    ...gone("(b'ada', b'hun)ter2')", "auth=§ x"),
    ...gone("('abc123', 3600)", "{'token': §}"),
    ...gone("(ada, hunter2)", "auth=§ x"),
    ...gone('(\\"ada\\", \\"hunter2\\")', 'msg="auth=§ x" y=1'),
  ],
  "calls and types with parts go": [
    ...gone("HTTPBasicAuth('ada', 'hunter2')", "auth=§, timeout=5"),
    ...gone("Token(value='abc123')", "User(token=§, x=1)"),
    ...gone("Token(id=5, value='abc123')", "token=§ x", "token: § x"),
    ...gone("Token(id=5, value=abc123)", "token=§ x", "token: §, x"),
    ...gone("Token[id=5, value=abc123]", "Session(id=5, token=§, user=bob)"),
    ...gone("Token(Inner('abc123'))", "token=§ x", "token: § x"),
    ...gone('sql.NullString{String:"hunter2", Valid:true}', "{Password:§, X:1}"),
    ...gone('&main.Token{ID:5, Value:"abc123"}', "{Token:§ X:1}"),
    ...gone('(*string)("abc123")', "{APIKey:§, X:1}"),
    ...gone('(*errors.errorString)(0xcf3b02c7d50)(it\'s "quo7ed" x)', " Password: §,\n X"),
    ...gone('(string) (len=7) "hunter2"', "Password: §,\n X"),
    ...gone('Some(Token("abc123"))', "User { token: §, x: 1 }"),
    ...gone('Some(Token { value: "abc123" })', "User { token: §, x: 1 }"),
    ...gone('Token {\n    id: 5,\n    value: "abc123",\n}', "User { token: §, x: 1 }"),
    ...gone('Just "hunter2"', "password = § x"),
    ...gone('#<Token:0x0 @value="abc123", @x=1>', "token: §, y"),
    ...gone('#<struct Auth user="bob", value="x1">', "@auth=§, @x=1"),
    ...gone('#<data Sec value="x1">', "secret=§ y"),
    ...gone('#MyApp.Token<id: 5, raw: "x1">', "%{token: §, x: 1}"),
    ...gone('[]uint8("hun ter2")', "-\tAPIKey:   §,", 'map[string][]uint8{"password": §, "x": {}}'),
    ...gone('[]byte("hun ter2")', "password: § x", "password=§ x"),
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
    ...gone(`Token(id=5, value='${"z".repeat(600)}')`, "token=§", "token=§ x"),
    ...gone(`Cookie(version=0, name='sid', value='${"z".repeat(700)}', port=None)`, "cookie=§"),
    ...gone(`Token(id=5, value='${"z".repeat(2_100)}')`, "token=§"),
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
