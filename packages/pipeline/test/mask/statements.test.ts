import { type Cases, gone, kept, testCases } from "./cases.ts";

const R = "[REDACTED]";
const INDENT = " ".repeat(16);
const COLUMNS = Array.from({ length: 200 }, (_, i) => `column_name_${i}`).join(", ");
const VALUES = Array(200).fill("'x'").join(", ");

/** An INSERT, in which `§` stands for what goes. */
function inserted(...statements: readonly string[]): Cases[string] {
  return statements.map((statement) => [statement.replaceAll("§", "hunter2"), statement.replaceAll("§", R)]);
}

/** Statements as people and programs write them. */
const CASES: Cases = {
  "rows go however a statement is indented": inserted(
    `INSERT INTO users (email, password)\n${INDENT}VALUES ('x', '§')`,
    `INSERT INTO users\n${INDENT}(email, password) VALUES ('x', '§')`,
    `INSERT INTO\n${INDENT}users (email, password) VALUES\n${INDENT}('x', '§'),\n${INDENT}('y', '§')`,
    `${INDENT}INSERT INTO users (\r\n${INDENT}email,\r\n${INDENT}password\r\n)\r\nVALUES (\r\n${INDENT}'x',\r\n${INDENT}'§'\r\n)`,
    "REPLACE\tINTO\t\t\tusers\n\t\t\t\t\t(email, password)\n\t\t\t\t\tVALUES ('x', '§')",
    "msg=\"INSERT INTO users\\n    (email, password)\\n    VALUES ('x', '§')\" level=info",
  ),
  "a password behind its word goes with what its literal begins with, and behind more than one space":
    inserted(
      "LOG:  statement: alter role r0 password E'§';",
      `ALTER USER "bob" WITH ENCRYPTED PASSWORD  E'§'`,
      "CREATE ROLE bob LOGIN PASSWORD U&'§' VALID UNTIL 'infinity'",
      "CREATE USER bob IDENTIFIED WITH sha256_password BY  _utf8mb4'§'",
      `{"statement":"alter role r0 password E'§';"}`,
    ),
  "rows go in the forms of more databases": inserted(
    "UPSERT INTO users (email, password) VALUES ('x', '§')",
    "INSERT ALL INTO users (email, password) VALUES ('x', '§') SELECT 1 FROM dual",
    "INSERT INTO users (email, password) VALUES ROW('x', '§'), ROW('y', '§')",
    "INSERT INTO users (email, password) FORMAT Values ('x', '§')",
    "INSERT INTO users (email, password) SETTINGS async_insert=1 VALUES ('x', '§')",
    "INSERT INTO users (email, password) VALUES ('x', U&'§')",
    "insert into users partition (p0) (id, password) values (1, '§')",
    "MERGE INTO users u USING s ON (u.id = s.id) WHEN NOT MATCHED THEN INSERT (id, password) VALUES (1, '§')",
  ),
  "rows go behind comments and odd names of tables": inserted(
    "INSERT /* c */ INTO users (email, password /* p, q */) VALUES ('x', '§')",
    "INSERT INTO users (email, password) -- x\nVALUES ('x', '§')",
    "INSERT INTO users (email, password) VALUES /* x */ ('x', '§')",
    "INSERT INTO \"my users\" (email, password) VALUES ('x', '§')",
    "INSERT INTO dbo.[user accounts] (email, password) VALUES ('x', '§')",
    "INSERT INTO `my-users` (email, password) VALUES ('x', '§')",
    "INSERT INTO #tmp (email, password) VALUES ('x', '§')",
    "INSERT INTO größen (email, password) VALUES ('x', '§')",
  ),
  "rows go in quotes of another text, in a form, and with very many columns": inserted(
    "'INSERT INTO users (email, password) VALUES (\\'a, b\\', \\'§\\')'",
    "INSERT+INTO+users+(email,+password)+VALUES+('x',+'§')",
    "q=INSERT+INTO+users+%28email%2C+password%29+VALUES+%28%27x%27%2C+%27§%27%29",
    `INSERT INTO users (${COLUMNS}, password) VALUES (${VALUES}, '§')`,
  ),
  "rows go behind lists, and texts that end in a backslash or stand between dollars": inserted(
    "INSERT INTO users (roles, password) VALUES (ARRAY['a','b'],'§')",
    "INSERT INTO users (roles, password) VALUES (['a','b'],'§'), ([],'§')",
    "INSERT INTO users (tags, password) VALUES ({'a':'b'},'§')",
    "INSERT INTO users (tags, password) VALUES ('x]', '§')",
    "INSERT INTO users (path, password) VALUES ('C:\\', '§')",
    "INSERT INTO users (name, password) VALUES ('it\\'s, \\'x\\'', '§')",
    "INSERT INTO users (note, password) VALUES ($$it's$$, '§')",
  ),
  "all texts of one value go": [
    [
      "INSERT INTO u (a, token) VALUES ('x', ARRAY['ab','cd'])",
      `INSERT INTO u (a, token) VALUES ('x', ${R})`,
    ],
    ["INSERT INTO u (a, token) VALUES ('x', $$hunter2$$)", `INSERT INTO u (a, token) VALUES ('x', ${R})`],
    ["INSERT INTO u (a, token) VALUES ('x', (SELECT 'ab'))", `INSERT INTO u (a, token) VALUES ('x', ${R})`],
    [
      "INSERT INTO u (a, token) VALUES ('x', 'ab' || 'hunter2')",
      `INSERT INTO u (a, token) VALUES ('x', '${R}')`,
    ],
  ],
  "rows go that Laravel prints, without quotes": inserted(
    "(Connection: mysql, SQL: insert into `api_users` (`name`, `api_token`) values (Ada, §))",
    "(SQL: insert into users (name, email, password) values (O'Brien, a b, §), (Bob, c, §))",
    '{"e":"(SQL: insert into users (name, password, at) values (Ada, §, 2024-01-01 00:00:00))"}',
  ),
  "a word goes that is no parameter's name": [
    ["insert into a (b, token) values (c, Xk3j9LmQ2vB7)", `insert into a (b, token) values (c, ${R})`],
    ["insert into a (b, token) values (c, d4e5f6a7b8c9)", `insert into a (b, token) values (c, ${R})`],
  ],
  "parameters, columns and functions stay": [
    "SQL: INSERT INTO users (name, password) VALUES (:name, :password), (?, ?), ($1, $2), (@p0, @p1)",
    "[SQL: INSERT INTO users (name, password) VALUES (%(name)s, %(password)s), (%s, %s)]",
    "SQL: INSERT INTO users (name, password) VALUES (DEFAULT, DEFAULT), (now(), md5(x))",
    "SQL: insert into users (name, color) values (Ada, hunter2)",
    "INSERT INTO users (name, password) VALUES (p_name, p_password1), (new.name, new.password)",
    "INSERT INTO users (name, token) VALUES (p_name, oauth2_token), (t1.name, t2.token), (a, sha256Token)",
    "INSERT INTO users (name, token) VALUES (p_name, a1b2c3d4e5(x)), (b, c1d2.e3f4)",
  ].map((text) => [text, text]),
  "what a statement chooses a secret from goes": [
    ...gone(
      `CASE WHEN ("app_user"."id" = 1) THEN 'x1' WHEN ("app_user"."id" = 2) THEN 'x2' ELSE NULL END`,
      `UPDATE "app_user" SET "token" = § WHERE "app_user"."id" IN (1, 2)`,
    ),
    ...gone(
      "case id when 1 then E'a1' when 2 then case when x then 'b''2 end' else y end else token end",
      "update u set token = §, x = 'y'",
    ),
    ...gone("CASE WHEN id = 1 THEN 'x1' WHEN id", "update u set token = §"),
    ...kept("update u set token: case when x then 'y' end"),
  ],
  "sentences stay": [
    ["insert the card into the slot (token) values (5)", "insert the card into the slot (token) values (5)"],
    ["replace a, b (token) values ('x')", "replace a, b (token) values ('x')"],
  ],
};

testCases(CASES);
