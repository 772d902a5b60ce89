import { type Cases, gone, testCases } from "./cases.ts";

const CASES: Cases = {
  "a value with a quote of its own goes whole, as shells write it": [
    ...gone(
      "it'\\''s hunter2",
      "+ PASSWORD='§'",
      "+ curl -u 'bob:§' http://127.0.0.1:1/",
      "+ mysql '--password=§'",
    ),
    ...gone(`it'"'"'s hunter2`, "mysql --password='§'"),
    ...gone(
      `hun'"'"'"'"'"'"'"'"'t ter2x`,
      `<localhost> EXEC /bin/sh -c 'DB_PASSWORD='"'"'§'"'"' /usr/bin/python3 x'`,
    ),
    ...gone('hun\\"ter2', 'curl -u "bob:§" https://x'),
  ],
  "a text that is quoted again, as for another machine, has its quotes quoted again": [
    ...gone(
      "my hunter2 word!",
      `EXEC ssh x '/bin/sh -c '"'"'DB_PASSWORD='"'"'"'"'"'"'"'"'§'"'"'"'"'"'"'"'"' ZONE=eu /home/x'"'"''`,
      `EXEC ssh x '/bin/sh -c '"'"'curl -u '"'"'"'"'"'"'"'"'bob:§'"'"'"'"'"'"'"'"' http://h/'"'"''`,
      `EXEC ssh x '/bin/sh -c '"'"'mysql '"'"'"'"'"'"'"'"'--password=§'"'"'"'"'"'"'"'"' -h h'"'"''`,
      "ssh x 'sh -c '\\''DB_PASSWORD='\\''\\'\\'''\\''§'\\''\\'\\'''\\'' run'\\'''",
    ),
    ...gone(
      `it'"'"'"'"'"'"'"'"'"'"'"'"'"'"'"'"'"'"'"'"'"'"'"'"'"'"'s hunter2`,
      `EXEC ssh x '/bin/sh -c '"'"'DB_PASSWORD='"'"'"'"'"'"'"'"'§'"'"'"'"'"'"'"'"' ZONE=eu /home/x'"'"''`,
    ),
  ],
  "a space behind a backslash belongs to the value": gone("hun\\ ter2x", "PASSWORD=§", "export PASSWORD=§"),
  "a quote in front of the name ends the value": [
    ...gone(
      "my s3cret word",
      "+ export 'DB_PASSWORD=§'",
      'docker run -e "POSTGRES_PASSWORD=§" postgres',
      "mysql '--password=§' -h x",
    ),
    ...gone("hunter2", "openssl pkcs12 -export -in a -passout 'pass:§'"),
    ...gone("line1x9\nline2x9", "+ curl -u 'bob:§' http://h/", "docker run -e 'X_PASSWORD=§' img"),
  ],
  "a word that was cut off ends with its line": [
    ["+ curl -u 'bob:hunter2\nit isn't 'so' x", "+ curl -u 'bob:[REDACTED]\nit isn't 'so' x"],
  ],
};

testCases(CASES);
