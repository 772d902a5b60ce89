import assert from "node:assert/strict";
import { test } from "node:test";
import { KeyValues } from "../../src/log-event.ts";
import { createMasker } from "../../src/mask/index.ts";
import { type Cases, kept, testCases } from "./cases.ts";

const R = "[REDACTED]";

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
  "a module that a program loads is no secret, whatever it is called": kept(
    'const auth_1 = require("./auth");',
    "const session = require('express-session')",
    'const token_1 = tslib_1.__importDefault(require("./token"));',
    'const secret = await import("@acme/secret");',
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
  "what programs for passwords print stays": kept(
    "passwd: password updated successfully",
    "passwd: Authentication token manipulation error",
    "passwd: all authentication tokens updated successfully.",
    "passwd: You must wait longer to change your password",
    "passwd[1234]: password for 'ada' changed by 'root'",
    "passwd[123]: pam_unix(passwd:chauthtok): password changed for ada",
    "gdm-password]: pam_unix(gdm-password:auth): authentication failure; logname= uid=0",
    "passwd:         files systemd\nshadow: files",
    "passwd: files ldap [NOTFOUND=return] sss",
    "status half-configured passwd:amd64 1:4.13+dfsg1-1",
    "dbus-user-session:amd64 (1.12)",
  ),
  "passwords behind the name of such a program go": [
    ["passwd: hunter2", `passwd: ${R}`],
    ["passwd: password changing", `passwd: ${R}`],
    ["passwd: correct horse battery", `passwd: ${R}`],
    ["passwd: compat hunter2", `passwd: ${R} hunter2`],
    ["passwd[0]: hunter2", `passwd[0]: ${R}`],
    ['got {"passwd": "compat"} back', `got {"passwd": "${R}"} back`],
    ["db_passwd: compat", `db_passwd: ${R}`],
    ["pam_unix(passwd:hunter2)", `pam_unix(passwd:${R})`],
    ["passwd: pam_unix(hunter2", `passwd: ${R}`],
    ["passwd:amd64x", `passwd:${R}`],
    ["password:amd64", `password:${R}`],
  ],
  "the directory that a shell is in stays": kept(
    "sudo: ada : TTY=pts/0 ; PWD=/home/ada ; USER=root ; COMMAND=/usr/bin/apt update",
    "HOME=/root\nPWD=/app\nOLDPWD=/root\nPATH=/usr/bin",
    'declare -x PWD="/root"',
    "UID=1000\nPWD=/app\nUSER=ada",
    '["PATH=/bin","PWD=/srv/app"]',
    "PWD=/",
    "PWD=/var/jenkins_home/workspace/x@2",
    "PWD=/data1/x",
  ),
  "passwords that begin with a slash go": [
    ["pwd=/app", `pwd=${R}`],
    ["Pwd=/app", `Pwd=${R}`],
    ["DB_PWD=/app", `DB_PWD=${R}`],
    ["UID=sa;PWD=/app;Server=h", `UID=sa;PWD=${R};Server=h`],
    ["Server=h; PWD=/app; x=1", `Server=h; PWD=${R}; x=1`],
    ["UID=sa PWD=/app", `UID=sa PWD=${R}`],
    ["/x?PWD=/app", `/x?PWD=${R}`],
    ["PWD=/hunter2", `PWD=${R}`],
    ["PWD=/abcdef;UID=sa;Server=db", `PWD=${R};UID=sa;Server=db`],
    ['connect(PWD="/var/x", UID="sa")', `connect(PWD="${R}", UID="sa")`],
    ['array("UID"=>"sa", "PWD"=>"/var/x")', `array("UID"=>"sa", "PWD"=>"${R}")`],
    ["[ODBC]\nUID=sa\nPWD=/abcdef", `[ODBC]\nUID=sa\nPWD=${R}`],
    ["PWD=//hunter", `PWD=${R}`],
    ["PWD=/q8Zk2x9/a", `PWD=${R}`],
    ["PWD=/app!x", `PWD=${R}`],
    ["PWD=/9j/4AAQSkZJRg==", `PWD=${R}`],
  ],
  "lists of the names of headers, fields and grants stay": kept(
    '["Authorization","Content-Type","X-Api-Key","X-Requested-With"]',
    'allowedHeaders: ["Authorization", "Content-Type"] at cors.ts',
    '{"response_types_supported":["code","token","id_token","code token"]}',
    '{"token_endpoint_auth_methods_supported":["client_secret_basic","private_key_jwt","x","none"]}',
    '{"required":["password","displayName"]}',
    '{"allowHeaders":["Authorization","Tenant"]}',
    '["Authorization","Accept"]',
    '["token","user_id"]',
  ),
  "values in lists in which names and values take turns go": [
    ['["Authorization","Basic abc"]', `["Authorization","${R}"]`],
    [
      '["Authorization","Content-Type","X-Api-Key","abc"]',
      `["Authorization","Content-Type","X-Api-Key","${R}"]`,
    ],
    ['["password","Correct-Horse-Battery"]', `["password","${R}"]`],
    ['["password","host"]', `["password","${R}"]`],
    ['["--password","email"]', `["--password","${R}"]`],
    ['["HSET","user:1","password","hunter2x9"]', `["HSET","user:1","password","${R}"]`],
    ['{"headers":["X-Api-Key","displayName"]}', `{"headers":["X-Api-Key","${R}"]}`],
    ['{"required":["password","hunter2x9"]}', `{"required":["password","${R}"]}`],
    ['["X-Api-Key","X-9f8e7d6c5b"]', `["X-Api-Key","${R}"]`],
  ],
  "what stands for a value in a statement or template stays": kept(
    "UPDATE users SET password = :password WHERE id = :id",
    "UPDATE [Users] SET [Password] = @p0, [Name] = @p1 WHERE [Id] = @p2;",
    "UPDATE users SET password=%(password)s WHERE users.id = %(users_id)s",
    "INSERT INTO u(a) VALUES ($1) ON CONFLICT (a) DO UPDATE SET password = EXCLUDED.password",
    "SELECT 1 FROM t WHERE s.token = :1 AND x = 2",
    "SELECT 1 FROM t WHERE token=@token",
    "UPDATE u SET token=#{token}, x=1",
  ),
  "values that only begin like it go": [
    ["password=@password", `password=${R}`],
    ["password = @p0ssw0rd", `password = ${R}`],
    ["UPDATE u SET password = :hunter2", `UPDATE u SET password = ${R}`],
    ["UPDATE u SET password = :password!x", `UPDATE u SET password = ${R}`],
    ["UPDATE u SET password = @p0x", `UPDATE u SET password = ${R}`],
    ["UPDATE u SET password='@p0'", `UPDATE u SET password='${R}'`],
    ["UPDATE u SET password = EXCLUDED.hunter2", `UPDATE u SET password = ${R}`],
    ["password=%(password)sx9", `password=${R}`],
    ["password=#{hunter2!}", `password=${R}`],
    ["password=#hunter2", `password=${R}`],
  ],
  "signals, databases of Oracle's and lines of tests stay": kept(
    "stopped sig=SIGTERM code=143",
    "ORACLE_SID=ORCL",
    "TokenServiceTest.shouldRejectExpiredToken:45 expected: <true>",
    "com.acme.UserIT.rejectsPassword:120",
  ),
  "signatures, sessions and codes beside them go": [
    ["sig=SIGq8Zk2", `sig=${R}`],
    ["sig=SIGTERMx9", `sig=${R}`],
    ["sid=ORCL9f8e7d", `sid=${R}`],
    ["service.rejectsToken:4567", `service.rejectsToken:${R}`],
    ["TokenServiceTest.token:q8Zk2", `TokenServiceTest.token:${R}`],
    ["TokenServiceTest.token:45:q8Zk2", `TokenServiceTest.token:${R}`],
    ["TokenServiceTest.password: 4567", `TokenServiceTest.password: ${R}`],
    ["TokenServiceTest.password=4567", `TokenServiceTest.password=${R}`],
  ],
};

testCases(CASES);

const masker = createMasker();
const LISTS = { required: ["password", "displayName"], headers: ["Authorization", "Content-Type"] };

function attributes(value: Readonly<Record<string, string[]>>): KeyValues {
  const values = new KeyValues();
  for (const [key, list] of Object.entries(value)) values.add(key, list);
  return values;
}

for (const form of [attributes, structuredClone<Record<string, string[]>>]) {
  test(`lists of names in values stay, and values go: ${form.name}`, () => {
    const lists = form(LISTS);
    assert.equal(masker.maskValue(lists), lists);
    const headers = form({ headers: ["Authorization", "displayName"] });
    assert.deepEqual(masker.maskValue(headers), form({ headers: ["Authorization", R] }));
  });
}
