import { type Cases, gone, kept, testCases } from "./cases.ts";

const R = "[REDACTED]";

const CASES: Cases = {
  "a literal of SQL goes whole behind its prefix": [
    ...gone(
      "my hunter2",
      "ALTER LOGIN sa WITH PASSWORD = N'§'",
      "exec dbo.Login @Login=N'bob',@Password=N'§'",
      "UPDATE u SET password = _utf8mb4'§' WHERE id = 1",
      "UPDATE u SET password = U&'§' WHERE id = 1",
    ),
    ...gone("O''Neil5", "UPDATE u SET password=N'§' WHERE id=5"),
    ...gone("it''s\\\\hunter2", "UPDATE users SET password = E'§' WHERE id=1;"),
    ...gone(
      "hunter2",
      "exec sp_executesql N'SELECT 1 FROM U WHERE Password = N''§''',N'@p int',@p=5",
      "WHERE `users`.`token` = BINARY '§' LIMIT 1",
    ),
  ],
  "what a secret is compared with goes behind a prefix": gone(
    "abc123XYZ",
    "WHERE [u].[Password] <> N'§'",
    "WHERE [u].[Token] IN (N'§', N'§')",
  ),
  "what a secret is compared with goes as databases print it": [
    ...gone(
      "hunter2",
      "  Filter: ((users.password)::text = '§'::text)",
      "  CHECK (((password)::text <> '§'::text))",
      "  Filter: ((users.password)::character varying(64) = '§'::text)",
    ),
    ...gone("{tok99abcX,tok88abcX}", "  Filter: ((users.token)::text = ANY ('§'::text[]))"),
    ["  Filter: (token = ANY ('{a1b2c3d4}'::text[]))", `  Filter: (token = ${R})`],
  ],
  "all that a secret is compared with goes, over lines and within a function": gone(
    "abc123XYZ",
    "where u.token in ('§' , '§')",
    "where u.password in ('§' , '§')",
    "WHERE token IN\n  ('§', '§')",
    "where token in (\n    '§',\n    '§')",
    'WHERE LOWER("users"."token") = LOWER(\'§\')',
  ),
  "parameters and queries that a secret is compared with stay": kept(
    "WHERE token = ANY ($1)",
    "WHERE token = ANY (SELECT t FROM x)",
    "WHERE password_1 = :password_1",
    "WHERE [u].[Password] = @__password_0",
  ),
  "what a secret is compared with goes within an attribute of XML": gone(
    "abc123XYZ",
    '<failure message="assert token == &quot;§&quot;"/>',
    '<x a="password != &#34;§&#34;"/>',
  ),
  "a parameter goes that has the name of its column and a number": gone(
    "hunter2",
    "[generated in 0.00015s] {'password_1': '§'}",
    "Executed DbCommand (3ms) [Parameters=[@__password_0='§' (Size = 4000)], x",
    "{'login__0': 'bob', 'password__0': '§'}",
    "API_KEY_1=§",
  ),
};

testCases(CASES);
