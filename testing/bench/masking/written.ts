/** How services, programs and protocols write a secret: what stands around it gives it away, and has to stay. */
import type { Source } from "./placements.ts";
import { note } from "./placements.ts";

type Form = (secret: string) => string;

/** By name. In each the word `tango` stays. */
const FORMS: Readonly<Record<string, Form>> = {
  "Redis's command": (secret) => `AUTH default ${secret}\nPING tango`,
  "FTP's command": (secret) => `USER bob\n331 go on\nPASS ${secret}\n230 tango`,
  "table of values": (secret) => `user,password,role\nbob,${secret},tango\n`,
  "table in Markdown": (secret) => `| user | token |\n|---|---|\n| tango | ${secret} |`,
  "table in Markdown, ruled": (secret) => `| User | Password |\n| :--- | --- |\n| tango | ${secret} |`,
  "table that is drawn": (secret) =>
    `+-------+---------+\n| user  | token   |\n+-------+---------+\n| tango | ${secret} |\n+-------+---------+`,
  "table of values, spaced": (secret) => `user, password\ntango, ${secret}\n`,
  "table of many names": (secret) => `Größe,Password [Required],Amount (EUR)\n1,${secret},tango\n`,
  "block of YAML": (secret) => `password: |-\n  ${secret}\nother: tango`,
  "name and value in YAML": (secret) => `- name: DB_PASSWORD\n  value: ${secret}\n- name: tango`,
  "argument of a call": (secret) => `os.Setenv("DB_PASSWORD", "${secret}") // tango`,
  "pair in a list": (secret) => `[('X-Api-Key', '${secret}'), ('a', 'tango')]`,
  "pass of a login": (secret) => `{ user: 'bob', pass: '${secret}', x: 'tango' }`,
  "pass of a login, JSON": (secret) => JSON.stringify({ user: "bob", pass: secret, x: "tango" }),
  "code of an authorization": (secret) => `/oauth/callback?scope=tango&code=${secret}`,
  "statement of SQL": (secret) => `CREATE USER tango IDENTIFIED BY '${secret}'`,
  "option of a command": (secret) => `mysql -uroot -p${secret} tango`,
  "option of one hyphen": (secret) => `keytool -storepass ${secret} -alias tango`,
  "plan of Terraform's": (secret) => `~ password = "${secret}" -> "${secret}" # tango`,
  "connection string": (secret) => `Server=tango;Password=${secret};Encrypt=True`,
  "address of a database": (secret) => `postgres://app:${secret}@db/tango`,
  "with a semicolon in it": (secret) =>
    `Server=tango;Password=${secret.slice(0, 6)};${secret.slice(6)};Encrypt=True`,
  "signed header": (secret) =>
    `Authorization: hmac username="bob", headers="date", signature="${secret}"\nHost: tango`,
  "signed header, folded": (secret) =>
    `Authorization: Digest username="bob",\r\n  response="${secret}"\r\nHost: tango`,
  "apostrophe in an address": (secret) => `redis://:it's${secret}@redis/tango`,
  "Redis's command in JSON": (secret) => JSON.stringify({ level: "tango", msg: `AUTH ${secret}` }),
  "FTP's command in JSON": (secret) => JSON.stringify({ msg: `> PASS ${secret}`, x: "tango" }),
  "row of SQL": (secret) => `INSERT INTO users (name, password) VALUES ('tango', '${secret}')`,
  "row of SQL with a list": (secret) =>
    `INSERT INTO users (roles, password) VALUES (ARRAY['tango','b'],'${secret}')`,
  "angle bracket in it": (secret) => `DB_PASSWORD=${secret.slice(0, 6)}<${secret.slice(6)}\ntango`,
  "password set in SQL": (secret) => `SET PASSWORD FOR 'tango'@'localhost' = '${secret}'`,
  "list of headers": (secret) => `rawHeaders: [ 'Host', 'tango', 'X-Api-Key', '${secret}' ]`,
  "variable of a pod": (secret) => `{Name:DB_PASSWORD Value:${secret} ValueFrom:tango}`,
  "term of Erlang's": (secret) => `[{password,"${secret}"},{user,"tango"}]`,
  "value of PHP's": (secret) => `s:8:"password";s:14:"${secret}";s:4:"user";s:5:"tango";`,
  "in angle brackets": (secret) => `password=<${secret}> tango`,
  "lines of a key in a list": (secret) =>
    JSON.stringify(["-----BEGIN PRIVATE KEY-----", secret, "-----END PRIVATE KEY-----", "tango"]),
  "tuple of Python's": (secret) => `{'auth': ('ada', '${secret}'), 'x': 'tango'}`,
  "call of Python's": (secret) => `auth=HTTPBasicAuth('ada', '${secret}'), x='tango'`,
  "data class of Python's": (secret) => `User(token=Token(id=5, value='${secret}'), x='tango')`,
  "data class of Kotlin's": (secret) => `User(token=Token(id=5, value=${secret}), x=tango)`,
  "struct of Go's": (secret) => `{Password:sql.NullString{String:"${secret}", Valid:true}, X:"tango"}`,
  "pointer of Go's": (secret) => `{Password:(*string)("${secret}"), X:"tango"}`,
  "newtype of Rust's": (secret) => `User { token: Some(Token("${secret}")), x: "tango" }`,
  "struct of Rust's": (secret) => `User { token: Token { id: 5, value: "${secret}" }, x: "tango" }`,
  "pairs of .NET's": (secret) => `[user, tango], [password, ${secret}]`,
  "pair of Kotlin's": (secret) => `[(user, tango), (password, ${secret})]`,
  "field that Spring rejects": (secret) =>
    `Field error in object 'tango' on field 'password': rejected value [${secret}]; codes [Size]`,
  "path that Mongoose repeats": (secret) => `tango: Path \`password\` (\`${secret}\`) is shorter`,
  "told by mysqld": (secret) => `tango: A temporary password is generated for root@localhost: ${secret}`,
  "statement in a form": (secret) =>
    new URLSearchParams({ q: `CREATE USER tango IDENTIFIED BY '${secret}'` }).toString(),
  "option in a form": (secret) => `run=${new URLSearchParams({ cmd: `tango --password ${secret}` })}`,
  "tail of a key": (secret) => `${secret}${secret}\n-----END PRIVATE KEY-----\ntango`,
};

/** Where a secret stands as it is written there. */
export const WRITTEN_PLACEMENTS: Readonly<Record<string, (secret: string) => Source>> = Object.fromEntries(
  Object.entries(FORMS).map(([name, write]) => [name, (secret: string) => note(write(secret), ["tango"])]),
);
