import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { test } from "node:test";

const folder = new URL("../wasm/", import.meta.url);
const bytes = readFileSync(new URL("rego.wasm", folder));

/** The types of Node do not have it. */
declare const WebAssembly: {
  readonly Module: {
    new (code: Uint8Array): object;
    imports(module: object): readonly object[];
    exports(module: object): readonly { readonly name: string; readonly kind: string }[];
  };
};

test("the committed module is the one whose checksum was committed with it", () => {
  const said = readFileSync(new URL("rego.wasm.sha256", folder), "utf8");
  assert.equal(said, `${createHash("sha256").update(bytes).digest("hex")}  rego.wasm\n`);
});

test("the module imports nothing: no clock, no randomness, no network, no file", () => {
  assert.deepEqual(WebAssembly.Module.imports(new WebAssembly.Module(bytes)), []);
});

test("the module exports its calls, its memory and where its stack ends", () => {
  const exported = WebAssembly.Module.exports(new WebAssembly.Module(bytes));
  const functions = exported.filter(({ kind }) => kind === "function").map(({ name }) => name);
  assert.deepEqual(functions.sort(), [
    "add_data",
    "add_module",
    "answer_len",
    "answer_ptr",
    "clear_clock",
    "configure",
    "evaluate",
    "memory_exhausted",
    "memory_used",
    "prepare",
    "query",
    "reserve",
    "set_clock",
    "syntax_tree",
  ]);
  assert.ok(exported.some(({ name, kind }) => name === "memory" && kind === "memory"));
  assert.ok(exported.some(({ name, kind }) => name === "__stack_pointer" && kind === "global"));
});

test("no path of the machine that built the module is in it", () => {
  const text = bytes.toString("latin1");
  assert.doesNotMatch(text, /\/(home|root|Users|tmp|usr)\/[a-z]/);
});

test("the licence of each crate in the module is beside it", () => {
  const licences = readFileSync(new URL("LICENSES.txt", folder), "utf8");
  const lock = readFileSync(new URL("../crate/Cargo.lock", import.meta.url), "utf8");
  for (const crate of ["regorus", "regex", "chrono-tz", "serde_json"]) {
    const version = new RegExp(`name = "${crate}"\nversion = "(.+)"`).exec(lock)?.[1] ?? "";
    assert.ok(licences.includes(`  ${crate} v${version}: `), crate);
  }
});
