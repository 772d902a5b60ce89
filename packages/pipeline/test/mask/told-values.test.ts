import { type Cases, gone, kept, testCases } from "./cases.ts";

/** As long as makes it an error. */
const LONG = `0.AXoA${"aB3x".repeat(375)}`;

const CASES: Cases = {
  "a password is told behind whom it is for": [
    ...gone(
      "Zx9v:Q2m<L7pTr",
      "6 [Note] [MY-010454] [Server] A temporary password is generated for root@localhost: §",
      "Simple auth manager | Password for user 'admin': §",
      "Password for the elastic user (reset with `bin/elasticsearch-reset-password -u elastic`):\n  §\n\nHTTP CA",
      "Generated password for bob: '§'",
      '{"msg":"A temporary password is generated for root@localhost: §","n":1}',
    ),
    ...gone(
      "Zx9vQ2mL7pTr",
      "Changed password for user elastic\nPASSWORD elastic = §\n\nChanged",
      "Password for the [elastic] user successfully reset.\nNew value: §",
      "use the following password to proceed to installation:\n\n§\n\nThis may",
      "ORACLE PASSWORD FOR SYS AND SYSTEM: §",
    ),
    ...kept(
      "Password for user bob: expired",
      "[sudo] password for bob: \n2026-11-23 12:00:00 INFO started",
      "password for bob: 2026-11-23T12:00:00Z",
      "password for bob: https://a1.example/reset",
      "password for bob:\n/srv/secrets1",
      "the password for bob: see page 5 of the book2 again",
      "password reset for bob: ERR-12 failed",
      "the password a user = has1digit of course",
      "Password hash = BCRYPT12",
    ),
  ],
  "a new password of mysqld's may begin as a path does": gone(
    "/zJ9#C%2RY9j",
    "A temporary password is generated for root@localhost: §",
  ),
  "what Mongoose repeats of a path": [
    ...gone(
      "Zx9vQ2mL7pTr",
      "User validation failed: password: Path `password` (`§`) is shorter than the minimum allowed length (8).",
      "Path `password` (`§`) is shorter than the minimum allowed length (8).",
      "Path `auth.token` is invalid (§).",
      "Validator failed for path `token` with value `§`",
      'Cast to Number failed for value "§" (type string) at path "token"',
      'token: Cast to ObjectId failed for value "§" (type string) at path "token" because of "BSONError"',
      '{"message":"Cast to Number failed for value \\"§\\" (type string) at path \\"token\\""}',
    ),
    ...gone("two words", "Path `password` (`§`, length 9) is longer than the maximum allowed length (4)."),
    ...gone("x\n1", "Path `password` (`§`, length 3) is shorter than the minimum allowed length (8)."),
    ...gone(LONG, "b: Path `b` is required., refreshToken: Path `refreshToken` (`§`, length 1500) is longer"),
    ...gone(
      LONG,
      "refreshToken: Validator failed for path `refreshToken` with value `§`, b: c",
      'Cast to Number failed for value "§" (type string) at path "token"',
    ),
    ...gone("a`)bZx9", "Validator failed for path `token` with value `§`"),
    ...gone("Zx9 went on", "Path `token` (`§", `Path \`token\` (\`§\n${"no end\n".repeat(200)}\`) is `),
    ...gone(
      "x",
      'error: password: Validator failed for path `password` with value `§` {"requestId":"r1"}',
      "<pre>Validator failed for path `password` with value `§`<br> at a.js:1</pre>",
      "Validator failed for path `password` with value `§`. [request r1]",
      `rejected value [null]\n${"a line\n".repeat(300)}Path \`password\` (\`§\nanother\n`,
      `Validator failed for path \`token\` with value \`§\`\r\n${"a line\r\n".repeat(300)}Path \`token\` is required.`,
      `Validator failed for path \`token\` with value \`§\` {}\n${"a line\n".repeat(300)}Path \`token\` (\`§\nanother\n`,
    ),
    ...gone(
      `{\n${"  field: 'a',\n".repeat(100)}}`,
      'Cast to string failed for value "§" (type Object) at path "password"',
    ),
    ...gone("x", `failed for value "bob\na line\nfailed for value "§" (type string) at path "token"`),
    ...kept(
      "Path `password` is required.",
      "User validation failed: password: Path `password` is required.",
      "Path `name` (`Zx9vQ2mL7pTr`) is shorter than the minimum allowed length (20).",
      'Cast to Number failed for value "Zx9vQ2mL7pTr" (type string) at path "age"',
    ),
  ],
};

testCases(CASES);
