import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { createDirectory } from "../config/load.ts";
import { postLogs, startSidecar } from "../daemon/sidecar.ts";
import { openHttpUpstream, type UpstreamRequest } from "../forward/upstreams.ts";

const POLICY = `package acme["cloudevents-egress"]

default allow := false
allow if input.event_type in {"ok.a", "ok.c"}
`;

/** The event names of a forwarded JSON request, `""` for a record that is no event. */
function namesIn({ message }: UpstreamRequest): string[] {
  const found = message.toString().matchAll(/"timeUnixNano":"\d+",(?:"eventName":"([^"]*)",)?/g);
  return [...found].map(([, name = ""]) => name);
}

test("with keep_in_otlp a denied event goes neither to the sink nor to the upstream", async (t) => {
  const cwd = createDirectory(t);
  const upstream = await openHttpUpstream();
  t.after(() => upstream.close());
  const sink = await openHttpUpstream();
  t.after(() => sink.close());
  mkdirSync(join(cwd, "policies"));
  writeFileSync(join(cwd, "policies", "egress.rego"), POLICY);
  const config = {
    policy: { deadline: "10s" },
    otel: { endpoint: upstream.settings.endpoint, protocol: "http/protobuf" },
    cloud_events: {
      customer_egress_policy: "acme/cloudevents-egress",
      keep_in_otlp: true,
      http: { endpoint: sink.settings.endpoint },
    },
  };
  writeFileSync(join(cwd, "coresdk-sidecar.yaml"), JSON.stringify(config));
  const sidecar = await startSidecar(t, [], { cwd });
  const records = ["ok.a", "no.b", undefined, "ok.c", "no.d"].map((type) =>
    type === undefined ? {} : { type, uid: type },
  );
  assert.equal((await postLogs(sidecar.http, ...records)).status, 200);
  assert.deepEqual(upstream.came.map(namesIn), [["ok.a", "", "ok.c"]]);
  // A request of nothing but denied events is answered, and goes nowhere.
  assert.equal((await postLogs(sidecar.http, { type: "no.e", uid: "e" })).status, 200);
  assert.equal(upstream.came.length, 1);
  sidecar.child.kill("SIGTERM");
  assert.equal(await sidecar.ended, 0);
  const delivered = sink.came.map(({ message }) =>
    String(Reflect.get(JSON.parse(message.toString()), "type")),
  );
  assert.deepEqual(delivered.sort(), ["ok.a", "ok.c"]);
});
