import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, test } from "node:test";
import { readPolicyDirectory } from "../src/directory.ts";
import { createEngine } from "../src/engine.ts";

let dir = "";
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "coresdk-rego-"));
});
afterEach(() => rmSync(dir, { recursive: true }));

function write(file: string, text: string | Uint8Array): void {
  mkdirSync(dirname(join(dir, file)), { recursive: true });
  writeFileSync(join(dir, file), text);
}

test("modules and documents are found in all folders, documents at their folder's path", async () => {
  write("b.rego", "package b\nx := data.limits.per-1\n".replace(".per-1", '["per-1"].n'));
  write("a/b/a.rego", "package a");
  write("data.json", '{"top": true}');
  write("limits/per-1/data.json", '{"n": 3}');
  write("limits/other.json", "{}");
  write("README.md", "no policy");
  const policies = await readPolicyDirectory(dir);
  assert.deepEqual(
    policies.modules.map(({ file }) => file),
    ["a/b/a.rego", "b.rego"],
  );
  assert.deepEqual(
    policies.documents?.map(({ file, path }) => [file, path]),
    [
      ["data.json", []],
      ["limits/per-1/data.json", ["limits", "per-1"]],
    ],
  );
  assert.deepEqual(createEngine(policies).evaluate("data.b.x", undefined), { kind: "value", value: 3 });
});

test("an empty folder is an empty set, a missing one an error", async () => {
  assert.deepEqual(await readPolicyDirectory(dir), { modules: [], documents: [] });
  await assert.rejects(readPolicyDirectory(join(dir, "none")), { name: "RegoError", code: "directory" });
});

test("a Kubernetes volume is read once, before and after its link is swapped", async () => {
  write("..2026_01/a.rego", "package a\nx := 1");
  write("..2026_01/sub/data.json", '{"v": 1}');
  symlinkSync("..2026_01", join(dir, "..data"));
  symlinkSync("..data/a.rego", join(dir, "a.rego"));
  symlinkSync("..data/sub", join(dir, "sub"));
  const before = await readPolicyDirectory(dir);
  assert.deepEqual(
    [...before.modules, ...(before.documents ?? [])].map(({ file }) => file),
    ["a.rego", "sub/data.json"],
  );
  write("..2026_02/a.rego", "package a\nx := 2");
  write("..2026_02/sub/data.json", '{"v": 2}');
  symlinkSync("..2026_02", join(dir, "..data_tmp"));
  renameSync(join(dir, "..data_tmp"), join(dir, "..data"));
  const after = createEngine(await readPolicyDirectory(dir));
  assert.deepEqual(after.evaluate("data.a.x", undefined), { kind: "value", value: 2 });
  assert.deepEqual(after.evaluate("data.sub.v", undefined), { kind: "value", value: 2 });
});

test("the folder itself can be a link", async () => {
  write("real/a.rego", "package a");
  symlinkSync("real", join(dir, "link"));
  assert.equal((await readPolicyDirectory(join(dir, "link"))).modules.length, 1);
});

test("a file that is linked twice is read once, a link to a folder around it ends", async () => {
  write("sub/a.rego", "package a");
  symlinkSync("sub/a.rego", join(dir, "b.rego"));
  symlinkSync("..", join(dir, "sub", "up"));
  assert.equal((await readPolicyDirectory(dir)).modules.length, 1);
});

test("files that are no policies are not looked at, whatever they are", async () => {
  write("a.rego", "package a");
  symlinkSync("gone", join(dir, "README.md"));
  symlinkSync("/dev/null", join(dir, "null"));
  symlinkSync("../outside.txt", join(dir, "notes.txt"));
  symlinkSync("loop", join(dir, "loop"));
  spawnSync("mkfifo", [join(dir, "pipe")]);
  assert.equal((await readPolicyDirectory(dir)).modules.length, 1);
});

describe("refused", () => {
  test("a link to a place outside", async () => {
    write("inside/a.rego", "package a");
    write("outside.rego", "package b");
    symlinkSync("../outside.rego", join(dir, "inside", "b.rego"));
    await assert.rejects(readPolicyDirectory(join(dir, "inside")), {
      code: "directory",
      message: /^b\.rego is a link/,
    });
  });

  test("a link to nowhere", async () => {
    symlinkSync("gone.rego", join(dir, "a.rego"));
    await assert.rejects(readPolicyDirectory(dir), { code: "directory", message: /^a\.rego cannot be read/ });
  });

  test("data in YAML, which OPA would read: a list of what is denied would be empty", async () => {
    for (const name of ["data.yaml", "data.yml"]) {
      write(`lists/${name}`, "denied: [a]");
      await assert.rejects(readPolicyDirectory(dir), {
        code: "directory",
        message: `lists/${name} is not read: write it as data.json`,
      });
      rmSync(join(dir, "lists", name));
    }
  });

  test("text that is not UTF-8", async () => {
    write("a.rego", Uint8Array.of(0x70, 0xff));
    await assert.rejects(readPolicyDirectory(dir), { code: "directory", message: /^a\.rego/ });
  });

  for (const name of ["a.rego", "data.json"]) {
    test(`a pipe, instead of waiting for ever: ${name}`, async (t) => {
      if (spawnSync("mkfifo", [join(dir, name)]).status !== 0) {
        t.skip("needs mkfifo");
        return;
      }
      await assert.rejects(readPolicyDirectory(dir), { code: "directory", message: /no regular file/ });
    });
  }

  test("a file without an end, and a folder that is linked from outside", async () => {
    symlinkSync("/dev/zero", join(dir, "a.rego"));
    await assert.rejects(readPolicyDirectory(dir), { code: "directory", message: /outside the folder/ });
    rmSync(join(dir, "a.rego"));
    symlinkSync("/", join(dir, "root"));
    await assert.rejects(readPolicyDirectory(dir), { code: "directory", message: /^root is a link/ });
  });

  test("too many, too large, too deep", async () => {
    write("a.rego", "package a");
    write("b.rego", "package b");
    write("data.json", "{}");
    await assert.rejects(readPolicyDirectory(dir, { maxModules: 1 }), { code: "limit" });
    await assert.rejects(readPolicyDirectory(dir, { maxModuleBytes: 10 }), { code: "limit" });
    await assert.rejects(readPolicyDirectory(dir, { maxDocumentBytes: 1 }), { code: "limit" });
    write(`${"d/".repeat(40)}a.rego`, "package a");
    await assert.rejects(readPolicyDirectory(dir), { code: "limit" });
  });
});
