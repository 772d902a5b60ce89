import assert from "node:assert/strict";
import { test } from "node:test";
import { load, loadError } from "./load.ts";

test("an unknown key is shown with its place, its line and the nearest key", (t) => {
  const text = "cloud_events:\n  http:\n    endpoint: http://x\n    batchsize: 50\n";
  assert.equal(
    loadError(t, text),
    [
      'coresdk-sidecar.yaml:4:5: unknown key "batchsize" in cloud_events.http; did you mean "batch_size"?',
      "  4 |     batchsize: ***",
      "    |     ^^^^^^^^^",
    ].join("\n"),
  );
});

test("an unknown key that is known elsewhere is sent there", (t) => {
  assert.match(
    loadError(t, "cloud_events:\n  batch_size: 3\n"),
    /unknown key "batch_size" in cloud_events; there is cloud_events\.http\.batch_size/,
  );
});

test("ordinary slips lead to the key that was meant, in the same section before any other", (t) => {
  const cases: readonly [text: string, hint: RegExp][] = [
    ["cloud_events: { endpoint: 'http://h' }\n", /there is cloud_events\.http\.endpoint$/],
    ["cloud_events: { batchsize: 5 }\n", /key "batchsize" in .*; there is cloud_events\.http\.batch_size$/],
    ["cloud_events: { batchSize: 5 }\n", /there is cloud_events\.http\.batch_size$/],
    ["cloud_events: { sink: 'http://h' }\n", /did you mean "http"\?$/],
    ["http: { endpoint: 'http://h' }\n", /there are receivers\.otlp\.http, cloud_events\.http$/],
    ["sinks: []\n", /did you mean "cloud_events"\?$/],
    ["receivers: { grpc: {} }\n", /there is receivers\.otlp\.grpc$/],
    ["cloud_events: { http: { url: 'http://h' } }\n", /did you mean "endpoint"\?$/],
    ["cloud_events: { http: { batch: 5 } }\n", /did you mean "batch_size"\?$/],
    ["cloud_events: { http: { retry: {} } }\n", /there is cloud_events\.retry$/],
    ["cloud_events: { kafka: { bootstrap.servers: 'a:1' } }\n", /did you mean "brokers"\?$/],
    ["otel: { url: 'http://h' }\n", /did you mean "endpoint"\?$/],
    ["queue: { path: /var/x }\n", /did you mean "dir"\?$/],
    ["batch_size: 5\n", /there is cloud_events\.http\.batch_size$/],
  ];
  for (const [text, hint] of cases) assert.match(loadError(t, text).split("\n", 1).join(), hint, text);
});

test("a key like nothing that is known is told which keys there are", (t) => {
  assert.match(
    loadError(t, "cloud_events: { http: { tls: { insecure: true } } }\n"),
    /unknown key of 8 characters in cloud_events\.http\.tls; the keys here are ca, cert, key, servername\n/,
  );
  assert.doesNotMatch(loadError(t, "cloud_events: { xyzzy: true }\n"), /sinks|xyzzy/);
  assert.match(loadError(t, "a: 1\n"), /of 1 character; the keys here are tenant, /, "a is no slip for ca");
});

test("what a key says is not shown because of what it is like elsewhere", (t) => {
  const message = loadError(t, "cloud_events: { Endpoint-hunter2: 1, c4n4ry: 2, endpoints: 3 }\n");
  assert.doesNotMatch(message, /hunter2|c4n4ry|endpoints/);
  assert.match(message, /unknown key of 9 characters in cloud_events; there is cloud_events\.http\.endpoint/);
});

test("an unknown key like nothing else is just unknown, and may be anything: it is not shown", (t) => {
  assert.equal(
    loadError(t, "quux: 1\n"),
    [
      "coresdk-sidecar.yaml:1:1: unknown key of 4 characters; the keys here are tenant, otel, receivers, cloud_events, policy, masking, queue, admin, log",
      "  1 | ***: ***",
      "    | ^^^",
    ].join("\n"),
  );
});

test("a line shows keys, structure, numbers, amounts and the schema's own words, and nothing else", (t) => {
  const shown = (text: string): readonly string[] =>
    [...loadError(t, text).matchAll(/^ +\d+ \| (.*\S) *$/gm)].map(([, line = ""]) => line);
  assert.deepEqual(
    shown("masking: { signals: [events, spans], literals: [aurora, '123'], enabled: true }\n"),
    ["masking: { signals: [events, ***], literals: [***, ***], enabled: true }"],
  );
  assert.deepEqual(shown('log: { level: info, format: "json", colour: 1 } # note\n'), [
    'log: { level: info, format: "json", ***: *** } ***',
  ]);
  assert.deepEqual(shown("cloud_events: { enabled: true, binding: http, source: /a, retri: 1 }\n"), [
    "cloud_events: { enabled: true, binding: http, source: ***, retri: *** }",
  ]);
  assert.deepEqual(shown("queue: { max_bytes: 2MiB, dir: /x, durability: 5m }\n"), [
    "queue: { max_bytes: 2MiB, dir: ***, durability: *** }",
  ]);
});

