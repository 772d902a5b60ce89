import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { formatIssues } from "../../src/config/issue.ts";
import { mergeConfig } from "../../src/config/merge.ts";
import { readYaml } from "../../src/config/read-yaml.ts";
import { createResolution } from "../../src/config/resolution.ts";
import { resolveConfig } from "../../src/config/resolve.ts";
import { createSource } from "../../src/config/source.ts";
import { validateConfig } from "../../src/config/validate.ts";
import { createDirectory, loadError } from "./load.ts";

function issuesOf(text: string): readonly string[] {
  return readYaml(createSource("x.yaml", text), {}).issues.map(({ message }) => message);
}

test("a file larger than any configuration is refused unread", () => {
  assert.deepEqual(issuesOf(`# ${"x".repeat(256 * 1024)}`), ["the file is larger than 256 KiB"]);
});

test("aliases that multiply are counted each time, and end", () => {
  const lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"];
  for (let i = 1; i < 12; i++)
    lines.push(
      `a${i}: &a${i} [${Array(10)
        .fill(`*a${i - 1}`)
        .join(", ")}]`,
    );
  assert.deepEqual(issuesOf(lines.join("\n")), ["more than 10000 values, aliases included"]);
});

test("an alias of what it is in ends", () => {
  assert.notDeepEqual(issuesOf("a: &a [*a]\n"), []);
});

test("depth is bounded, whether the parser or the walk meets it", () => {
  for (const depth of [30, 1_000, 100_000]) {
    const issues = issuesOf(`a: ${"[".repeat(depth)}${"]".repeat(depth)}`);
    assert.equal(issues.length, 1, String(depth));
    assert.match(issues[0] ?? "", /nested/);
  }
});

test("a key that stands twice is refused at its second place", (t) => {
  const twice = loadError(t, "tenant: a\nqueue: {}\ntenant: b\n");
  assert.match(twice, /:3:1: a key "tenant" stands here twice\n {2}3 \| tenant: \*\*\*$/m);
  assert.doesNotMatch(loadError(t, "tenant: { hunter2: a, hunter2: b }\n"), /hunter2/);
});

test("keys of the language are data, and unknown ones", (t) => {
  for (const key of ["__proto__", "constructor", "prototype", "toString", "hasOwnProperty"]) {
    const unknown = key === "__proto__" ? /unknown key "__proto__"/ : /unknown key of \d+ characters/;
    assert.match(loadError(t, `${key}: { tenant: x }\n`), unknown, key);
    assert.match(loadError(t, `queue: { ${key}: x }\n`), unknown, key);
  }
  assert.equal(Reflect.get({}, "tenant"), undefined);
});

test("merge keys, several documents and keys that are no text are refused", (t) => {
  assert.match(loadError(t, "<<: { tenant: a }\n"), /unknown key "<<": merge keys are not read/);
  assert.match(
    loadError(t, "tenant: a\n---\ntenant: b\n"),
    /^coresdk-sidecar\.yaml:2:1: .* one YAML document; here begins another/,
  );
  assert.match(loadError(t, "? [a]\n: b\n"), /a key must be plain text/);
});

test("what moves a terminal's cursor is not shown as it is", (t) => {
  const message = loadError(t, 'tenant: 7 # \u009b2J\nquux: "\\e[2J"\n');
  assert.doesNotMatch(message.replaceAll("\n", ""), /\p{Cc}/u);
});

test("no text makes reading throw or run on", () => {
  const fragments = fc.constantFrom(
    "tenant",
    ":",
    " ",
    "\n",
    "\t",
    "- ",
    "[",
    "]",
    "{",
    "}",
    ",",
    "&a ",
    "*a",
    "!!map ",
    "|\n",
    ">-\n",
    "'",
    '"',
    "#",
    "? ",
    "---\n",
    "...\n",
    "%YAML 1.2\n",
    "${",
    "}",
    "$$",
    "<<",
    "\u0000",
    "é",
    "0x1f",
    "1e400",
    "~",
  );
  fc.assert(
    fc.property(fc.array(fragments, { maxLength: 40 }), (parts) => {
      readYaml(createSource("x.yaml", parts.join("")), {});
    }),
    { numRuns: 500 },
  );
});

