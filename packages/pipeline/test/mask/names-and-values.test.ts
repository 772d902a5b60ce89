import assert from "node:assert/strict";
import { test } from "node:test";
import { createMasker } from "../../src/mask/index.ts";
import { type Cases, kept, testCases } from "./cases.ts";

const R = "[REDACTED]";

/** Texts in which `§` stands for what goes. */
function gone(...texts: readonly string[]): Cases[string] {
  return texts.map((text) => [text.replaceAll("§", "hunter2x9"), text.replaceAll("§", R)]);
}

/** A name and its value side by side, in the notations of languages and programs. */
const CASES: Cases = {
  "fields as Go prints them": [
    ...gone(
      'err="container &Container{Name:app,Env:[]EnvVar{EnvVar{Name:DB_PASSWORD,Value:§,ValueFrom:nil,},},x"',
      "EnvVar{Name:DB_PASSWORD,Value:§,ValueFrom:nil,}",
      'v1.EnvVar{Name:"DB_PASSWORD", Value:"§"}',
      'err="v1.EnvVar{Name:\\"DB_PASSWORD\\", Value:\\"§\\"}"',
      '&http.Cookie{Name:"session", Value:"§", Path:"/"}',
      "{name:DB_PASSWORD,value:§}",
    ),
    ...kept(
      "EnvVar{Name:DB_PASSWORD,Value:,ValueFrom:&EnvVarSource{},},EnvVar{Name:HOST,Value:web-1,ValueFrom:nil,}",
      'v1.EnvVar{Name:"DB_HOST", Value:"db1"}',
      '&http.Cookie{Name:"lang", Value:"de", Path:"/"}',
    ),
  ],
  "fields as JavaScript, Ruby, PHP and C# print them": [
    ...gone(
      "[ { Name: 'DB_PASSWORD', Value: '§' } ]",
      "[\n  {\n    Name: 'DB_PASSWORD',\n    Value: '§'\n  }\n]",
      '{Name: "DB_PASSWORD", Value: "§"}',
      "Key: Password, Value: §",
      "{ Name = DB_PASSWORD, Value = § }",
      '{:name=>"DB_PASSWORD", :value=>"§"}',
      "['name' => 'DB_PASSWORD', 'value' => '§']",
    ),
    ...kept(
      "[ { Name: 'DB_HOST', Value: 'db1' } ]",
      "Name: Ada\nValue: 5",
      "the name: token, value of it is 5",
      "['name' => 'color', 'value' => 'red1']",
    ),
  ],
  "protected and private members of PHP's": [
    ...gone(
      "App\\User Object\n(\n    [name:protected] => ada\n    [password:protected] => §\n)",
      "[password:App\\User:private] => §",
      's:11:"\0*\0password";s:9:"§";}',
      's:18:"\0App\\User\0password";s:9:"§";}',
      '{"x":"{s:11:\\"\\u0000*\\u0000password\\";s:9:\\"§\\";}"}',
    ),
    ['["password":protected]=>\n  string(2) "x1"', `["password":protected]=>\n  ${R}`],
    ['["password"]=>\n  &string(2) "x1"', `["password"]=>\n  ${R}`],
    [
      '["password":"App\\User":private]=>\n  string(2) "x1"\n  ["a":protected]=>\n  int(5)',
      `["password":"App\\User":private]=>\n  ${R}\n  ["a":protected]=>\n  int(5)`,
    ],
    ...kept(
      "[name:protected] => ada1",
      "[hash:App\\Password:private] => ada1",
      '["color":"User":private]=>\n  string(4) "red1"',
      "[password:protected] => ",
      's:7:"\0*\0name";s:3:"ada";',
    ),
  ],
  "the last part of a path as the name": [
    ...gone(
      '{"Name": "/app/db_password", "Value": "§"}',
      '{"Parameter":{"Name":"/app/db_password","Type":"SecureString","Value":"§","Version":1}}',
      'body: b\'{"Parameter": {"Name": "/app/db_password", "Type": "SecureString", "Value": "§"}}\'',
      "{'Name': '/app/db_password', 'Value': '§'}",
      "{ Name: '/app/db_password', Value: '§' }",
      "- name: app/db_password\n  value: §",
      'name  = "/app/db_password"\n  value = "§"',
      "{Name:/app/db_password Value:§}",
      "Name=/app/db_password,Value=§",
    ),
    ...kept(
      '{"name":"/oauth/token","value":5}',
      "- name: /oauth/token\n  value: 5",
      "{name: /oauth/token, value: 5.25, x: 1}",
      '{"name":"/app/db_password/host","value":"db1"}',
      '{"name":"/api/key","value":"hunter2x9"}',
      '["/oauth/token", "/oauth/login1"]',
    ),
  ],
  "fields with brackets around each, and semicolons between": [
    ...gone(
      "Cookie [version: 0][name: JSESSIONID][value: §][domain: localhost][path: /] match [localhost:80/x]",
      "ex-1 Cookie [name: JSESSIONID; value: §; domain: localhost; path: /; expiry: null] match",
      "[name: password, value: §]",
      "[name: token][value: §]",
    ),
    ["cookie: [version: 0][name: sid][value: x1][path: /] match", `cookie: ${R} match`],
    ["password: [x1][INFO] started", `password: ${R}[INFO] started`],
    ...kept(
      "Cookie [version: 0][name: lang][value: de1][domain: localhost]",
      "[name: color; value: red1]",
      "[thread: 5][name: token] started",
    ),
  ],
  "entries of Scala's maps": [
    ...gone(
      "Map(user -> a, password -> §)",
      'Map("user" -> "a", "password" -> "§")',
      "HashMap(url -> jdbc:h2:x, password -> §, driver -> x)",
      "Map(a -> Map(b -> List(1, 2)), token -> §, c -> d)",
    ),
    ...kept(
      "Map(user -> hunter2x9, password -> )",
      "options.map(session -> session.getId1())",
      "users.flatMap(token -> token.value1)",
      "Map(a -> b) token -> hunter2x9",
      "root 12 Jan 1 token -> ..data/token1",
      "(password -> encoder.encode1(password), x)",
    ),
  ],
  "binaries of Erlang's": [
    ...gone(
      '[{username,<<"a">>},{password,<<"§">>}]',
      '[{username,<<"a">>},\n {password,\n  <<"§">>}]',
      '#{host => "h",password => <<"§">>}',
      '#{<<"host">> => <<"h">>,<<"password">> => <<"§">>}',
      '[{<<"host">>,<<"h">>},{<<"password">>,<<"§"/utf8>>}]',
    ),
    ...kept('{username,<<"ada1">>},{a,<<1,2>>}', 'std::cout << "password" << "x1"', 'cout <<"token, "<<"x1"'),
  ],
  "texts in quotes side by side": [
    ...gone(
      '1339518083.107412 [0 127.0.0.1:60866] "HSET" "user:1" "password" "§"',
      '["user" "ada" "token" "§"]',
      '["password"\n  "§"]',
      "('api_key' '§')",
    ),
    ...kept(
      '["password" "username"]',
      'the fields "password" "username" and "token" "is 5 long" are missing',
      '"SET" "token" "EX" "5"',
      '"HSET" "user:1" "name" "hunter2x9"',
      '["password"\n"hunter2x9"]',
      '"GET /token" "Mozilla/5.0"',
    ),
  ],
  "the code of an authorization in the body of a request": [
    ...gone(
      "code=§&client_id=x&redirect_uri=z&grant_type=authorization_code",
      'body="grant_type=authorization_code&client_id=x&code=§"',
      "'grant_type=authorization_code&code=§&client_id=x'",
    ),
    ...kept(
      "code=hunter2x9&page=2",
      "page=2&code=hunter2x9",
      "exit code=hunter2x9 grant_type=authorization_code",
      "country_code=hunter2x9&grant_type=authorization_code",
    ),
  ],
  "what something is compared with": [
    ...gone(
      "DELETE FROM devices WHERE device_token IN ('§','§')",
      "x WHERE `device_token` NOT IN ('§', 'a', \"§\")",
      '{"q":"x WHERE \\"device_token\\" in (\'§\')"}',
      "'WHERE password in (\\'§\\', \\'§\\') x'",
      "x WHERE password <> '§' OR password LIKE '§' OR password != '§'",
      "x WHERE \"password\" ILIKE '§' AND color LIKE 'blue1'",
      "sh -c 'psql -c \"x WHERE password <> '\\''§'\\''\"'",
      "$filter=password eq '§' and x eq 'y1'",
      'if (password === "§") x',
    ),
    ...kept(
      "x WHERE token IN (?, ?) OR token IN ($1, $2) OR token IN (SELECT 'a1')",
      "x WHERE color IN ('hunter2x9') OR color <> 'hunter2x9'",
      "x WHERE password IN ('') OR password LIKE '%'",
      "if (typeof password !== 'string' || token != 'end' || tokenCount == '5') x",
      "unexpected token == '('",
      'the token in ("a") isn\'t x1',
    ),
  ],
  "a secret behind a text that ends in a comparison or a name": [
    ...gone(
      'sql = "DELETE FROM sessions WHERE token != " + t\npassword = "§"',
      'log.info("token == " + token);\nString password = "§";',
      'db.query("DELETE FROM t WHERE token != " + id, { password: "§" })',
      'level=error query="select * from t where api_token in (" user1 password="§"',
      'echo "token == " && export API_KEY="§"',
      'filter: "token =="\npassword: "§"',
      'print("password == ")\npassword = "§"',
      "{'m': 'he said \\'wrong password \\', token=\\'§\\''}",
    ),
  ],
  "blocks of Terraform's": [
    ...gone(
      '  + env {\n      + name  = "DB_PASSWORD"\n      + value = "§"\n    }',
      '  ~ env {\n        name  = "DB_PASSWORD"\n      ~ value = "§" -> "§"\n    }',
      '- env {\n  - name  = "DB_PASSWORD" -> null\n  - value = "§" -> null\n}',
      '~ env {\n  ~ name  = "A" -> "DB_PASSWORD"\n  ~ value = "§" -> "§"\n}',
      '~ env {\n  ~ name  = "DB_PASSWORD" # forces replacement\n  ~ value = "§" # forces replacement\n}',
      'set {\n  name = "db.password"\n  value = "§"\n}',
      'set { name = "db.password" value = "§" }',
      'name="password" value="§"',
    ),
    ...kept(
      '  + env {\n      + name  = "DB_HOST"\n      + value = "db1"\n    }',
      'the token name = "x" and value = 5',
      "name=tokens value=12",
      'invalid value for name "password", value must be set',
    ),
  ],
};

testCases(CASES);

test("a member beside a path whose last part names a secret goes where it is a text", () => {
  const masker = createMasker();
  const path = { Name: "/app/db_password", Type: "SecureString" };
  assert.deepEqual(masker.maskValue({ ...path, Value: "x" }), { ...path, Value: R });
  assert.deepEqual(
    masker.maskValue(
      new Map([
        ["name", "app/token"],
        ["value", "x"],
      ]),
    ),
    new Map([
      ["name", "app/token"],
      ["value", R],
    ]),
  );
  for (const value of [{ ...path, Value: 5 }, { Name: "/app/token/host", Value: "x" }, ["/oauth/token", "x"]])
    assert.equal(masker.maskValue(value), value);
});
