import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { createDirectory } from "../config/load.ts";
import { BIN, run } from "./process.ts";

test("--version prints the version of the package", async (t) => {
  const manifest: unknown = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
  const { code, stdout } = await run(t, ["--version"], { cwd: createDirectory(t) });
  assert.deepEqual([code, stdout.trim()], [0, Reflect.get(Object(manifest), "version")]);
});

test("--help names each command and each exit code, and loads nothing that is heavy", async (t) => {
  const cwd = createDirectory(t);
  const { code, stdout } = await run(t, ["--help"], { cwd, environment: { NODE_DEBUG: "" } });
  assert.equal(code, 0);
  for (const word of ["run", "validate", "tap", "send", "config", "status", "reload", "healthcheck", "78"]) {
    assert.match(stdout, new RegExp(`\\b${word}\\b`));
  }
  const loaded = listLoaded(cwd, "--help");
  assert.match(loaded, /commander/);
  assert.doesNotMatch(loaded, /zod|yaml|pino|undici|opentelemetry|packages\/(?:pipeline|cloudevents)/);
});

test("a command that reads the configuration alone loads nothing that stores, delivers or decides", (t) => {
  const cwd = createDirectory(t);
  for (const args of [["validate"], ["config", "print"]]) {
    const loaded = listLoaded(cwd, ...args);
    assert.match(loaded, /zod/);
    assert.doesNotMatch(
      loaded,
      /undici|platformatic|bufbuild|pino|regorus|pipeline\/(?:src|dist)\/(?:index|queue)/,
    );
  }
});

function listLoaded(cwd: string, ...args: readonly string[]): string {
  return execFileSync(process.execPath, ["--input-type=module", "--eval", LIST_LOADED, BIN, ...args], {
    cwd,
    encoding: "utf8",
    env: { PATH: process.env["PATH"] ?? "", HOME: cwd, XDG_CONFIG_HOME: cwd },
  });
}

test("help is a command too, of the program and of each command", async (t) => {
  const cwd = createDirectory(t);
  for (const [args, same] of [
    [["help"], ["--help"]],
    [
      ["help", "tap"],
      ["tap", "--help"],
    ],
  ] as const) {
    const [asked, flagged] = await Promise.all([run(t, args, { cwd }), run(t, same, { cwd })]);
    assert.deepEqual(asked, flagged);
    assert.equal(asked.code, 0);
    assert.match(asked.stdout, /^Usage: coresdk-sidecar/);
  }
});

/** Runs the bin with the arguments in this process, and prints what was loaded for it. */
const LIST_LOADED = `
  import { registerHooks } from "node:module";
  const urls = [];
  registerHooks({ load: (url, context, next) => { urls.push(url); return next(url, context); } });
  const [, bin, ...args] = process.argv;
  process.argv = [process.execPath, bin, ...args];
  const write = process.stdout.write;
  process.stdout.write = () => true;
  await import("file://" + bin);
  process.on("exit", () => write.call(process.stdout, urls.join("\\n") + "\\n"));
`;

test("a wrong command line ends with 2 and says what was meant", async (t) => {
  const cwd = createDirectory(t);
  const cases: readonly [args: string[], message: RegExp][] = [
    [["tapp"], /unknown command "tapp"; did you mean "tap"\?/],
    [["run", "validate"], /^error: "validate" is a command of its own: it stands without run$/m],
    [["xyzzy"], /unknown command "xyzzy"; there are run, validate, tap/],
    [["--htp", "x"], /unknown option '--htp'[\s\S]*--http/],
    [["--batch-size", "many"], /^--batch-size: cloud_events\.http\.batch_size must be a whole number/],
    [["tap", "--limit", "0"], /--limit must be a whole number above 0/],
    [["tap", "--filter", "Type"], /attribute=pattern/],
    [["send"], /nowhere to send to/],
    [["send", "ftp://x"], /the URL must be an http/],
    [["send", "--kafka", "a:1"], /--kafka needs --topic/],
    [["send", "http://x", "--type", ""], /type/],
    [["send", "http://x", "--data", "{"], /--data is not JSON/],
    [["send", "http://x", "--header", "content-type: x"], /^error: --header: content-type is made for each/],
    [["send", "http://x", "--header", "content-length: 5", "--dry-run"], /content-length is made for each/],
    [["send", "http://x", "--header", "ce-id: 5"], /ce-id is made for each/],
    [["send", "http://x", "--extension", "data=1"], /--extension: data is no extension; use --data/],
    [["send", "http://x", "--extension", "type=evil"], /--extension: type is no extension; use --type/],
    [
      ["send", "http://x", "--extension", "dataschema=x"],
      /--extension: dataschema is no extension; use --dataschema/,
    ],
    [["send", "http://x", "--extension", "id=1"], /--extension: id is no extension; use --id/],
    [["send", "http://x", "--extension", "Bad-Name=1"], /--extension: "Bad-Name" must be an attribute name/],
    [
      ["tap", "more", "and-more"],
      /^error: too many arguments for 'tap'\. Expected 0 arguments but got 2\.?$/m,
    ],
    [["config", "prnt"], /^error: unknown command "prnt"\n\(Did you mean print\?\)/],
    [["policy", "test"], /missing required argument 'dir'/],
    [["--http"], /option '--http <url>' argument missing/],
    [["policy", "test", ".", "--expect", "allow", "--expect", "deny"], /--expect was given before/],
  ];
  const ran = await Promise.all(cases.map(([args]) => run(t, args, { cwd })));
  for (const [i, { code, stderr }] of ran.entries()) {
    const [args, message] = cases[i] ?? [];
    assert.equal(code, 2, `${args?.join(" ")}: ${stderr}`);
    assert.match(stderr, message ?? /^$/);
    assert.doesNotMatch(stderr, /\n +at /);
  }
});

