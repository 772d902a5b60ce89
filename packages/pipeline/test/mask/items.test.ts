import assert from "node:assert/strict";
import { test } from "node:test";
import { KeyValues } from "../../src/log-event.ts";
import { createMasker } from "../../src/mask/index.ts";
import { type Cases, gone, kept, testCases } from "./cases.ts";

const VALUE = "my s3cret word";

const CASES: Cases = {
  "an item of a list is all of the value that it begins": gone(
    VALUE,
    '"Env": [\n    "POSTGRES_PASSWORD=§",\n    "ZONE=eu"\n],',
    '{"Env":["POSTGRES_PASSWORD=§","ZONE=eu"]}',
    '["docker", "run", "--env=DB_PASSWORD=§", "x"]',
    "['POSTGRES_PASSWORD=§', 'ZONE=eu']",
    'Env:[]string{"db_password=§", "ZONE=eu"}',
    '["ZONE=eu" "POSTGRES_PASSWORD=§"]',
    'Cmd: []string{"--password=§"}}',
    '(string) (len=34) "POSTGRES_PASSWORD=§",\n',
    '[0]=>\n  string(34) "POSTGRES_PASSWORD=§"\n',
  ),
  "so is a word of a shell": gone(
    VALUE,
    "+ kubectl run x '--env=DB_PASSWORD=§' --restart=Never",
    'kubectl create secret generic x "--from-literal=password=§" --dry-run',
  ),
  "one with another name in it is not": gone(
    "abc123",
    '["session=§; Path=/; HttpOnly"]',
    '{"logs": ["token=§ zone=eu"]}',
  ),
  "nor is a text that is no item": gone("x9", '{"message":"token=§ is wrong"}', '"token=§ is wrong"'),
  "one without a secret's name stays": kept('{"Env":["MOTD=my s3cret word"]}', '["DB_PASSWORD=null"]'),
};

testCases(CASES);

test("an item of a list that is none of a text is all of the value that it begins", () => {
  const masker = createMasker();
  const list = ["mysql", `--password=${VALUE}`, "-h"];
  const masked = ["mysql", "--password=[REDACTED]", "-h"];
  assert.deepEqual(masker.maskValue({ args: list, set: new Set(list) }), {
    args: masked,
    set: new Set(masked),
  });
  assert.deepEqual(masker.maskValue(argumentsOf(list)), argumentsOf(masked));
});

function argumentsOf(list: readonly string[]): KeyValues {
  const attributes = new KeyValues();
  attributes.add("process.command_args", list);
  return attributes;
}
