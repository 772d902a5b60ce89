import { type Cases, testCases } from "./cases.ts";

const R = "[REDACTED]";

/** What stays, as it is. */
function kept(...texts: readonly string[]): Cases[string] {
  return texts.map((text) => [text, text]);
}

/** Lines of programs that have the form of a secret and name none, and beside them what has it and is one. */
const CASES: Cases = {
  "a word in angle brackets that is no element takes nothing": kept(
    "ERR AUTH <password> called without any password configured for the default user.\nnext line",
    "error TS2322: Type 'Promise<Token>' is not assignable to type 'Token'.\nsrc/b.ts(5,1): error",
    "a bean of type 'org.acme.SessionRepository<Session>' that could not be found.\n\nAction:\n",
    "error: not provided:\n  --token <TOKEN>\n\nUsage: app --token <TOKEN>\n\nFor more, try '--help'.",
    "Arguments:\n  <TOKEN>\n          The token to use\n",
    "Invalid content was found starting with element '<password>'. One of '{username}' is expected.",
    "GET /reset/<token>/confirm HTTP/1.1\nnext",
    "postgres://app:<password>@localhost:5432/db\nnext",
    "let t = x.parse::<Token>()?;\nlet y = 5;",
    "<code>Promise<Token></code> and more",
    "usage: login <user> <password> [options]\nnext",
    "Set <secret>, <token>.\nnext",
    '{"m":"usage: x <TOKEN>\\n\\nFor more"} x',
  ),
  "an element that is cut off goes up to the end of its line": [
    ["<password>hunter two\nnext line", `<password>${R}\nnext line`],
    ["<user>ada</user><password>hunter two\nnext", `<user>ada</user><password>${R}\nnext`],
    ["<user>ada</user> <password> hunter two\nnext", `<user>ada</user> <password>${R}\nnext`],
    ["<login>\n  <password>\n    correct horse\nnext", `<login>\n  <password>${R}\nnext`],
    ["<user>ada<password>hunter", `<user>ada<password>${R}`],
    ["body=<password>hunter\nnext", `body=<password>${R}\nnext`],
    ['got "<password>hunter\nnext', `got "<password>${R}\nnext`],
    ['<parameter name="password">hunter', `<parameter name="password">${R}`],
    ['{"m":"<password>hunter"}', `{"m":"<password>${R}"}`],
    ["<password>hunter</passwd>", `<password>${R}</passwd>`],
    ["<USERID>ada\n<USERPASS>hunter2\n<FI>x", `<USERID>ada\n<USERPASS>${R}<FI>x`],
  ],
  "an element with its end tag goes whole, whatever stands in front of it": [
    ["<password>\nhunter\ntwo\n</password>", `<password>${R}</password>`],
    ["<x:password> hunter\ntwo</X:PASSWORD>", `<x:password>${R}</X:PASSWORD>`],
    ["AUTH<password> hunter\ntwo</password>", `AUTH<password>${R}</password>`],
    ["<password>\nhunter\ntwo</passw", `<password>${R}</passw`],
    [
      "<name>password</name><value><string>hunter\ntwo</string></value>",
      `<name>password</name><value><string>${R}</string></value>`,
    ],
  ],
};

testCases(CASES);