test("a wrong command line is not repeated where it may hold a secret", async (t) => {
  const cwd = createDirectory(t);
  const secret = "c4n4ry";
  const cases: readonly [args: string[], message: RegExp][] = [
    [
      [`https://user:${secret}@h/`],
      /unknown command \(a URL of 22 characters\); there are run, .*; a URL is given with/,
    ],
    [[secret], /unknown command \(text of 6 characters\); there are run/],
    [["config", secret], /unknown command \(text of 6 characters\)/],
    [["help", secret], /^/],
    [[`--token=${secret}`], /unknown option '--token'/],
    [[`--${secret}`], /unknown option \(text of 8 characters\)/],
    [[`-p${secret}`], /unknown option \(text of 8 characters\)/],
    [[`--dry-run=${secret}`], /unknown option '--dry-run'/],
    [
      ["tap", `https://user:${secret}@h/`, "x: y"],
      /too many arguments for 'tap'\. Expected 0 arguments but got 2/,
    ],
    [["tap", "--limit", secret], /--limit must be/],
    [["tap", "--filter", secret], /--filter: a filter is attribute=pattern/],
    [["tap", "--filter", `Type=${secret}`], /--filter: a filter is attribute=pattern/],
    [["tap", "--stage", secret], /--stage: must be one of/],
    [["send", `ftp://u:${secret}@h`], /the URL must be/],
    [["send", `http://u:${secret}@h`], /must not hold a user or password/],
    [["send", "http://x", "--header", secret], /--header must be/],
    [["send", "http://x", "--header", `ce-${secret}: x`], /--header: ce-\*\*\* is made for each request/],
    [["send", "http://x", "--extension", `${secret}_=1`], /--extension: \(text of 7 characters\) must be/],
    [["send", "http://x", "--time", secret], /time/],
    [["send", "http://x", "--source", `http://u:${secret}@h/ x`], /source/],
    [["send", "http://x", "--data", `{"token":"${secret}" `], /--data is not JSON/],
    [["--batch-size", secret], /^--batch-size: /],
    [["--log-level", secret], /^--log-level: /],
    [["--otlp-http", `u:${secret}@h:1`], /^--otlp-http: /],
    [["--config", `https://u:${secret}@h/`], /--config: there is no file/],
  ];
  for (const [args, message] of cases) {
    const { code, stdout, stderr } = await run(t, args, { cwd });
    assert.doesNotMatch(stdout + stderr, /c4n4ry/, args.join(" "));
    assert.match(stderr, message, args.join(" "));
    assert.ok(code === 2 || code === 78 || args[0] === "help", `${args.join(" ")}: ${code}`);
  }
});

test("a dry run hides a token in the path of a configured endpoint, and repeats what was typed", async (t) => {
  const cwd = createDirectory(t);
  const url = "https://hooks.example/services/T01ABCDEF/c4n4ry-5ecret?key=c4n4ry-5ecret";
  writeFileSync(join(cwd, "coresdk-sidecar.yaml"), `cloud_events: { http: { endpoint: "${url}" } }\n`);
  const configured = await run(t, ["send", "--dry-run"], { cwd });
  assert.match(
    configured.stdout,
    /^POST \/services\/\*\*\*\/\*\*\*\?\*\*\* HTTP\/1\.1\nhost: hooks\.example\n/,
  );
  const typed = await run(t, ["send", url, "--dry-run"], { cwd });
  assert.match(typed.stdout, /^POST \/services\/T01ABCDEF\/c4n4ry-5ecret\?key=c4n4ry-5ecret HTTP/);
});

