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
  "instances of systemd's units stay": kept(
    "systemd[1]: modprobe@drm.service: Deactivated successfully.",
    "user@1000.service: Failed with result 'exit-code'.",
    "Unit wg-quick@wg0.service entered failed state.",
    "a@b.timer, a@b.socket, a@b.mount, a@b.automount, a@b.slice, a@b.scope.",
    "a@b.target a@b.path a@b.device a@b.swap",
    "sshd@0-10.0.0.5:22-10.0.0.9:51234.service: x",
  ),
  "addresses whose domain is near to it go": [
    ["ada@acme.services", R],
    ["ada@service.io", R],
    ["ada@x.service.com", R],
    ["ADA@ACME.SERVICE", R],
    ["vpn@acme.com.service", `${R}.service`],
  ],
  "coordinates of packages stay": kept(
    "> Could not find com.google.auth:google-auth-library-oauth2-http:1.19.0.",
    "+--- org.springframework.session:spring-session-core:3.1.2 -> 3.1.3",
    "+--- com.google.auth:google-auth-library -> 1.19.0",
    "+--- com.google.auth:google-auth-library:{strictly 1.19.0} -> 1.19.0 (c)",
    "com.auth0:java-jwt:4.4.0, com.auth0:auth0:2.1.0",
    "[INFO] |  \\- io.jsonwebtoken:jjwt-api:jar:sources:0.11.5:compile",
    "implementation('com.google.auth:google-auth-library:1.19.0-SNAPSHOT')",
    "org.acme.session:spring-session-bom:2021.2.0.RELEASE",
    "org.acme.auth:akka-http-session_2.13:0.7.1 (*)",
  ),
  "what is behind a group and no artifact of a version goes": [
    ["com.acme.token:9f8e7d6c5b4a", `com.acme.token:${R}`],
    ["com.acme.token:q8Zk2x9:1.2.3", `com.acme.token:${R}`],
    ["com.acme.token:abcdef:q8Zk2", `com.acme.token:${R}`],
    ["com.acme.auth:abc:1.2.3:9f8e7d6c", `com.acme.auth:${R}`],
    ["com.acme.auth:google:4.4.0-9f8e7d6c5b", `com.acme.auth:${R}`],
    ["com.acme.password:hunter:1.2.3", `com.acme.password:${R}`],
    ["redis.token:hunter:1.2.3", `redis.token:${R}`],
    ["com.acme.token=hunter:1.2.3", `com.acme.token=${R}`],
    ["com.acme.token: hunter:1.2.3", `com.acme.token: ${R}`],
  ],
};

testCases(CASES);
