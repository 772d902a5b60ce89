import { type Cases, testCases } from "./cases.ts";

const R = "[REDACTED]";
const BCRYPT = `$2b$12$${"aB3dE5fG7h".repeat(5)}Xyz`;
const LONG = "aB3dE5fG7hJ9kL1mN3pQ5rS7tU9vW1xYaB3dE5fG7hJ9kL1mN3pQ";

/** Secrets as protocols, formats and programs have them: texts, and what is left of them. */
const CASES: Cases = {
  "passwords in protocols": [
    ["AUTH b7d9c1f0aa22", `AUTH ${R}`],
    ["redis: > AUTH default b7d9c1f0aa22\n> PING", `redis: > AUTH default ${R}\n> PING`],
    ['[0 10.0.0.1:1234] "AUTH" "b7d9c1f0aa22"', `[0 10.0.0.1:1234] "AUTH" "${R}"`],
    ['"AUTH" "default" "b7d9 c1"', `"AUTH" "${R}" "${R}"`],
    ["C: AUTH PLAIN AGJvYgBodW50ZXIy", `C: AUTH PLAIN ${R}`],
    ["USER bob\n331 need password\nPASS hunter2\n230 ok", `USER bob\n331 need password\nPASS ${R}\n230 ok`],
    ["C: PASS hunter2", `C: PASS ${R}`],
    ["---> PASS hunter2", `---> PASS ${R}`],
  ],
  "words of protocols and of tests stay": [
    ["250-AUTH PLAIN LOGIN CRAM-MD5", "250-AUTH PLAIN LOGIN CRAM-MD5"],
    ["AUTH LOGIN PLAIN XOAUTH2", "AUTH LOGIN PLAIN XOAUTH2"],
    ["AUTH failed for bob", "AUTH failed for bob"],
    ["535 AUTH required", "535 AUTH required"],
    ["PASS src/v2/app.test.ts", "PASS src/v2/app.test.ts"],
    ["PASS TestLogin2", "PASS TestLogin2"],
    ["331 Password required for bob", "331 Password required for bob"],
  ],
  "the code of an authorization": [
    ["/auth/callback?code=4/0AX4XfWhQ8Zk2&scope=email", `/auth/callback?code=${R}&scope=email`],
    ["/cb?state=abc&code=58d64b8638467886dcbf", `/cb?state=abc&code=${R}`],
    ["a=1&code=9f8e7d6c5b4a&grant_type=authorization_code", `a=1&code=${R}&grant_type=authorization_code`],
    [
      `https://fn.azurewebsites.net/api/hook?code=${LONG}==`,
      `https://fn.azurewebsites.net/api/hook?code=${R}`,
    ],
    [
      "/oauth?redirect=%2Fcb%3Fcode%3D9f8e7d6c5b4a%26state%3D1",
      `/oauth?redirect=%2Fcb%3Fcode%3D${R}%26state%3D1`,
    ],
  ],
  "other codes stay": [
    ["/err?code=404&state=1", "/err?code=404&state=1"],
    ["/callback?code=access_denied&state=1", "/callback?code=access_denied&state=1"],
    ["/promo?code=SUMMER26&campaign=1", "/promo?code=SUMMER26&campaign=1"],
    ["?code=en-GB&scope=x", "?code=en-GB&scope=x"],
    ["status_code=503 code=58d64b8638467886", "status_code=503 code=58d64b8638467886"],
  ],
  "a login and its pass": [
    ["{ user: 'bob', pass: 'hunter2 x' }", `{ user: 'bob', pass: '${R}' }`],
    ['{"username":"bob","pass":"hunter2 x"}', `{"username":"bob","pass":"${R}"}`],
    ['{"smtp":{"login":"bob","pass":"hunter2"}}', `{"smtp":{"login":"bob","pass":"${R}"}}`],
    ["/x?pw=hunter2&y=1", `/x?pw=${R}&y=1`],
    ["PASS=hunter2 ./run", `PASS=${R} ./run`],
    ['{"user":"bob","pass":3,"fail":0}', '{"user":"bob","pass":3,"fail":0}'],
    ["user=bob pass=3 fail=1", "user=bob pass=3 fail=1"],
    ["PASS=3 FAIL=1", "PASS=3 FAIL=1"],
    ['{"suite":"a","pass":"all of them"}', '{"suite":"a","pass":"all of them"}'],
    ["pass: 3, fail: 1", "pass: 3, fail: 1"],
  ],
  "values of YAML": [
    ["password: >-\n  two lines\n  of it\nuser: bob", `password: >-\n  ${R}\nuser: bob`],
    ["a:\n  token: |\n    q8Zk2\n\n  b: 1", `a:\n  token: |\n    ${R}\n\n  b: 1`],
    ["password: !!str hunter2\nb: 1", `password: ${R}\nb: 1`],
    ['password: &it "hunter2 x"', `password: ${R}"${R}"`],
    [
      "- name: DB_PASSWORD\n  value: hunter2\n- name: TZ\n  value: UTC",
      `- name: DB_PASSWORD\n  value: ${R}\n- name: TZ\n  value: UTC`,
    ],
    ["- name: TZ\n  value: UTC", "- name: TZ\n  value: UTC"],
  ],
  "tables with a row of names": [
    [
      "user,password,role\nbob,hunter2,admin\namy,pw 88,user",
      `user,password,role\nbob,${R},admin\namy,${R},user`,
    ],
    ['id;token\r\n1;"q;8"\r\n2;\r\n', `id;token\r\n1;"${R}"\r\n2;\r\n`],
    ["name\tapi key\nbob\tq8Zk2", `name\tapi key\nbob\t${R}`],
    [
      "| user | password |\n|------|----------|\n| bob | hunter2 |",
      `| user | password |\n|------|----------|\n| bob | ${R} |`,
    ],
    ["name,token,expires", "name,token,expires"],
    ["user, password, and more\nis what we ask for", "user, password, and more\nis what we ask for"],
    ["password,role\nnull,admin", "password,role\nnull,admin"],
  ],
  "names and values as arguments and pairs": [
    ['os.Setenv("DB_PASSWORD", "hunter two")', `os.Setenv("DB_PASSWORD", "${R}")`],
    ["define('DB_PASSWORD', 'hunter two');", `define('DB_PASSWORD', '${R}');`],
    ["headers.append('x-api-key', 'q8 Zk2')", `headers.append('x-api-key', '${R}')`],
    ["[('Accept', 'a'), ('X-Api-Key', 'q8Zk2')]", `[('Accept', 'a'), ('X-Api-Key', '${R}')]`],
    ['SET PASSWORD = PASSWORD("hunter two")', `SET PASSWORD = ${R}`],
    ['.withPassword("hunter two")', `.withPassword("${R}")`],
    [
      'key: "password" value { string_value: "hunter two" }',
      `key: "password" value { string_value: "${R}" }`,
    ],
    ['t("password", "Your password")', 't("password", "Your password")'],
    ['errors.add("password", "is too short")', 'errors.add("password", "is too short")'],
    ['setError("token", "expired at 10")', 'setError("token", "expired at 10")'],
    ['[("password", "Your password")]', '[("password", "Your password")]'],
    ['$("#password").val("x")', '$("#password").val("x")'],
  ],
  "commands and plans": [
    ["keytool -storepass hunter2 -keypass hunter3", `keytool -storepass ${R} -keypass ${R}`],
    ["openssl rsa -passin pass:hunter2 -in k.pem", `openssl rsa -passin pass:${R} -in k.pem`],
    ["redis-cli -h cache -a hunter2 ping", `redis-cli -h cache -a ${R} ping`],
    ["sqlcmd -S db -U sa -P hunter2 -Q x", `sqlcmd -S db -U sa -P ${R} -Q x`],
    ['"cmd": ["mysql", "-uroot", "-phunter2"]', `"cmd": ["mysql", "-uroot", "-p${R}"]`],
    ["etcdctl --user root:hunter2 get /", `etcdctl --user root:${R} get /`],
    ['~ password = "hunter 2" -> "hunter 3" # x', `~ password = "${R}" -> "${R}" # x`],
    ["+ password = (sensitive value)", "+ password = (sensitive value)"],
    ["password=***** next", "password=***** next"],
    ["password: [FILTERED], user: bob", "password: [FILTERED], user: bob"],
    ["ssh -P 2222 -a host", "ssh -P 2222 -a host"],
  ],
  "a semicolon within a password": [
    ["Server=h;Password=P@ss;w0rd;Encrypt=True", `Server=h;Password=${R};Encrypt=True`],
    ["password: p;q#r x", `password: ${R} x`],
    ["/x?password=p;q#r&x=1", `/x?password=${R}&x=1`],
    ["password=x1;Integrated Security=false", `password=${R};Integrated Security=false`],
    ["PGPASSWORD=x1; psql", `PGPASSWORD=${R}; psql`],
    ["session=q8Zk2;Path=/", `session=${R};Path=/`],
  ],
  "hashes of passwords": [
    [`VALUES (1, '${BCRYPT}')`, `VALUES (1, '${R}')`],
    ["bob:$6$rounds=5000$aB3dE5fG$aB3dE5fG7hJ9kL1mN3pQ5rS7:19000:0", `bob:${R}:19000:0`],
    ["$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHQ$aB3dE5fG7hJ9kL1mN3pQ5rS7", R],
    ["bob:$apr1$aB3dE5fG$aB3dE5fG7hJ9kL1mN3pQ5r", `bob:${R}`],
    ["pbkdf2_sha256$600000$aB3dE5fG7hJ9$aB3dE5fG7hJ9kL1mN3pQ5rS7tU9v=", `pbkdf2_sha256${R}`],
    ["between $6 and $5, or $1$2", "between $6 and $5, or $1$2"],
  ],
  "keys that are encoded, or known by their place": [
    ["client-key-data: LS0tLS1CRUdJTiBSU0EgUFJJVkFURSBLRVktLS0tLQpNSUlFb3dJ==", `client-key-data: ${R}`],
    ["tls.key: LS0tLS1CRUdJTiBQUklWQVRFIEtFWS0tLS0tCk1JSUV2 x", `tls.key: ${R} x`],
    ["ca: LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCk1JSUN5", "ca: LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCk1JSUN5"],
    ["k: LS0tLS1CRUdJTiBQVUJMSUMgS0VZLS0tLS0KTUlJ", "k: LS0tLS1CRUdJTiBQVUJMSUMgS0VZLS0tLS0KTUlJ"],
    [`azure ${LONG}JQQJ99BAACYeBjFXJ3w3AAABACOGaB3d x`, `azure ${R} x`],
    [`00D5e000000aBcD!AQ${LONG}.aB3 x`, `${R} x`],
    ["279927da8a85aef223539fbf0be298df-89d2fe53-98d9c012 x", `${R} x`],
    ["https://hooks.zapier.com/hooks/catch/1234567/jsiyy60x/", `https://hooks.zapier.com/hooks/catch/${R}`],
    [
      "https://a.webhook.office.com/webhookb2/8d542778-cec1-40ee-a49f-7846f9b3414f@9/IncomingWebhook/a8861/e5",
      `https://a.webhook.office.com/webhookb2/${R}`,
    ],
    ["glpat-aB3dE5fG7hJ9kL1mN3pQ5rS7tU9.01.0w1aB3dE5 x", `${R} x`],
    ["sdk-js-client-with-a-long-name-20260101", "sdk-js-client-with-a-long-name-20260101"],
    ["napi_generic_failure_of_call", "napi_generic_failure_of_call"],
    ["https://hooks.zapier.com/docs", "https://hooks.zapier.com/docs"],
  ],
  "what stands behind a card": [
    ["card 4111-1111-1111-1111 exp 12/27 cvv 123", `card ${R} exp 12/27 cvv ${R}`],
    ["5555555555554444|12|2027|123 x", `${R} x`],
    [";4111111111111111=27121010000012300000?", `;${R}`],
    ["4111111111111111 in 2027", `${R} in 2027`],
  ],
  "accounts in other signs": [
    ["DE89_3704_0044_0532_0130_00", R],
    ["DE89/3704/0044/0532/0130/00", R],
    ["DE89&nbsp;3704&nbsp;0044&nbsp;0532&nbsp;0130&nbsp;00", R],
  ],
  "what only looks like a secret stays, as services write it": [
    ["token_type=Bearer expires_in=3600", "token_type=Bearer expires_in=3600"],
    ['an order identified by "order-42" is gone', 'an order identified by "order-42" is gone'],
    [
      "on arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-AbCdEf",
      "on arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-AbCdEf",
    ],
    ["re_index_started_for_orders_table_v2", "re_index_started_for_orders_table_v2"],
    ["md-content-layout-wide-container-x1", "md-content-layout-wide-container-x1"],
  ],
};

testCases(CASES);
