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
};

/** Where a secret stands as it is written there. */
export const WRITTEN_PLACEMENTS: Readonly<Record<string, (secret: string) => Source>> = Object.fromEntries(
  Object.entries(FORMS).map(([name, write]) => [name, (secret: string) => note(write(secret), ["tango"])]),
);
