import assert from "node:assert/strict";
import { test } from "node:test";
import { formatConfig } from "../../src/config/print.ts";
import { load } from "./load.ts";

const UPSTREAM = "otel: { endpoint: http://collector:4317 }\n";

test("each masking key arrives in the settings, and a literal prints as ***", (t) => {
  const { settings } = load(
    t,
    `${UPSTREAM}masking:
  enabled: true
  signals: [events, logs, traces]
  blocked_keys: [staff_number]
  patterns: [{ name: employee, regex: "EMP-[0-9]{6}" }]
  literals: ["project-\${NAME}"]
  allow_keys: [user.id]
  categories: { phone: true, ip: true, email: false }
`,
    { environment: { NAME: "h1dden" } },
  );
  const { masking } = settings.pipeline;
  assert.ok(masking !== undefined && masking !== "off");
  assert.deepEqual(masking.blockedKeys, ["staff_number"]);
  assert.deepEqual(masking.patterns, [{ name: "employee", regex: "EMP-[0-9]{6}" }]);
  assert.deepEqual(
    masking.literals.map((literal) => literal.reveal()),
    ["project-h1dden"],
  );
  assert.deepEqual(masking.allowKeys, ["user.id"]);
  assert.deepEqual(masking.categories, { email: false, phone: true, ip: true });
  assert.deepEqual(settings.forwardMasking, { masking, logs: "all", traces: true, metrics: false });
  const printed = formatConfig(settings);
  assert.match(printed, /masking:\n {2}enabled: true\n {2}signals:\n {4}- events\n {4}- logs\n {4}- traces/);
  assert.match(printed, /literals:\n {4}- "\*\*\*"/);
  assert.doesNotMatch(printed, /h1dden/);
});

test("without a word about it events are masked, and what is forwarded is not", (t) => {
  const { settings } = load(t, UPSTREAM);
  assert.deepEqual(settings.pipeline.masking, {
    blockedKeys: [],
    allowKeys: [],
    patterns: [],
    literals: [],
    categories: {},
  });
  assert.equal(settings.forwardMasking, undefined);
});

test("events that are kept in OTLP are masked there too, unless nothing is masked at all", (t) => {
  const keeping = `${UPSTREAM}cloud_events: { keep_in_otlp: true }\n`;
  assert.equal(load(t, keeping).settings.forwardMasking?.logs, "events");
  assert.equal(load(t, `${keeping}masking: { signals: [logs] }\n`).settings.forwardMasking?.logs, "all");
  const off = load(t, `${keeping}masking: { enabled: false }\n`).settings;
  assert.equal(off.forwardMasking, undefined);
  assert.equal(off.pipeline.masking, "off");
});

test("CORESDK_MASKING_* set lists", (t) => {
  const environment = {
    CORESDK_MASKING_SIGNALS: "traces, metrics",
    CORESDK_MASKING_BLOCKED_KEYS: "iban_owner",
    CORESDK_MASKING_LITERALS: "aurora",
  };
  const { settings } = load(t, UPSTREAM, { environment });
  assert.equal(settings.forwardMasking?.traces, true);
  assert.equal(settings.forwardMasking?.metrics, true);
  assert.equal(settings.forwardMasking?.logs, "none");
  const { masking } = settings.pipeline;
  assert.ok(masking !== undefined && masking !== "off");
  assert.deepEqual(masking.blockedKeys, ["iban_owner"]);
});

const wrong: readonly (readonly [yaml: string, message: RegExp])[] = [
  [
    'masking:\n  patterns:\n    - { name: a, regex: "x[" }\n',
    /:3:25: masking\.patterns\[0\]\.regex must be a regular expression in RE2's syntax: missing closing \]/,
  ],
  [
    'masking:\n  patterns:\n    - name: back\n      regex: "(a)\\\\1"\n',
    /:4:14: masking\.patterns\[0\]\.regex must be .* RE2's syntax: invalid escape sequence/,
  ],
  ['masking: { patterns: [{ name: a, regex: "x*" }] }\n', /regex must not match the empty text/],
  ["masking: { patterns: [{ regex: a }] }\n", /masking\.patterns\[0\]\.name/],
  ['masking: { blocked_keys: ["---"] }\n', /masking\.blocked_keys\[0\] must have a letter in it/],
  ["masking: { literals: [x] }\n", /masking\.literals\[0\] must have 2 to/],
  ["masking: { signals: [spans] }\n", /masking\.signals\[0\] must be one of events, logs, traces, metrics/],
  [
    "masking: { categories: { emails: true } }\n",
    /unknown key "emails" in masking\.categories; did you mean "email"\?/,
  ],
  ["masking: { categories: { phone: 3 } }\n", /masking\.categories\.phone must be true or false/],
];

for (const [yaml, message] of wrong) {
  test(`refused with its place: ${JSON.stringify(yaml)}`, (t) => {
    assert.throws(() => load(t, yaml), message);
  });
}