test("a bad configuration ends with 78, whatever command reads it", async (t) => {
  const cwd = createDirectory(t);
  writeFileSync(join(cwd, "coresdk-sidecar.yaml"), "tenat: x\n");
  for (const args of [["validate"], [], ["config", "print"]]) {
    const { code, stdout, stderr } = await run(t, args, { cwd });
    assert.equal(code, 78);
    assert.equal(stdout, "");
    assert.match(stderr, /^coresdk-sidecar\.yaml:1:1: unknown key "tenat"; did you mean "tenant"\?/);
  }
});

test("validate says that a good configuration is good, and what is odd about it", async (t) => {
  const cwd = createDirectory(t);
  writeFileSync(
    join(cwd, "mine.yaml"),
    "cloud_events: { http: { endpoint: 'https://e/in?code=s3cret' } }\npolicy: { dir: . }\n",
  );
  const { code, stdout, stderr } = await run(t, ["validate", "--config", "mine.yaml"], { cwd });
  assert.deepEqual([code, stdout], [0, "mine.yaml: ok; events go to https://e/in?*** (HTTP, structured)\n"]);
  assert.match(stderr, /^warning: policy\.dir has no effect/);
});

test("config print gives YAML that is a valid configuration again", async (t) => {
  const cwd = createDirectory(t);
  const args = ["config", "print", "--http", "https://e/in", "--source", "/o", "--batch-size", "7"];
  const environment = { CORESDK_HTTP_HEADERS: "Authorization=Bearer c4n4ry" };
  const printed = await run(t, args, { cwd, environment });
  assert.equal(printed.code, 0, printed.stderr);
  assert.doesNotMatch(printed.stdout, /c4n4ry/);
  assert.match(printed.stdout, /batch_size: 7\n/);
  writeFileSync(join(cwd, "again.yaml"), printed.stdout);
  const again = await run(t, ["config", "print", "--config", "again.yaml"], { cwd });
  assert.deepEqual(
    [again.code, again.stdout.replace(/^#.*\n/, "")],
    [0, printed.stdout.replace(/^#.*\n/, "")],
    again.stderr,
  );
});

test("config schema prints a JSON Schema", async (t) => {
  const { code, stdout } = await run(t, ["config", "schema"], { cwd: createDirectory(t) });
  assert.equal(code, 0);
  const schema: unknown = JSON.parse(stdout);
  assert.equal(Reflect.get(Object(schema), "$schema"), "http://json-schema.org/draft-07/schema#");
});

test("a command to the running sidecar says where it looked when there is none", async (t) => {
  const cwd = createDirectory(t);
  for (const command of ["tap", "status", "reload", "healthcheck"]) {
    const { code, stderr } = await run(t, [command], { cwd });
    assert.equal(code, 1);
    assert.match(
      stderr,
      /^error: queue directory .*coresdk-data: no sidecar is running there; .* --data-dir\n$/,
    );
  }
});

/** A Node that is too old, where this machine has one. */
function findOldNode(): { readonly node: string; readonly version: string } | undefined {
  for (const node of ["/usr/bin/node", "/usr/local/bin/node"]) {
    try {
      const version = execFileSync(node, ["--version"], { encoding: "utf8" }).trim().slice(1);
      const [major = 0, minor = 0] = version.split(".").map(Number);
      if (major < 24 || (major === 24 && minor < 6)) return { node, version };
    } catch {
      // Not there.
    }
  }
  return undefined;
}

const old = findOldNode();

test("a Node that is too old is refused by name before anything is loaded", {
  skip: old === undefined ? "no Node before 24.6 on this machine" : false,
}, async (t) => {
  if (old === undefined) return;
  const { code, stdout, stderr } = await run(t, ["--version"], { cwd: createDirectory(t), node: old.node });
  assert.deepEqual([code, stdout], [1, ""]);
  assert.match(
    stderr,
    new RegExp(`^coresdk-sidecar needs Node\\.js 24\\.6 or newer; this is ${old.version}\\.`),
  );
});

test("a Node that says it is older is refused too", (t) => {
  for (const version of ["14.21.3", "22.22.0", "24.5.9"]) {
    const script = `Object.defineProperty(process, "versions", { value: { node: "${version}" } }); await import("file://" + process.argv[1]);`;
    assert.throws(
      () =>
        execFileSync(process.execPath, ["--input-type=module", "--eval", script, BIN], {
          cwd: createDirectory(t),
          encoding: "utf8",
          stdio: "pipe",
        }),
      (error: unknown) => String(Reflect.get(Object(error), "stderr")).includes(`this is ${version}.`),
    );
  }
});

test("the first file parses on Node 14: no syntax after ES2020, no static import", () => {
  const text = readFileSync(BIN, "utf8");
  assert.doesNotMatch(text, /^\s*(?:import|export)\s+[^(]/m);
  assert.doesNotMatch(text, /\?\?=|\|\|=|&&=|\.at\(|static \{|#\w+ in |^\s*await /m);
});
