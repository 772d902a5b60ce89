import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { createMasker } from "../../src/mask/index.ts";
import { type Cases, testCases } from "./cases.ts";

const masker = createMasker();
const R = "[REDACTED]";

/** Text and what is left of it. */
const MASKED: Cases = {
  cards: [
    ["4111111111111111", R],
    ["card 4111 1111 1111 1111 ok", `card ${R} ok`],
    ["4111-1111-1111-1111", R],
    ["3782 822463 10005", R],
    ["30569309025904", R],
    ["4222222222222", R],
    ["6304 0000 0000", R],
    ["card4111111111111111", `card${R}`],
    ["%B4111111111111111^DOE/JOHN^2512101?", `%B${R}`],
    ["4111111111111111Exp12/27", `${R}Exp12/27`],
    ["5067310000000010", R],
    ["6759 8620 0649 3629 47", R],
    ["order 1234 4111 1111 1111 1111", `order 1234 ${R}`],
    ["4111 1111 1111 1111 12 27", `${R} 12 27`],
    ["4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1", R],
    ["4111\t1111\t1111\t1111", R],
    ["4111  1111  1111  1111", R],
    ["4111 - 1111 - 1111 - 1111", R],
    ["3782\t822463\t10005", R],
    ['{"pan":4111111111111111}', `{"pan":"${R}"}`],
  ],
  "disguised numbers": [
    ["４１１１１１１１１１１１１１１１", R],
    ["٤١١١١١١١١١١١١١١١", R],
    ["𝟒𝟏𝟏𝟏𝟏𝟏𝟏𝟏𝟏𝟏𝟏𝟏𝟏𝟏𝟏𝟏", R],
    ["4111\u200b1111\u200b1111\u200b1111", R],
    ["4111\u00a01111\u20101111\u20101111", "4111\u00a01111\u20101111\u20101111"],
    ["4111\u00a01111\u00a01111\u00a01111", R],
    ["4111%201111%201111%201111", R],
    ["4111%25201111%25201111%25201111", R],
    ["a\\n4111111111111111", `a\\n${R}`],
    ["\\u0034111111111111111", R],
    ["123\u201145\u20116789", R],
    ["john＠example．com", R],
    ["jo\u200dhn@exam\u00adple.com", R],
    ["john%40example.com", R],
  ],
  "what a terminal's colours or an encoding stand beside": [
    ["\u001b[31m4111111111111111\u001b[0m", `\u001b[31m${R}\u001b[0m`],
    ["\u001b[33mpassword=hunter2\u001b[0m", `\u001b[33mpassword=${R}\u001b[0m`],
    [
      "\u001b[31mpassword\u001b[0m=\u001b[1;32mhunter2\u001b[0m x",
      `\u001b[31mpassword\u001b[0m=\u001b[1;32m${R}\u001b[0m x`,
    ],
    [
      "\u001b[36mbob\u001b[0m=\u001b[35malice@example.com\u001b[0m",
      `\u001b[36mbob\u001b[0m=\u001b[35m${R}\u001b[0m`,
    ],
    ["411111\u001b[7m1111\u001b[0m111111", R],
    ["\\u001b[31m4111111111111111\\u001b[0m", `\\u001b[31m${R}\\u001b[0m`],
    ["\\u001b[31malice@example.com\\u001b[0m", `\\u001b[31m${R}\\u001b[0m`],
    ["\\x1b[32mghp_16C7e42F292c6912E7710c838347Ae178B4a", `\\x1b[32m${R}`],
    ["\\033[1m123-45-6789\\e[0m", `\\033[1m${R}\\e[0m`],
    ["\u001b]8;;https://u:hunter2@h/\u0007x", `\u001b]8;;https://u:${R}@h/\u0007x`],
    ["\\x224111111111111111\\x22", `\\x22${R}\\x22`],
    ["got =3D4111111111111111", `got =3D${R}`],
    ["api[8]: id#011card#0121#0114111111111111111#011219-09-9999", `api[8]: id#011card#0121#011${R}#011${R}`],
    ["token created:#012ghp_16C7e42F292c6912E7710c838347Ae178B4a", `token created:#012${R}`],
    ["#033[36mpassword#033[0m=#033[35mhunter2#033[0m", `#033[36mpassword#033[0m=#033[35m${R}#033[0m`],
    [
      "env:#012- name: DB_PASSWORD#012  value: hunter2#012",
      `env:#012- name: DB_PASSWORD#012  value: ${R}#012`,
    ],
    ["x\\011DE89370400440532013000\\012", `x\\011${R}\\012`],
    ["issue #012, order #0145, colour #012345, #033", "issue #012, order #0145, colour #012345, #033"],
    ["password=3Dhunter2", `password=${R}`],
  ],
  ssn: [
    ["SSN 123-45-6789", `SSN ${R}`],
    ["SSN of Bob: 123 45 6789", `SSN of Bob: ${R}`],
    ["social security number 123+45+6789", `social security number ${R}`],
    ["ssn: 123456789", `ssn: ${R}`],
    ["social security number is 123456789", `social security number is ${R}`],
  ],
  iban: [
    ["GB82 WEST 1234 5698 7654 32", R],
    ["GB82  WEST  1234  5698  7654  32", R],
    ["DE89\t3704\t0044\t0532\t0130\t00", R],
    ["DE89 - 3704 - 0044 - 0532 - 0130 - 00", R],
    ["to de89370400440532013000.", `to ${R}.`],
    ["IBAN: FR1420041010050500013M02606", `IBAN: ${R}`],
  ],
  email: [
    ["mail john.doe+x@example.co.uk now", `mail ${R} now`],
    ["<a@b.co>", `<${R}>`],
    ["email=john@x.com", `email=${R}`],
    ["/users/john@x.com/orders", `/users/${R}/orders`],
    ['"john doe"@example.com', R],
    ["user@[192.168.0.1]", R],
    ["jörg@müller.de", R],
    ["alice@example.com->bob@example.com", `${R}->${R}`],
    ["alice@example.com-1", `${R}-1`],
    ["alice@example.com1", `${R}1`],
    ["[alice@example.com-] left", `[${R}-] left`],
    ["backup-alice@example.com-2026-03-15.tar.gz", `${R}.gz`],
    ["alice@example.com1.2.3.4", `${R}1.2.3.4`],
    ["Set-Cookie: alice@example.com", `Set-Cookie: ${R}`],
    ["token: alice@example.com", `token: ${R}`],
    ["git@example.com wrote", `${R} wrote`],
    ["celery@worker1.prod", R],
    ["请联系john@x.com谢谢", `请联系${R}谢谢`],
  ],
  tokens: [
    ["eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc-_123", R],
    ["eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.", R],
    ["session_eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc", `session_${R}`],
    ["x-eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc", `x-${R}`],
    ["eyJhbGciOiJkaXIiLCJlbmMiOiJBMTI4R0NNIn0..48V1_ALb6US04U3b.5eym8TW_c8SuK0l.XFBoMYUZ", R],
    ["to ewogICJhbGciOiAiSFMyNTYiCn0.ewogICJzdWIiOiAiYWxpY2UiCn0.dozjgNry now", `to ${R} now`],
    ["ewogICJhbGciOiAiSFMyNTYiCn0.eyJzdWIiOiIxIn0.dozjgNry", R],
    ["eyAiYWxnIjogIkhTMjU2IiB9.eyAic3ViIjogIjEiIH0.dozjgNry", R],
    ["access_token=abcdef&x=1", `access_token=${R}&x=1`],
    ["Cookie: sid=abc123; theme=dark and more", `Cookie: ${R} and more`],
    ["Set-Cookie: session=abc; Path=/; HttpOnly", `Set-Cookie: ${R}`],
  ],
  "API keys": [
    ["Bearer abcdef123456", `Bearer ${R}`],
    ["Authorization: Basic dXNlcjpwYXNz and more", `Authorization: ${R} and more`],
    ["curl -H 'authorization: Bearer abcdefghijklmnop'", `curl -H 'authorization: ${R}'`],
    ["sk-abcdefghijklmnop1234567890", R],
    ["ghp_16C7e42F292c6912E7710c838347Ae178B4a", R],
    ["AKIAIOSFODNN7EXAMPLE", R],
    ["xoxb-123456789012-abcdefghijkl", R],
    ["AIzaSyD-9tSrke72PouQMnMX-a7eZSW0jkFMBWY", R],
    ["secret: s3cr3t-value", `secret: ${R}`],
  ],
  passwords: [
    ["https://x.com/?password=hunter2&x=1", `https://x.com/?password=${R}&x=1`],
    ["login password=hunter2, user=bob", `login password=${R}, user=bob`],
    ["password: hunter2", `password: ${R}`],
    ['DB_PASSWORD="s3 cret" other', `DB_PASSWORD="${R}" other`],
    ["postgres://bob:hunter2@db.internal/x", `postgres://bob:${R}@db.internal/x`],
    ["postgres://user:p@ss/word@db/app", `postgres://user:${R}@db/app`],
    ["postgres://user:p/ss@db/app", `postgres://user:${R}@db/app`],
    ["redis://cache:6379/mail/a@b.co", `redis://cache:6379/mail/${R}`],
    ["https://bob:p@ss@host/x@y", `https://bob:${R}@host/x@y`],
    ["https://host/users/a:b@c", "https://host/users/a:b@c"],
    ["user:hunter2@tcp(db:3306)/app", `user:${R}@tcp(db:3306)/app`],
    ["stripe%5Bsecret%5D=two%20words%20x&y=1", `stripe%5Bsecret%5D=${R}&y=1`],
    ["mail=john%40x.com%20and&token=%61b%20c&y=1", `mail=${R}%20and&token=${R}&y=1`],
    ["x=got%20password%3Dhunter2%20from&y=1", `x=got%20password%3D${R}%20from&y=1`],
    ["pass%77ord=hunter2", `pass%77ord=${R}`],
    ["%7B%22password%22%3A%22hunter2%22%7D", `%7B%22password%22%3A%22${R}%22%7D`],
    ['{"user":"bob","password":"hun\\"ter2"}', `{"user":"bob","password":"${R}"}`],
    ['got {\\"password\\":\\"hunter2\\",\\"a\\":1}', `got {\\"password\\":\\"${R}\\",\\"a\\":1}`],
    ["user[password]=hunter2", `user[password]=${R}`],
    [":password => 'hunter2'", `:password => '${R}'`],
    ['password="unclosed and the rest', `password="${R}`],
    ['credentials={"a":{"b":"}"}} rest', `credentials=${R} rest`],
  ],
  "passwords that are ordinary words": [
    ["?password=valid&x=1", `?password=${R}&x=1`],
    ["?user=a&password=correct", `?user=a&password=${R}`],
    ["password=changed", `password=${R}`],
    ["pwd=expired", `pwd=${R}`],
    ["client_secret=disabled", `client_secret=${R}`],
    ['{"password":"incorrect"}', `{"password":"${R}"}`],
    ["password='expired'", `password='${R}'`],
    ["password=correct horse battery staple", `password=${R}`],
    ["password=correct horse battery staple; user=bob", `password=${R}; user=bob`],
    ["password=correct horse, user=bob", `password=${R}, user=bob`],
    ["password: correct horse battery staple", `password: ${R}`],
    ["password=hunter2 for bob", `password=${R} for bob`],
    ['password="correct horse" next', `password="${R}" next`],
    ["Server=h;Uid=sa;Pwd=my s3cret pw;Encrypt=true", `Server=h;Uid=sa;Pwd=${R};Encrypt=true`],
    ["password=${HOME_PW} x", `password=${R} x`],
  ],
  "names of secrets": [
    ["PGPASSWORD=hunter psql", `PGPASSWORD=${R}`],
    ["MYSQLPASSWORD=hunter2 x", `MYSQLPASSWORD=${R} x`],
    ["userpassword=hunter2&a=1", `userpassword=${R}&a=1`],
    ["/x?dbpwd=hunter2", `/x?dbpwd=${R}`],
    ["/x?pass=hunter2&a=1", `/x?pass=${R}&a=1`],
    ["/x?password_confirmation=hunter2&a=1", `/x?password_confirmation=${R}&a=1`],
    ["SECRET_KEY_BASE=abc", `SECRET_KEY_BASE=${R}`],
    ["connect.sid=s%3Aabc", `connect.sid=${R}`],
    ["/x?sid=q8Zk2&y=1", `/x?sid=${R}&y=1`],
    ["ASP.NET_SessionId=q8Zk2", `ASP.NET_SessionId=${R}`],
    ["csrftoken=q8Zk2", `csrftoken=${R}`],
    ["SAMLResponse=PHNhbWw&RelayState=x", `SAMLResponse=${R}&RelayState=x`],
    ["client_assertion=abc", `client_assertion=${R}`],
    ["code_verifier=abc", `code_verifier=${R}`],
    [
      "https://acme.blob.core.windows.net/c?sp=r&sig=abc%2Fd",
      `https://acme.blob.core.windows.net/c?sp=r&sig=${R}`,
    ],
    ["?X-Amz-Date=1&X-Amz-Signature=5d672d79", `?X-Amz-Date=1&X-Amz-Signature=${R}`],
    ["api-key=abc", `api-key=${R}`],
    ["user.key.api_keys=abc", `user.key.api_keys=${R}`],
  ],
  "names and values that no sign joins": [
    ["<password>hunter</password>", `<password>${R}</password>`],
    ['<wsse:Password Type="x">hunter</wsse:Password>', `<wsse:Password Type="x">${R}</wsse:Password>`],
    ["<apiKey><![CDATA[a<b]]></apiKey>", `<apiKey><![CDATA[${R}]]></apiKey>`],
    ["mysql --password hunter2 --host x", `mysql --password ${R} --host x`],
    ["curl -u bob:hunter2 https://x", `curl -u bob:${R} https://x`],
    ["curl --user 'bob:hunter2' https://x", `curl --user 'bob:${R}' https://x`],
    ['{"name":"password","value":"x"}', `{"name":"password","value":"${R}"}`],
    ['got {"key": "db_password", "value": "x y"} back', `got {"key": "db_password", "value": "${R}"} back`],
    ['{\\"name\\":\\"password\\",\\"value\\":\\"x\\"}', `{\\"name\\":\\"password\\",\\"value\\":\\"${R}\\"}`],
  ],
  forms: [
    [
      '--x\r\nContent-Disposition: form-data; name="user"\r\n\r\nbob\r\n--x\r\nContent-Disposition: form-data; name="password"\r\n\r\nhunter2 x\r\n--x--',
      `--x\r\nContent-Disposition: form-data; name="user"\r\n\r\nbob\r\n--x\r\nContent-Disposition: form-data; name="password"\r\n\r\n${R}\r\n--x--`,
    ],
    [
      'Content-Disposition: form-data; name="user[api_key]"\nContent-Type: text/plain\n\nq8Zk2',
      `Content-Disposition: form-data; name="user[api_key]"\nContent-Type: text/plain\n\n${R}`,
    ],
    [
      'form-data; name=\\"token\\"\\r\\n\\r\\nq8Zk2\\r\\n--x',
      `form-data; name=\\"token\\"\\r\\n\\r\\n${R}\\r\\n--x`,
    ],
    ['<input type="password" name="p" value="hunter">', `<input type="password" name="p" value="${R}">`],
    ["<input name='user[password]' value='hunter'/>", `<input name='user[password]' value='${R}'/>`],
    ['<input value="hunter" id=password>', `<input value="${R}" id=password>`],
    ['<parameter name="password">hunter</parameter>', `<parameter name="password">${R}</parameter>`],
    ['<add key="DbPassword" value="hunter" />', `<add key="DbPassword" value="${R}" />`],
  ],
  "passwords behind a slash": [
    ["jdbc:oracle:thin:scott/tiger@db:1521:orcl", `jdbc:oracle:thin:scott/${R}@db:1521:orcl`],
    ["jdbc:oracle:thin:scott/tiger@//db:1521/orcl", `jdbc:oracle:thin:scott/${R}@//db:1521/orcl`],
    ["sqlplus -s scott/tiger@orcl", `sqlplus -s scott/${R}@orcl`],
  ],
  "private keys": [
    ["x -----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY----- y", `x ${R} y`],
    ["-----BEGIN PRIVATE KEY-----\ncut off", R],
    ["-----begin private key-----\nMIIE\n-----end private key----- y", `${R} y`],
    [
      "came up\nMIIEpAIBAAKCAQEA0Z3VS5JJcds3xfn\nQWERTYUIOPasd==\n-----END RSA PRIVATE KEY-----\nnext",
      `came up\n${R}\nnext`,
    ],
    ["key MIIEpAIBAAKCAQEA0Z3VS5JJ\n-----END PRIVATE KEY-----", `key ${R}`],
    ['["-----BEGIN PRIVATE KEY-----","MIIE","-----END PRIVATE KEY-----","x"]', `["${R}","${R}","${R}","x"]`],
    ['["-----BEGIN PRIVATE KEY-----","and so on","MIIE"]', `["${R}","and so on","MIIE"]`],
  ],
  "JSON in JSON": [
    ['{"a":"{\\"token\\":\\"x1\\"}","b":[1,2]}', `{"a":"{\\"token\\":\\"${R}\\"}","b":[1,2]}`],
    ['[{"api":{"key":"x"}}, {"a@b.co":1.50}]', `[{"api":{"key":"${R}"}}, {"${R}":1.50}]`],
    ['{"session":{"id":7},"n":null}', `{"session":"${R}","n":null}`],
    ['["Host","h","X-Api-Key","q8Zk2"]', `["Host","h","X-Api-Key","${R}"]`],
    [
      '{"headers":[["Authorization" , "q8Zk2"],["Accept","a"]]}',
      `{"headers":[["Authorization" , "${R}"],["Accept","a"]]}`,
    ],
    ['{"password":null}\n{"password":"x"}', `{"password":null}\n{"password":"${R}"}`],
  ],
};