test("where structure is wanted, the kind of what is there instead is said", (t) => {
  assert.match(
    loadError(t, "cloud_events: yes\n"),
    /mapping of keys to values; this is text of 3 characters/,
  );
  assert.match(loadError(t, "masking: { literals: { a: b } }\n"), /must be a list; this is a mapping/);
  assert.match(loadError(t, "otel: { headers: [a] }\n"), /header names to values; this is a list/);
});

test("a wrong value is shown with its place and with what was wanted", (t) => {
  assert.equal(
    loadError(t, "cloud_events:\n  http:\n    batch_size: fifty\n"),
    [
      "coresdk-sidecar.yaml:3:17: cloud_events.http.batch_size must be a whole number from 1 to 10000",
      "  3 |     batch_size: ***",
      "    |                 ^^^",
    ].join("\n"),
  );
});

test("the mark stands under its value in any terminal, tabs or not", (t) => {
  assert.equal(
    loadError(t, "queue:\n  durability:\toften\n"),
    [
      "coresdk-sidecar.yaml:2:15: queue.durability must be one of sync, os",
      "  2 |   durability:\t***",
      "    |              \t^^^",
    ].join("\n"),
  );
});

test("an alias without an anchor before it is shown with its place", (t) => {
  const why = "there is no such anchor before this alias; text that begins with * must be in quotes";
  assert.equal(
    loadError(t, "tenant: *nope\n"),
    [`coresdk-sidecar.yaml:1:9: ${why}`, "  1 | tenant: ***", "    |         ^^^"].join("\n"),
  );
  assert.match(
    loadError(t, "cloud_events: { extensions: [severity, *nope] }\n"),
    /^coresdk-sidecar\.yaml:1:40: /,
  );
  assert.match(loadError(t, "tenant: *late\nqueue: { dir: &late d }\n"), /^coresdk-sidecar\.yaml:1:9: /);
});

test("a password that begins with a star is an alias to YAML, and is not shown", (t) => {
  const error = loadError(t, "cloud_events: { kafka: { sasl: { password: *hunter2 } } }\n");
  assert.match(error, /must be in quotes/);
  assert.doesNotMatch(error, /hunter2/);
});

test("an alias stands for what its anchor marks", (t) => {
  const { settings } = load(t, "tenant: &name acme\ncloud_events: { source: *name }\n");
  assert.equal(settings.pipeline.wrap.source, "acme");
});

test("a directory in the file's place is named", (t) => {
  assert.match(loadError(t, undefined, { flags: { config: "." } }), /^\/.* cannot be read: EISDIR/);
});

