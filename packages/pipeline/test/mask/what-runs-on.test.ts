import { type Cases, testCases } from "./cases.ts";

const R = "[REDACTED]";

/** What begins within the value of a secret's name and runs further than it: texts, and what is left of them. */
const CASES: Cases = {
  "a private key behind a name leaves nothing": [
    [
      "x TLS_PRIVATE_KEY=-----BEGIN RSA PRIVATE KEY-----\nMIIEabc\nQWERTY\n-----END RSA PRIVATE KEY----- y",
      `x TLS_PRIVATE_KEY=${R} y`,
    ],
    [
      "x export TLS_PRIVATE_KEY=-----BEGIN RSA PRIVATE KEY-----\nMIIEabc\nQWERTY\n-----END RSA PRIVATE KEY----- y",
      `x export TLS_PRIVATE_KEY=${R} y`,
    ],
    [
      "x privateKey = -----BEGIN RSA PRIVATE KEY-----\nMIIEabc\nQWERTY\n-----END RSA PRIVATE KEY----- y",
      `x privateKey = ${R} y`,
    ],
    [
      "x secret=-----BEGIN RSA PRIVATE KEY-----\nMIIEabc\nQWERTY\n-----END RSA PRIVATE KEY----- y",
      `x secret=${R} y`,
    ],
    [
      "x password: -----BEGIN RSA PRIVATE KEY-----\nMIIEabc\nQWERTY\n-----END RSA PRIVATE KEY----- y",
      `x password: ${R} y`,
    ],
    [
      "x --private-key=-----BEGIN RSA PRIVATE KEY-----\nMIIEabc\nQWERTY\n-----END RSA PRIVATE KEY----- y",
      `x --private-key=${R} y`,
    ],
    [
      "x ssh_private_key => -----BEGIN RSA PRIVATE KEY-----\nMIIEabc\nQWERTY\n-----END RSA PRIVATE KEY----- y",
      `x ssh_private_key => ${R} y`,
    ],
    [
      'x "secret": -----BEGIN RSA PRIVATE KEY-----\nMIIEabc\nQWERTY\n-----END RSA PRIVATE KEY----- y',
      `x "secret": ${R} y`,
    ],
    [
      "x (private_key=-----BEGIN RSA PRIVATE KEY-----\nMIIEabc\nQWERTY\n-----END RSA PRIVATE KEY----- y",
      `x (private_key=${R} y`,
    ],
    [
      "x secret=-----BEGIN RSA PRIVATE KEY-----\\nMIIEabc\\nQWERTY\\n-----END RSA PRIVATE KEY----- y",
      `x secret=${R} y`,
    ],
    [
      "x secret=-----BEGIN RSA PRIVATE KEY----- MIIEabc QWERTY -----END RSA PRIVATE KEY----- y",
      `x secret=${R} y`,
    ],
    ["secret=-----BEGIN PRIVATE KEY-----\nMIIEcut off", `secret=${R}`],
  ],
  "a number in groups goes with its first group": [
    ["SSN: 123 45 6789 x", `SSN: ${R} x`],
    ["ssn=123 45 6789 x", `ssn=${R} x`],
    ["customer_ssn: 123 45 6789", `customer_ssn: ${R}`],
    ["card token: 4111 1111 1111 1111 x", `card token: ${R} x`],
    ["password=4111 1111 1111 1111", `password=${R}`],
    ["cvv: 4111 1111 1111 1111", `cvv: ${R}`],
    ["authorization: basic 4111 1111 1111 1111", `authorization: ${R}`],
    ["JSESSIONID=abc.4111 1111 1111 1111", `JSESSIONID=${R}`],
    ["token: DE89 3704 0044 0532 0130 00 x", `token: ${R} x`],
  ],
  "an address or a key behind a name goes whole": [
    ['token: "jane doe"@example.com', `token: ${R}`],
    ['auth=password="hunter two" x', `auth=${R}"${R}" x`],
    ["X-Secret=PGPASSWORD=changed horse battery staple; x", `X-Secret=${R}; x`],
    ['token=secret={"a":"b c"} x', `token=${R} x`],
  ],
  "a sign at the end of a value does not make its quote another's": [
    ['"authorization": "Digest username=\\"bob\\", response=\\"6629fae4\\"" x', `"authorization": "${R}" x`],
    ['"password": "hunter\\"", "user": "bob" x', `"password": "${R}", "user": "bob" x`],
    ['{"cookie":"session=","user":"bob"} x', `{"cookie":"${R}","user":"bob"} x`],
    ['got {"token":"abcpassword=","user":"bob"} back', `got {"token":"${R}","user":"bob"} back`],
  ],
  "curl's user is looked at as its password is": [
    ["curl -u jane.doe@example.com:hunter2 https://x", `curl -u ${R}:${R} https://x`],
    ["curl -u sk_live_4eC39HqLyjWDarjtT1zdp7dc:x https://x", `curl -u ${R}:${R} https://x`],
    ["curl -u 4111111111111111:hunter2 x", `curl -u ${R}:${R} x`],
    ["curl --user DE89370400440532013000:hunter2 x", `curl --user ${R}:${R} x`],
  ],
  "cookies in quotes end none of the others": [
    ['Set-Cookie: user_session="9f8e7d6c5b4a3928"; Path=/', `Set-Cookie: ${R}`],
    ['Cookie: theme=dark; session="Zk3abcDEF456"; csrftoken=abc and more', `Cookie: ${R} and more`],
    ['Cookie: foo="bar"; sid=298zf09hf012fh2; remember=eW91', `Cookie: ${R}`],
    ['got {"h":"Cookie: a=","b":"c"} x', `got {"h":"Cookie: ${R}","b":"c"} x`],
  ],
};

testCases(CASES);