testCases(MASKED);

const KEPT = [
  "4bf92f3577b34da6a3ce929d0e0e4736",
  "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
  "00-1c90ed3dcdc737f1e2d6bd281748967e-3880551231249708-01",
  "01HX7KQMB4NWE9P6T2JS0RY3ZV",
  "550e8400-e29b-41d4-a716-446655440000",
  "12345678-1234-4123-8123-630400000000",
  "da39a3ee5e6b4b0d3255bfef95601890afd80709",
  "2026-03-19T14:35:00.123456789Z",
  "1773930900123456789",
  "1773930900123",
  "v1.2.3-rc.1+build.20260319",
  "192.168.100.200",
  "react@19.0.0-rc.beta",
  "order 1234-5678-9012",
  "0.4539578763621486",
  "4111111111111112",
  "41111111111111111111111",
  "+1 202 555 0143",
  "GB12 TEST",
  "DE00370400440532013000",
  "PN-123-45-6789",
  "000-12-3456",
  "666-12-3456",
  "987-65-4321",
  "123-00-6789",
  "123-45-0000",
  '10.0.0.1 - - "GET /" 200 12 1024',
  "status 200 15 1234",
  "123 45 6789",
  "4111 1111  1111 1111",
  "4111   1111   1111   1111",
  "2026-03-19  14:35:00 - 12  1024",
  "1411\t1234\t77\t2026",
  "/img/logo@2x.png",
  "icon@1.5x.webp",
  "git clone git@github.com:acme/app.git",
  "ssh://git@host.example.com/acme/app",
  "react@next.js",
  "eyJhbGciOiJIUzI1NiJ9...",
  "password: expired on Monday",
  "password: must be at least 8 characters",
  "password: too short",
  "pass=3 fail=1",
  "docker run -u 1000:1000 x",
  "<p>x</p>",
  '{"name":"colour","value":"red"}',
  '<option value="password">x</option>',
  '["id","password","email"]',
  'SELECT "password" FROM "user" WHERE "token" = $1 AND password=? AND secret = %s',
  '<select name="session"><option>1</option></select>',
  '<input name="token" type="text"/> and more',
  '["password","email","name"]',
  '{"required":["token","password"]}',
  '{"type":"token","of":"a"}',
  '<input name="colour" value="red">',
  'form-data; name="user"\r\n\r\nbob\r\n--x',
  'fields: "password"\n\n"token"\n',
  "docs/readme@v2 and jdbc:oracle:thin:@db:1521:orcl",
  '{"has_password":true}',
  "password=null",
  "--verbose x",
  "auth_method=jwt",
  "session.id=abc is fine",
  "auth: failed",
  "token: expired",
  "password: incorrect",
  "password=[REDACTED]",
  "basic authentication required",
  "bearer of bad news",
  "task-force-something-long-and-hyphenated",
  "sk-learn-contrib-package-name",
  "C:\\users\\bob",
  "50% off",
  "https://orders.acme.com:8443/path?x=1",
  "the -----END RSA PRIVATE KEY----- was seen",
  "MIIEpAIBAAKCAQEA0Z3VS5JJ\n-----END CERTIFICATE-----",
  '["-----BEGIN CERTIFICATE-----","MIIE","-----END CERTIFICATE-----"]',
  "-----BEGIN CERTIFICATE-----\nMIIE\n-----END CERTIFICATE-----",
  "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
];

