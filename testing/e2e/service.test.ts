/** Services in processes of their own, the real sidecar, and a real receiver and collector behind it. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { requireComponent } from "../components.ts";
import { createDirectory } from "../directory.ts";
import { type OtlpServer, startGrpcServer, startHttpServer } from "./otlp-servers.ts";
import { type Receiver, startReceiver } from "./receiver.ts";
import { runProgram, runScript } from "./run-service.ts";
import type { Protocol, ServiceReport } from "./service-steps.ts";
import { FREE_PORTS, type SidecarProcess, startSidecar } from "./sidecar-process.ts";

const source = "https://orders.acme.com";

interface Chain {
  readonly receiver: Receiver;
  readonly collector: OtlpServer;
  readonly sidecar: SidecarProcess;
}

/** A receiver, a collector, and a sidecar between them and whoever sends. */
async function startChain(t: TestContext, upstream: "grpc" | "http/protobuf"): Promise<Chain> {
  const cwd = createDirectory(t);
  const receiver = await startReceiver();
  const collector = await (upstream === "grpc" ? startGrpcServer() : startHttpServer());
  let sidecar: SidecarProcess | undefined;
  t.after(async () => {
    const code = await sidecar?.stop();
    await Promise.all([receiver.close(), collector.close()]);
    assert.equal(code, 0, sidecar?.output());
  });
  const sink = ["--http", receiver.url, "--source", source];
  const args = [...sink, "--otel-endpoint", collector.endpoint, ...FREE_PORTS];
  sidecar = await startSidecar({ cwd, args, env: { OTEL_EXPORTER_OTLP_PROTOCOL: upstream } });
  return { receiver, collector, sidecar };
}

/** A relay that notes what the service sends before the sidecar gets it. */
function startRelay(protocol: Protocol, { grpc, http }: SidecarProcess): Promise<OtlpServer> {
  return protocol === "grpc" ? startGrpcServer(grpc) : startHttpServer(http);
}

const services = { "3.x": "testing/e2e/service-program.ts", "2.x": "testing-otel2/service-program.ts" };

for (const [major, program] of Object.entries(services)) {
  for (const [protocol, upstream] of [
    ["grpc", "grpc"],
    ["http/protobuf", "http/protobuf"],
    ["http/json", "http/protobuf"],
    ["http/protobuf", "grpc"],
  ] as const) {
    test(`OTel JS ${major} over ${protocol}: events to the receiver, the rest to the ${upstream} collector`, async (t) => {
      const { receiver, collector, sidecar } = await startChain(t, upstream);
      const relay = await startRelay(protocol, sidecar);
      t.after(() => relay.close());
      const env = { OTEL_EXPORTER_OTLP_ENDPOINT: relay.endpoint, OTEL_EXPORTER_OTLP_PROTOCOL: protocol };
      const report: ServiceReport = JSON.parse(await runScript(program, env));

      const events = await receiver.until(3);
      const [decision, created, named] = [
        "io.coresdk.policy.decision",
        "com.acme.order.created",
        "com.acme.named",
      ].map((type) => events.find((event) => event.type === type));
      const traceparent = `00-${report.traceId}-${report.spanId}-01`;
      assert.match(decision?.id ?? "", /^[0-9A-HJKMNP-TV-Z]{26}$/);
      assert.deepEqual(
        { ...decision, id: "" },
        {
          specversion: "1.0",
          type: "io.coresdk.policy.decision",
          source,
          subject: "tenant/acme/user/usr_2xK9",
          id: "",
          time: "2026-03-19T14:35:00.000000123Z",
          datacontenttype: "application/json",
          traceparent,
          data: {
            tenant_id: "acme",
            user_id: "usr_2xK9",
            action: "orders:create",
            result: "allowed",
            policy_latency_us: 43,
            trace_id: report.traceId,
            span_id: report.spanId,
          },
        },
      );
      assert.equal(created?.traceparent, traceparent);
      assert.equal(created.data?.["body"], "order 42");
      assert.equal(created.data?.["total"], 9.5);
      assert.equal(named?.subject, "tenant/acme");
      assert.deepEqual(named.data, { "tenant.id": "acme", body: "by attribute" });
      assert.equal(events.length, 3, "nothing else is an event");

      for (const signal of ["traces", "metrics"] as const) {
        assert.ok(relay.of(signal).length > 0, `the service sent ${signal}`);
        assert.deepEqual(collector.of(signal), relay.of(signal), `${signal} arrive byte for byte`);
      }
      const [plainSent, mixedSent] = relay.of("logs");
      const [plain, mixed] = collector.of("logs");
      assert.deepEqual(plain, plainSent, "an export without events arrives byte for byte");
      assert.ok(mixedSent?.includes("io.coresdk.policy.decision"));
      assert.ok(mixed?.includes("order taken"), "the record that is no event goes on");
      assert.ok(
        mixed !== undefined && !mixed.includes("com.acme") && !mixed.includes("io.coresdk"),
        "the events do not",
      );
      assert.equal(collector.of("logs").length, 2);
      if (protocol !== "grpc" && upstream !== "grpc") {
        assert.deepEqual(
          new Set(collector.exports.map(({ contentType }) => contentType)),
          new Set(relay.exports.map(({ contentType }) => contentType)),
        );
      }
    });
  }
}

