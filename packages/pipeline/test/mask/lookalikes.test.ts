import { type Cases, testCases } from "./cases.ts";

const R = "[REDACTED]";

/** What stays, as it is. */
function kept(...texts: readonly string[]): Cases[string] {
  return texts.map((text) => [text, text]);
}

/** Signs behind something that only looks like a secret's name, and what is near to it and is one. */
const CASES: Cases = {
  "what became of a path or an address stays": kept(
    'Post "https://login.acme.io/oauth/token": EOF',
    'Post "https://login.acme.io/oauth/token": dial tcp 10.0.0.1:443: connect: connection refused',
    'Post "https://login.acme.io/oauth/token": x509: certificate has expired or is not yet valid',
    'I/O error on POST request for "https://login.acme.io/oauth/token": Connection refused',
    "rm: cannot remove '/tmp/token': Permission denied",
    "open /run/secrets/db_password: permission denied",
    "POST /oauth/token: 401 Unauthorized",
    "stat ./config/secret: no such file or directory",
  ),
  "values under names with slashes in them go": [
    ["/config/db/password: hunter2", `/config/db/password: ${R}`],
    ['{"m":"/config/db/password: hunter2"}', `{"m":"/config/db/password: ${R}"}`],
    ["/config/db/password=hunter2", `/config/db/password=${R}`],
    ['got {"/config/db/password": "hunter two"} back', `got {"/config/db/password": "${R}"} back`],
    ["db/password: hunter", `db/password: ${R}`],
    ["prod/api/token: q8Zk2 x", `prod/api/token: ${R} x`],
  ],
  "an empty value does not take the next pair": kept(
    "session= trace_id=4bf92f3577b34da6a3ce929d0e0e4736 status=200",
    "user=5 token= status=ok",
    "cookie= status=200",
    "DB_PASSWORD= DB_HOST=db",
    "token= trace_id= status=200",
  ),
  "a value with a space in front of it goes": [
    ["token= q8Zk2 status=200", `token= ${R} status=200`],
    ["password = a=b1", `password = ${R}`],
    ["token= cThaazI= x", `token= ${R} x`],
    ["token= q8Zk2x9Yk2== x", `token= ${R} x`],
  ],
  "hosts, images, packages, tasks and events stay": kept(
    'Get "http://auth:8080/healthz": dial tcp 10.0.0.1:8080',
    "connect ECONNREFUSED auth:8080",
    "redis://session:6379/0",
    "image: registry.acme.io/auth:1.2.3",
    'Pulling image "acme/session:v1.2.3-alpine"',
    "ghcr.io/acme/secret:sha-abc1234",
    "com.acme:auth:1.2.3",
    "com.acme:session:jar:1.2.3:compile",
    "> Task :auth:compileJava UP-TO-DATE",
    "event auth:login_failed",
    "artisan auth:clear-resets",
    "at /app/src/token:12",
    "at /app/src/token:12:5",
    "upstream auth:8080/healthz, next",
    "GET https://session:8443/v1/users/9f8e7d6c?page=2",
    "dial tcp: lookup auth:8080: no such host",
    "acme/auth:1.2.3-rc.1@sha256:0123456789abcdef",
  ),
  "what is joined to a port or a version goes": [
    ["GET session:4821:9f8e7d6c5b4a3f2e", `GET session:${R}`],
    ['HGETALL "session:42:9f8e7d6c5b4a3f2e"', `HGETALL "session:${R}"`],
    ["GET auth:1001:f81d4fae-7dec-11d0-a765-00a0c91e6bf6", `GET auth:${R}`],
    ["auth:8080:hunter2X9", `auth:${R}`],
    ["GET app:token:42:9f8e7d6c5b4a3f2e", `GET app:token:${R}`],
    [":secret:42:abcdef0123", `:secret:${R}`],
    [":secret:main:abcdef0123", `:secret:${R}`],
    ['{"key":"session:42:9f8e7d6c5b4a3f2e"}', `{"key":"session:${R}"}`],
    ["x/secret:123/9f8e7d6c5b4a3f2e", `x/secret:${R}`],
    ["auth:42/9f8e7d6c5b4a3f2e", `auth:${R}`],
    ["session:42|9f8e7d6c5b4a3f2e", `session:${R}`],
    ["session:42=9f8e7d6c5b4a3f2e", `session:${R}`],
    ["session:42,9f8e7d6c5b4a3f2e", `session:${R}`],
    ["session:42+9f8e7d6c5b4a3f2e", `session:${R}`],
    ["session:42~9f8e7d6c5b4a3f2e", `session:${R}`],
    ["session:42$9f8e7d6c5b4a3f2e", `session:${R}`],
    ["session:1234%3A9f8e7d6c5b4a3f2e", `session:${R}`],
    ["token:1.2-9f8e7d6c5b4a3f2e1d0c", `token:${R}`],
    ["auth:login_failed:hunter2X9", `auth:${R}`],
    ["reset:token:83921", `reset:token:${R}`],
    ["acme.io/reset/token:83921", `acme.io/reset/token:${R}`],
    ["url=//secret:hunter2X9@db", `url=//secret:${R}`],
  ],
  "values right behind a colon go": [
    ["token:q8Zk2 x", `token:${R} x`],
    ["{User:bob Token:12345}", `{User:bob Token:${R}}`],
    ["{token:12345,user:bob}", `{token:${R},user:bob}`],
    ["acme/token:q8Zk2", `acme/token:${R}`],
    ["otp:12345", `otp:${R}`],
    ["token:12345 x", `token:${R} x`],
    ["secret:1234", `secret:${R}`],
    ["password:8080", `password:${R}`],
    ["secret:1.a2b3c4", `secret:${R}`],
    ["auth:9f8e7d6c", `auth:${R}`],
    ["https://token:hunter2@acme.com", `https://token:${R}@acme.com`],
    ["https://token:80801@acme.com", `https://token:${R}@acme.com`],
  ],
  "what a password has to be stays": kept(
    "password: This field is required.",
    "- password: This value is too short. It should have 8 characters or more.",
    "password: minimum 8 characters",
    "password: cannot be blank",
    "password: Ensure this field has at least 8 characters.",
    "password: the password must be longer",
    "password: hash mismatch",
  ),
  "passwords that begin like it go": [
    ["password: this is my horse", `password: ${R}`],
    ["password: minimumwage", `password: ${R}`],
    ["password: the quick brown fox", `password: ${R}`],
  ],
  "signs, times and columns behind a word stay": kept(
    'unexpected token "=" at 1:2',
    "unexpected token ':' at 1:2",
    "token 12:34:56",
    "WHERE s.token = t.token AND s.id = 5",
  ),
  "and values behind the same words go": [
    ['"password"="x y"', `"password"="${R}"`],
    ["token 1: q8Zk2", `token 1: ${R}`],
    ["s.token = t.q8Zk2", `s.token = ${R}`],
  ],
};

testCases(CASES);