describe("kept", () => {
  for (const text of KEPT) {
    test(JSON.stringify(text.slice(0, 60)), () => assert.equal(masker.maskText(text), text));
  }
});

test("phone and ip are looked for when they are switched on", () => {
  const on = createMasker({ categories: { phone: true, ip: true } });
  assert.equal(on.maskText("call +49 30 901820 or (212) 555-0143"), `call ${R} or ${R}`);
  assert.equal(on.maskText("212-555-0143"), R);
  assert.equal(on.maskText("12  212-555-0143\t+49 30 901820"), `12  ${R}\t${R}`);
  assert.equal(on.maskText("9 +1 489 555 8055"), `9 ${R}`);
  assert.equal(on.maskText("from 192.168.0.1:80 and 2001:db8::1, 1.2.3"), `from ${R}:80 and ${R}, 1.2.3`);
  assert.equal(on.maskText("at 12:34:56 a::b"), `at 12:34:56 ${R}`);
});

test("a category that is switched off is not looked for", () => {
  const off = createMasker({
    categories: { email: false, passwords: false, blocked_keys: false, cards: false },
  });
  for (const text of ["a@b.co", "password=x1", "4111111111111111"]) assert.equal(off.maskText(text), text);
  assert.equal(off.maskValue("x", "password"), "x");
});

test("integers that are card numbers are masked, times are not", () => {
  assert.equal(masker.maskValue(4111111111111111), R);
  assert.equal(masker.maskValue(4111111111111111n), R);
  assert.equal(masker.maskValue(-4111111111111111), R);
  assert.equal(masker.maskValue(630400000000), R);
  assert.equal(masker.maskText('{"n":-4111111111111111,"m":630400000000}'), `{"n":"${R}","m":"${R}"}`);
  for (const number of [4111111111111112, 1773930900123, 1773930900123456, 42, 0.5, Number.NaN]) {
    assert.equal(masker.maskValue(number), number);
  }
  assert.equal(masker.maskValue(1773930900123456789n), 1773930900123456789n);
});