const wrong: readonly [text: string, message: RegExp][] = [
  ["cloud_events: { http: { endpoint: 'http://h:0/' } }\n", /endpoint must have a port above 0/],
  [
    "cloud_events: { kafka: { brokers: ['h:0'], topic: t } }\n",
    /brokers\[0\] must be HOST:PORT, the port above/,
  ],
  ["tenant: 7\n", /tenant must be text \(in quotes, when it looks like a number\)/],
  ['tenant: ""\n', /tenant must not be empty/],
  ["tenant: [a]\n", /tenant must be text/],
  ["cloud_events: yes\n", /cloud_events must be a mapping of keys to values/],
  ["cloud_events: { retry: [1s] }\n", /cloud_events\.retry must be a mapping of keys to values/],
  ["cloud_events: { keep_in_otlp: yes }\n", /cloud_events\.keep_in_otlp must be true or false/],
  ["cloud_events: { binding: nats }\n", /cloud_events\.binding must be one of http, kafka/],
  ["cloud_events: { source: 'a b' }\n", /cloud_events\.source must be a/],
  ["cloud_events: { http: { endpoint: 'ftp://x' } }\n", /endpoint must be an http:\/\/ or https:\/\/ URL/],
  ["cloud_events: { http: { endpoint: 'http://a#b' } }\n", /must not have a fragment/],
  ["cloud_events: { http: { flush_interval: 5x } }\n", /must be a duration such as 500ms, 5s, 2m or 72h/],
  ["cloud_events: { http: { timeout: 0s } }\n", /must be at least 1ms/],
  ["cloud_events: { http: { max_in_flight: 0 } }\n", /max_in_flight must be a whole number from 1 to 1024/],
  [
    "cloud_events: { http: { max_in_flight: 1025 } }\n",
    /max_in_flight must be a whole number from 1 to 1024/,
  ],
  ["cloud_events: { http: { batch_size: 0 } }\n", /batch_size must be a whole number from 1 to 10000/],
  ["cloud_events: { http: { webhook: { renew: 999ms } } }\n", /webhook\.renew must be at least 1000ms/],
  ["policy: { deadline: 9ms }\n", /policy\.deadline must be at least 10ms/],
  ["cloud_events: { http: { timeout: 600h } }\n", /must be at most 576h/],
  ["cloud_events: { http: { batch_size: 1.5 } }\n", /must be a whole number/],
  [
    "cloud_events: { http: { tls: 5 } }\n",
    /must be true, false or a mapping of ca, cert, key and servername/,
  ],
  [
    "cloud_events: { http: { headers: { 'a b': x } } }\n",
    /a key of cloud_events\.http\.headers is no header name/,
  ],
  [
    'cloud_events: { http: { headers: { a: "x\\ny" } } }\n',
    /headers\.\*\*\* holds a character that no header may/,
  ],
  ["cloud_events: { kafka: { brokers: [nohost] } }\n", /brokers\[0\] must be HOST:PORT/],
  ["cloud_events: { extensions: [sevrity] }\n", /no such extension; did you mean "severity"\?/],
  [
    "cloud_events: { extensions: [sequence] }\n",
    /others come from record attributes named cloudevents\.<name>/,
  ],
  ["cloud_events: { extensions: [{ Bad: x }] }\n", /extensions\[0\]\.\*\*\* must be an attribute name/],
  [
    "cloud_events: { extensions: [{ source: x }] }\n",
    /\.source must be left out: it is no extension attribute/,
  ],
  ["cloud_events: { extensions: [{ traceparent: 00-x }] }\n", /\.traceparent must be version-traceid/],
  [
    "cloud_events: { extensions: [{ x: 2147483648 }] }\n",
    /must be text, a 32-bit whole number, true or false/,
  ],
  ["cloud_events: { retry: { initial_interval: 1m } }\n", /initial_interval is longer than max_interval/],
  [
    "cloud_events: { binding: kafka }\n",
    /kafka\.brokers \(--kafka\) is missing[\s\S]*kafka\.topic \(--topic\) is missing/,
  ],
  ["cloud_events: { kafka: { brokers: ['a:1'], topic: 'a b' } }\n", /topic must be 1 to 249 of/],
  [
    "cloud_events: { kafka: { brokers: ['a:1'], topic: a, sasl: { username: u } } }\n",
    /sasl needs mechanism/,
  ],
  ["cloud_events: { http: { endpoint: 'http://x', tls: true } }\n", /tls needs an https:\/\/ endpoint/],
  ["otel: { endpoint: 'http://x:1', tls: true }\n", /otel\.tls needs an https:\/\/ endpoint/],
  ["queue: { max_bytes: 1KiB }\n", /queue\.max_bytes must be at least 1048576 bytes/],
  ["admin: { endpoint: '13133' }\n", /admin\.endpoint must be HOST:PORT/],
  ["receivers: { otlp: { http: { endpoint: 'a:65536' } } }\n", /http\.endpoint must be HOST:PORT/],
  [
    "receivers: { otlp: { http: { endpoint: '127.0.0.1:4317' } } }\n",
    /cannot both listen on 127\.0\.0\.1:4317/,
  ],
  ["receivers: { otlp: { http: { auth: {} } } }\n", /auth needs bearer/],
  ["receivers: { otlp: { http: { tls: { cert: a.pem } } } }\n", /tls needs cert and key/],
  ["cloud_events: { http: { endpoint: 'https://x', tls: { ca: none.pem } } }\n", /cannot be read \(ENOENT\)/],
  ["- a\n- b\n", /a configuration is a mapping of keys to values/],
  ["tenant: !!binary aGk=\n", /not valid YAML|this kind of value/],
];

for (const [text, message] of wrong) {
  test(`refused: ${text.trim()}`, (t) => {
    const refused = loadError(t, text);
    assert.match(refused, message);
    assert.match(refused, /^coresdk-sidecar\.yaml:\d+:\d+: /);
  });
}

test("everything that is wrong is said at once, in the order of the file", (t) => {
  const message = loadError(t, "tenant: 7\nlog: { level: loud }\nquuux: 1\ncloud_events: { data: all }\n");
  const places = [...message.matchAll(/^coresdk-sidecar\.yaml:(\d+):/gm)].map(([, line]) => line);
  assert.deepEqual(places, ["1", "2", "3", "4"]);
});