test("whatever surrounds a secret, no message and no line that is shown repeats it", () => {
  const secret = "Zq7xW9";
  const keys = [
    "tenant",
    "receivers",
    "otlp",
    "http",
    "auth",
    "bearer",
    "cloud_events",
    "headers",
    "masking",
  ];
  const parts = fc.constantFrom(
    ...[
      secret,
      secret,
      ` ${secret}`,
      `Bearer ${secret}`,
      `\${${secret}}`,
      `https://u:${secret}@h`,
      `%${secret}`,
    ],
    ...[
      ": ",
      ":",
      ", ",
      " ",
      "\n",
      "\n  ",
      "\n    ",
      "\t",
      "- ",
      "[",
      "]",
      "{",
      "}",
      "&a ",
      "*",
      "!",
      "|",
      ">-\n",
      "'",
    ],
    ...[
      '"',
      "#",
      " # ",
      "? ",
      "---\n",
      "...\n",
      "\\",
      "@",
      "`",
      "\r",
      "\u001f",
      "\u0002",
      "\ufeff",
      "7",
      "true",
    ],
    ...keys.map((key) => `${key}: `),
    ...keys.map((key) => `\n${key}: { `),
  );
  fc.assert(
    fc.property(fc.array(parts, { minLength: 1, maxLength: 30 }), (all) => {
      const file = { name: "x.yaml", path: "/x.yaml", text: all.join("") };
      const merged = mergeConfig({ file, environment: {}, flags: {}, cwd: "/" });
      const validated = validateConfig(merged);
      const issues = merged.issues.map(({ issue }) => issue);
      if (!validated.ok) issues.push(...validated.issues.map((issue) => merged.place(issue)));
      for (const issue of issues) assert.doesNotMatch(formatIssues([issue]), /Zq7|W9/);
    }),
    { numRuns: 1_500 },
  );
});

test("whatever values a document holds, it is read or refused with a place", (t) => {
  const directory = createDirectory(t);
  const keys = fc.constantFrom(
    ...[
      "tenant",
      "otel",
      "endpoint",
      "headers",
      "cloud_events",
      "http",
      "kafka",
      "brokers",
      "topic",
      "tls",
      "sasl",
    ],
    ...[
      "extensions",
      "retry",
      "queue",
      "dir",
      "admin",
      "log",
      "masking",
      "receivers",
      "otlp",
      "grpc",
      "cors",
      "x",
    ],
  );
  const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 5 },
      fc.constantFrom(
        "text",
        "http://x",
        "http://localhost:4317",
        "a:1",
        "${NONE:-5}",
        "",
        0,
        1,
        -1,
        1.5,
        1e300,
        true,
        null,
      ),
      fc.string(),
      fc.array(tie("tree"), { maxLength: 3 }),
      fc.dictionary(keys, tie("tree"), { maxKeys: 5 }),
    ),
  }));
  fc.assert(
    fc.property(fc.dictionary(keys, tree, { maxKeys: 6 }), (document) => {
      // JSON is YAML.
      const file = { name: "x.yaml", path: join(directory, "x.yaml"), text: JSON.stringify(document) };
      const merged = mergeConfig({ file, environment: {}, flags: {}, cwd: directory });
      const validated = validateConfig(merged);
      if (!validated.ok) {
        const placed = validated.issues.map((issue) => merged.place(issue));
        assert.ok(placed.every(({ origin }) => origin?.kind === "file"));
        return;
      }
      const resolution = createResolution(validated.document, merged, {}, new Map());
      resolveConfig(resolution);
      for (const issue of resolution.issues) merged.place(issue);
    }),
    { numRuns: 500 },
  );
});
