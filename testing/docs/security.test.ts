/** SECURITY.md names tests; each of them is there, so that a claim cannot outlive what shows it. */
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { repositoryRoot } from "../components.ts";

const text = readFileSync(join(repositoryRoot, "SECURITY.md"), "utf8");
const scripts: Readonly<Record<string, string>> = JSON.parse(
  readFileSync(join(repositoryRoot, "package.json"), "utf8"),
).scripts;

/** `path`: "name", "name" */
const named = [...text.matchAll(/`([\w./-]+\.test\.ts)`:\s+("[^"]+"(?:, "[^"]+")*)/g)].map(
  ([, file = "", names = ""]) => ({
    file,
    names: [...names.matchAll(/"([^"]+)"/g)].map(([, name = ""]) => name),
  }),
);

test("every line of its tables says which test shows it", () => {
  const rows = text.split("\n").filter((line) => line.startsWith("| ") && line.split(" | ").length === 3);
  const claims = rows.filter((row) => !row.startsWith("| threat |"));
  assert.ok(claims.length > 20);
  for (const row of claims) assert.match(row, /`[\w./-]+\.test\.ts`: "/, row);
});

test("every test that it names is there, and every test file is named with a test", () => {
  const files = text.match(/`[\w./-]+\.test\.ts`/g) ?? [];
  assert.equal(named.length, files.length);
  for (const { file, names } of named) {
    const path = join(repositoryRoot, file);
    assert.ok(existsSync(path), file);
    const source = readFileSync(path, "utf8");
    // A name made for each case of a table begins with the words that all of them share; a group is named by its own.
    const written = [...source.matchAll(/\b(?:test|it|describe)\(\s*["`]([^"`$]+)/g)].map(
      ([, name = ""]) => name,
    );
    for (const name of names) {
      const found = written.some((it) => it.startsWith(name));
      assert.ok(found, `${file}: "${name}"`);
    }
  }
});

test("every npm script that it names is there", () => {
  for (const [, script = ""] of text.matchAll(/npm run ([\w:-]+)/g)) assert.ok(script in scripts, script);
});
