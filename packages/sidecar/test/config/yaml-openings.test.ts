import assert from "node:assert/strict";
import { test } from "node:test";
import { loadError } from "./load.ts";

test("what was opened and not closed is told where it was opened, and nothing that comes of it", (t) => {
  const cases: readonly [text: string, place: string, what: string, line: string][] = [
    [
      'cloud_events:\n  http:\n    headers: { A: "c4n4ry }\n  source: /x\nqueue: { dir: x }\n',
      "3:19",
      "this quote is not closed",
      "    headers: { ***",
    ],
    ["otel:\n  endpoint: 'http://h\n", "2:13", "this quote is not closed", "  endpoint: ***"],
    ["masking: { literals: ['it''s] }\n", "1:23", "this quote is not closed", "masking: { literals: [***"],
    ['tenant: "c4n4ry\\"\n', "1:9", "this quote is not closed", "tenant: ***"],
    ['tenant: "acme\r\notel: { endpoint: "http://h" }\r\n', "1:9", "this quote is not closed", "tenant: ***"],
    [
      'otel:\n  headers: {\n    A: "c4n4ry,\n    B: "x" }\n',
      "3:8",
      "this quote is not closed before the next one, in line 4",
      "    ***",
    ],
    [
      "cloud_events: { http: { endpoint: https://h/ }\ntenant: a\n",
      "1:15",
      "this brace is not closed, or what is between braces is not indented",
      "cloud_events: { http: { endpoint: ***",
    ],
    [
      "tenant: a\nmasking:\n  literals: [a, b\nlog: {}\n",
      "3:13",
      "this bracket is not closed, or what is between brackets is not indented",
      "  literals: [***",
    ],
    [
      "queue: { dir: x # a note }\ntenant: a\n",
      "1:8",
      "this brace is not closed, or what is between braces is not indented",
      "queue: { dir: ***",
    ],
    ["otel: {", "1:7", "this brace is not closed, or what is between braces is not indented", "otel: {"],
    [
      "queue: {\n  dir: [x }\n",
      "2:11",
      "this brace closes nothing; the bracket of 2:8 is still open",
      "  dir: [***",
    ],
    ["tenant: |\n  \"abc {\nqueue: { dir: 'x }\n", "3:15", "this quote is not closed", "queue: { dir: ***"],
  ];
  for (const [text, place, what, line] of cases) {
    const message = loadError(t, text);
    const [first, second] = message.split("\n");
    assert.equal(first, `coresdk-sidecar.yaml:${place}: not valid YAML: ${what}`);
    assert.equal(second?.replace(/^ +\d+ \| /, ""), line, text);
    assert.equal(message.split("\n").length, 3, message);
  }
});

test("a comma that is missing between braces is said to be missing", (t) => {
  const cases: readonly [text: string, place: string, what: string][] = [
    ["queue: { dir: x max_bytes: 1GiB }\n", "1:17", '"max_bytes"'],
    ["queue: {\n  dir: x\n  max_bytes: 1GiB\n}\n", "3:3", '"max_bytes"'],
    ['queue: { dir: "x" max_bytes: 1GiB }\n', "1:19", '"max_bytes"'],
    ["queue: { dir: {} c4n4ry: 1GiB }\ntenant: 5\n", "1:18", "this"],
    ["otel: { headers: { A: Bearer c4n4ry: x } }\n", "1:30", "this"],
  ];
  for (const [text, place, what] of cases) {
    const message = loadError(t, text);
    assert.ok(
      message.startsWith(
        `coresdk-sidecar.yaml:${place}: not valid YAML: a comma is missing before ${what}; `,
      ),
      message,
    );
    assert.doesNotMatch(message, /c4n4ry/);
    assert.equal(message.split("\n").length, 3, message);
  }
});

test("what is wrong before a brace that is not closed is told too", (t) => {
  const message = loadError(t, "tenant: a: b\nqueue: { dir: x\nlog: {}\n");
  assert.deepEqual(
    [...message.matchAll(/yaml:(\d+:\d+):/g)].map(([, place]) => place),
    ["1:9", "2:8"],
  );
});