test("lines of a pino logger with otel.event.name become events, the others go on", async (t) => {
  const { receiver, collector, sidecar } = await startChain(t, "http/protobuf");
  await runScript("testing/e2e/service-pino.ts", { OTEL_EXPORTER_OTLP_ENDPOINT: `http://${sidecar.http}` });
  const events = await receiver.until(2);
  const created = events.find(({ type }) => type === "com.acme.order.created");
  const suspended = events.find(({ type }) => type === "io.coresdk.tenant.suspended");
  assert.equal(created?.subject, "tenant/acme");
  assert.equal(created.traceparent, "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
  assert.deepEqual(created.data, {
    "tenant.id": "acme",
    order: { id: "42", total: 9.5 },
    trace_id: "4bf92f3577b34da6a3ce929d0e0e4736",
    span_id: "00f067aa0ba902b7",
    body: "created",
  });
  assert.equal(suspended?.subject, "tenant/acme");
  assert.equal(suspended.data?.["tenant_id"], "acme");
  const [rest] = collector.of("logs");
  assert.ok(rest?.includes("order 42 taken"));
  assert.ok(rest !== undefined && !rest.includes("com.acme.order.created"));
});

for (const protocol of ["grpc", "http"] as const) {
  test(`Python's OpenTelemetry SDK over ${protocol}: its events arrive`, async (t) => {
    const python = await requireComponent(t, "python packages");
    if (python === undefined) return;
    const { receiver, collector, sidecar } = await startChain(t, "grpc");
    const endpoint = protocol === "grpc" ? `http://${sidecar.grpc}` : `http://${sidecar.http}`;
    const script = join(import.meta.dirname, "service_python.py");
    const output = await runProgram(python, [script, protocol], {
      OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
      OTEL_EXPORTER_OTLP_INSECURE: "true",
    });
    const [traceId, spanId] = output.trim().split(" ");
    const events = await receiver.until(2);
    const decision = events.find(({ type }) => type === "io.coresdk.policy.decision");
    const charged = events.find(({ type }) => type === "com.acme.charged");
    assert.equal(decision?.time, "2026-03-19T14:35:00.000000123Z");
    // Bit 1 says that the trace id is random (W3C Trace Context, level 2); Python sets it.
    assert.match(decision.traceparent ?? "", new RegExp(`^00-${traceId}-${spanId}-0[13]$`));
    assert.deepEqual(decision.data, {
      tenant_id: "acme",
      user_id: "usr_2xK9",
      action: "invoices:create",
      result: "allowed",
      trace_id: traceId,
      span_id: spanId,
    });
    assert.equal(charged?.subject, "tenant/acme");
    assert.equal(charged.data?.["body"], "charged");
    assert.equal(
      charged.data?.["amount"],
      "1152921504606846976",
      "an integer that a double cannot hold for sure is a string",
    );
    assert.ok(collector.of("logs").some((message) => message.includes("no event")));
  });
}