test("listener, URL, directory, topic and extension faults are said in one report", (t) => {
  const message = loadError(
    t,
    [
      "otel: { endpoint: 'ftp://x' }",
      "receivers:",
      "  otlp:",
      "    grpc: { endpoint: '127.0.0.1:70000' }",
      "    http: { endpoint: ':4318' }",
      "admin: { endpoint: 'x:y' }",
      "queue: { dir: '' }",
      "cloud_events:",
      "  source: 'a b'",
      "  kafka: { brokers: ['a:70000'], topic: 'a b' }",
      "  extensions:",
      "    - sevrity",
      "    - Bad: x",
      "    - source: x",
      "    - dataref: 7",
      "  http:",
      "    headers: { Content-Type: x }",
      "",
    ].join("\n"),
  );
  const places = [...message.matchAll(/^coresdk-sidecar\.yaml:(\d+):/gm)].map(([, line]) => Number(line));
  assert.deepEqual(places, [1, 4, 5, 6, 7, 9, 10, 10, 12, 13, 14, 15, 17], message);
});

/** What the protocols set themselves, beside `ce-` attributes. */
const reservedHeaders: readonly [section: string, names: readonly string[], message: RegExp][] = [
  [
    "cloud_events.http",
    ["Content-Type", "content-length", "Transfer-Encoding", "Connection", "Expect", "ce-id"],
    /made for each request/,
  ],
  ["otel", ["content-length", "TE", "host", "Content-Type", "connection"], /set by the protocol/],
];

for (const [section, names, message] of reservedHeaders) {
  test(`headers of ${section} that would contradict the protocol are refused at their key`, (t) => {
    for (const name of names) {
      const inner = `{ endpoint: 'http://x:1', headers: {\n ${name}: c4n4ry } }`;
      const text = section === "otel" ? `otel: ${inner}\n` : `cloud_events: { http: ${inner} }\n`;
      const refused = loadError(t, text);
      assert.match(refused, message);
      assert.match(refused, new RegExp(`^coresdk-sidecar\\.yaml:2:2: ${section}\\.headers: ${name}`, "i"));
      assert.doesNotMatch(refused, /c4n4ry/);
    }
  });
}

test("headers of OTEL_EXPORTER_OTLP_HEADERS that cannot be sent are left out with a warning", (t) => {
  const { settings, warnings } = load(t, "otel: { endpoint: 'http://x:1' }\n", {
    environment: { OTEL_EXPORTER_OTLP_HEADERS: "te=trailers,a b=c4n4ry,x=c4n4ry%0A,api-key=k" },
  });
  assert.deepEqual(
    settings.upstream?.headers.map(([name]) => name),
    ["api-key"],
  );
  assert.equal(warnings.length, 3);
  assert.doesNotMatch(warnings.join("\n"), /c4n4ry/);
});

test("of very many errors the first twenty are shown", (t) => {
  const text = Array.from({ length: 50 }, (_, i) => `key${i}x: 1\n`).join("");
  const message = loadError(t, text);
  assert.equal(message.match(/unknown key/g)?.length, 20);
  assert.match(message, /… and 30 more$/);
});

test("text that is no YAML is refused with its place", (t) => {
  assert.match(
    loadError(t, "tenant: acme\ncloud_events: [\n"),
    /^coresdk-sidecar\.yaml:\d+:\d+: not valid YAML: /,
  );
});

test("an unset variable is named with its place, once", (t) => {
  assert.equal(
    loadError(t, "cloud_events:\n  http:\n    headers:\n      Authorization: Bearer ${EVENTS_TOKEN}\n"),
    [
      "coresdk-sidecar.yaml:4:22: the environment variable EVENTS_TOKEN is not set, and has no default here",
      "  4 |       Authorization: ***",
      "    |                      ^^^",
    ].join("\n"),
  );
});

test("an empty file, and one with comments alone, is the defaults", (t) => {
  for (const text of ["", "# nothing\n", "---\n", "cloud_events:\nqueue:\n"]) {
    assert.deepEqual(load(t, text).settings.pipeline.sinks, []);
  }
});

test("what is wrong in a variable or a flag is named by it", (t) => {
  assert.equal(
    loadError(t, undefined, { environment: { CORESDK_HTTP_BATCH_SIZE: "many" } }),
    "CORESDK_HTTP_BATCH_SIZE: cloud_events.http.batch_size must be a whole number from 1 to 10000",
  );
  assert.equal(
    loadError(t, undefined, { flags: { logLevel: "loud" } }),
    "--log-level: log.level must be one of debug, info, warn, error",
  );
});

test("a named file that is not there is an error, and none that nobody named is not", (t) => {
  assert.match(
    loadError(t, undefined, { flags: { config: "none.yaml" } }),
    /--config: there is no file none\.yaml/,
  );
  assert.match(
    loadError(t, undefined, { environment: { CORESDK_CONFIG: "none.yaml" } }),
    /CORESDK_CONFIG: there is no file none\.yaml/,
  );
  assert.equal(load(t, undefined).file, undefined);
});
