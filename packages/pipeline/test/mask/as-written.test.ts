import { type Cases, testCases } from "./cases.ts";

const R = "[REDACTED]";

/** Secrets in the ways that languages, programs and formats write them: texts, and what is left of them. */
const CASES: Cases = {
  "quotes with something in front of them": [
    ["{'password': u'hunter2', 'user': u'bob'}", `{'password': u'${R}', 'user': u'bob'}`],
    ["password=b'hunter2 x' y", `password=b'${R}' y`],
    ['password: L"hunter2 x" y', `password: L"${R}" y`],
    ["password = $'hunter2 x' y", `password = $'${R}' y`],
    ['Password = @"hunter2 x"; y', `Password = @"${R}"; y`],
    ['password: &"hunter2 x" y', `password: &"${R}" y`],
    ["password: “hunter2 secret” x", `password: “${R}” x`],
  ],
  "values in a wrapper": [
    ['password: Some("hunter2 secret"), user: 1', `password: ${R}, user: 1`],
    ['password: SecretString("hunter2 secret") x', `password: ${R} x`],
    ["password=Optional[hunter2 secret] x", `password=${R} x`],
    [
      '{"X-Api-Key":[]string{"9f8e7d6c5b"}, "Accept":[]string{"a"}}',
      `{"X-Api-Key":${R}, "Accept":[]string{"a"}}`,
    ],
    [
      '["password"]=>\n  string(7) "hunter2"\n  ["user"]=>\n  string(3) "bob"',
      `["password"]=>\n  ${R}\n  ["user"]=>\n  string(3) "bob"`,
    ],
  ],
  "quotes that are doubled": [
    ["password='it''s secret' WHERE", `password='${R}' WHERE`],
    ['password: """hunter2 x""" y', `password: "${R}""" y`],
    ['"{""user"":""bob"",""password"":""hunter2 x""}"', `"{""user"":""bob"",""password"":""${R}""}"`],
    ["x='a' AND password='' AND y='b'", "x='a' AND password='' AND y='b'"],
  ],
  "marks within a value": [
    ["password: Tr0ub4dor&3 x", `password: ${R} x`],
    ["DB_PASSWORD=Tr0ub4dor&3", `DB_PASSWORD=${R}`],
    ["/x?password=a1&flag&y=1", `/x?password=${R}&flag&y=1`],
    ["user=bob&password=hunter2&lang", `user=bob&password=${R}&lang`],
    ["password=hunter2 && echo", `password=${R} && echo`],
    ["password=x1&quot; y", `password=${R}&quot; y`],
    ['password=hun"ter2 x', `password=${R} x`],
    ["DB_PASSWORD=hun'ter2", `DB_PASSWORD=${R}`],
    ["Pwd={a}}b;c};Server=h", `Pwd=${R};Server=h`],
    ["UID=sa;PWD={a}}b;c};Server=h", `UID=sa;PWD=${R};Server=h`],
    ["otp: 123 456 sent", `otp: ${R} sent`],
  ],
  "statements and commands": [
    ["CREATE USER bob WITH PASSWORD 'hunter2 x' LOGIN", `CREATE USER bob WITH PASSWORD '${R}' LOGIN`],
    ["ALTER USER bob IDENTIFIED BY 'hunter2 x' y", `ALTER USER bob IDENTIFIED BY '${R}' y`],
    [
      'ALTER USER bob IDENTIFIED WITH mysql_native_password BY "hunter2 x" y',
      `ALTER USER bob IDENTIFIED WITH mysql_native_password BY "${R}" y`,
    ],
    ["sshpass -p hunter2 ssh bob@10.0.0.1", `sshpass -p ${R} ssh bob@10.0.0.1`],
    ["docker login -u bob -p hunter2 registry.acme.io", `docker login -u bob -p ${R} registry.acme.io`],
    ["mysql -uroot -phunter2 app", `mysql -uroot -p${R} app`],
    ["curl -ubob:hunter2 x", `curl -ubob:${R} x`],
    ["curl --user=bob:hunter2 x", `curl --user=bob:${R} x`],
    ["curl -sSu bob:hunter2 x", `curl -sSu bob:${R} x`],
    ['curl -u "bob:p4ss word" x', `curl -u "bob:${R}" x`],
    ["ENV DB_PASSWORD hunter2", `ENV DB_PASSWORD ${R}`],
  ],
  "names of two words": [
    ["API KEY: 9f8e7d6c5b", `API KEY: ${R}`],
    ["Api Key = 9f8e7d6c5b", `Api Key = ${R}`],
    ["Private Key: 9f8e7d6c5b", `Private Key: ${R}`],
  ],
  keys: [
    ["sntrys_eyJpYXQiOjE2ODcyMDI2NjEuMTIzfQ==_OHJAbcdefghijklmnopqrstuvwxyz0123456789abc x", `${R} x`],
    ["xoxd-abcdefghijklmnop%2Bqrstuvwxyz0123456789%3D x", `${R} x`],
    ["v2.local.97TTOvgwIxNGvV80XKiGZg_kD3tsXM_-qB4dZGHOeN1cTkgQ4PnW8888 x", `${R} x`],
    ["---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----\nabc\n---- END SSH2 ENCRYPTED PRIVATE KEY ---- x", `${R} x`],
    [
      "Private-Lines: 2\nAAABAQCabcdefghijkl\nQQQQ==\nPrivate-MAC: abcdef",
      `Private-Lines: 2\n${R}\nPrivate-MAC: abcdef`,
    ],
    ["Bearer 1|laravelSanctumTokenAbc123Def456 x", `Bearer ${R} x`],
    ["Bearer [abcdef123456]", `Bearer [${R}]`],
    ["Bearer `abcdef123456`", `Bearer \`${R}\``],
  ],
  "signed addresses": [
    [
      "https://s/?X-Goog-Date=1&X-Goog-Signature=5d672d79ab&x=1",
      `https://s/?X-Goog-Date=1&X-Goog-Signature=${R}&x=1`,
    ],
    [
      "https://d.cloudfront.net/a?Expires=1&Signature=abc~def&Key-Pair-Id=K1",
      `https://d.cloudfront.net/a?Expires=1&Signature=${R}&Key-Pair-Id=K1`,
    ],
    [
      "https://api.telegram.org/bot110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw/getMe",
      `https://api.telegram.org/bot${R}/getMe`,
    ],
  ],
  "references of HTML and braces of JavaScript": [
    ["jane&#64;example.com", R],
    ["jane&#x40;example.com", R],
    ["jane&commat;example.com", R],
    ["{&quot;password&quot;:&quot;hunter2&quot;}", `{&quot;password&quot;:&quot;${R}&quot;}`],
    ["&lt;password&gt;hunter2 x&lt;/password&gt; y", `&lt;password&gt;${R}&lt;/password&gt; y`],
    [
      "&amp;quot;password&amp;quot;:&amp;quot;hunter2&amp;quot; y",
      `&amp;quot;password&amp;quot;:&amp;quot;${R}&amp;quot; y`,
    ],
    ["jane\\u{40}example.com", R],
  ],
  "local parts of addresses": [
    ["{joe}@example.com", R],
    ["joe{a}@example.com", R],
    ["joe}@example.com", R],
    ["joe|@example.com", R],
    ["joe&@example.com", R],
    ["joe?@example.com", R],
    ['"joe\\"x"@example.com', R],
    ["jane.doe=corp.com@bounce.mailer.net", R],
    ["bounces+12-jane.doe=corp.com@em.example.com", R],
    ["email=john.doe@example.com", `email=${R}`],
    ["first/last@example.com", `first/${R}`],
  ],
  "what only looks like a secret stays": [
    ["SyntaxError: Unexpected token: ')'", "SyntaxError: Unexpected token: ')'"],
    ["def login(user, password=None): pass", "def login(user, password=None): pass"],
    ["password=nullptr;", "password=nullptr;"],
    ["API key: missing", "API key: missing"],
    ["cache key: user:5", "cache key: user:5"],
    ["/x?signature=abc&y=1", "/x?signature=abc&y=1"],
    ["docker run -p 80:80 x", "docker run -p 80:80 x"],
    ["mysql -u root -p app", "mysql -u root -p app"],
    ["mkdir -p /x/y", "mkdir -p /x/y"],
    ["&lt;p&gt;text&lt;/p&gt;", "&lt;p&gt;text&lt;/p&gt;"],
    ["to |@example.com", "to |@example.com"],
    ["Bearer [token]", "Bearer [token]"],
    ["the signature=3 of it", "the signature=3 of it"],
  ],
};

testCases(CASES);
