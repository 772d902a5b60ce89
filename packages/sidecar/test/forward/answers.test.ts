import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { ExportAnswer } from "../../src/contracts.ts";
import { translateGrpcAnswer, translateHttpAnswer } from "../../src/forward/translate.ts";
import { createRetryInfo } from "../../src/protocol/details.ts";
import { grpcCode, readGrpcCode } from "../../src/protocol/grpc-code.ts";
import { isRetryable } from "../../src/protocol/refusal.ts";
import { decodeStatus, encodeStatus } from "../../src/protocol/rpc-status.ts";
import {
  isRetryableGrpc,
  isRetryableHttp,
  translateGrpcCode,
  translateHttpStatus,
} from "../../src/protocol/tables.ts";
import type { Receivers } from "../../src/receive/receivers.ts";
import { callGrpc, frame, type GrpcReply, grpcPaths, retryDelay } from "../receive/doors.ts";
import { openProxy } from "./proxy.ts";
import { openGrpcUpstream, openHttpUpstream } from "./upstreams.ts";

const message = Buffer.of(0x0a, 0x00);

function sendGrpc(receivers: Receivers): Promise<GrpcReply> {
  return callGrpc(receivers.grpc?.address.port ?? 0, grpcPaths.traces, frame(message));
}

function sendHttp(receivers: Receivers, contentType = "application/x-protobuf"): Promise<Response> {
  return fetch(`http://127.0.0.1:${receivers.http?.address.port}/v1/traces`, {
    method: "POST",
    body: contentType === "application/json" ? "{}" : new Uint8Array(message),
    headers: { "content-type": contentType },
  });
}

const allCodes = Object.values(grpcCode).filter((code) => code !== grpcCode.ok);

describe("OTLP's tables", () => {
  it("translate every HTTP status into a gRPC status that is retried alike", () => {
    for (let status = 400; status < 600; status++) {
      assert.equal(isRetryableGrpc(translateHttpStatus(status), false), isRetryableHttp(status), `${status}`);
    }
  });

  it("translate every gRPC status into an HTTP status that is retried alike", () => {
    for (const code of allCodes) {
      for (const retryInfo of [false, true]) {
        const status = translateGrpcCode(code, retryInfo);
        assert.equal(isRetryableHttp(status), isRetryableGrpc(code, retryInfo), `${code}`);
      }
    }
  });

  it("hold the statuses that OTLP names", () => {
    const rows = [
      [400, 3],
      [401, 16],
      [403, 7],
      [404, 12],
      [413, 8],
      [429, 14],
      [500, 13],
      [502, 14],
      [503, 14],
      [504, 14],
    ] as const;
    for (const [status, code] of rows) assert.equal(translateHttpStatus(status), code);
    assert.deepEqual(
      allCodes.map((code) => translateGrpcCode(code, false)),
      [503, 500, 400, 504, 404, 409, 403, 413, 400, 503, 503, 404, 500, 503, 503, 401],
    );
    assert.equal(translateGrpcCode(grpcCode.resourceExhausted, true), 429);
    assert.equal(readGrpcCode(99), grpcCode.unknown);
  });
});

describe("an HTTP upstream's refusal", () => {
  it("reaches HTTP clients with its status, its Retry-After and its own body", async () => {
    const body = encodeStatus({ code: 14, message: "busy", details: [] });
    let status = 0;
    const upstream = await openHttpUpstream(() => ({ status, headers: { "retry-after": "7" }, body }));
    const receivers = await openProxy(upstream);
    for (status of [400, 401, 404, 408, 413, 429, 500, 502, 503, 504, 599]) {
      const response = await sendHttp(receivers);
      assert.equal(response.status, status);
      assert.equal(response.headers.get("retry-after"), "7");
      assert.deepEqual(Buffer.from(await response.arrayBuffer()), Buffer.from(body));
    }
  });

  it("reaches gRPC clients with code, message, details and RetryInfo", async () => {
    const detail = { typeUrl: "type.googleapis.com/a.B", value: Buffer.of(1) };
    let status = 0;
    const upstream = await openHttpUpstream(() => ({
      status,
      headers: { "retry-after": "7" },
      body: encodeStatus({ code: 0, message: "busy", details: [detail] }),
    }));
    const receivers = await openProxy(upstream);
    const carriesRetryInfo = async (): Promise<boolean> => {
      const { trailers } = await sendGrpc(receivers);
      assert.equal(trailers["grpc-status"], String(translateHttpStatus(status)));
      assert.equal(trailers["grpc-message"], "busy");
      const details = Buffer.from(String(trailers["grpc-status-details-bin"]), "base64");
      assert.ok(details.includes("type.googleapis.com/a.B"));
      return details.includes("RetryInfo");
    };
    for (status of [429, 502, 503, 504]) assert.equal(await carriesRetryInfo(), true);
    for (status of [400, 401, 403, 404, 413, 500]) assert.equal(await carriesRetryInfo(), false);
  });

  it("reaches JSON clients as JSON although it came as protobuf or as a proxy's page", async () => {
    let page = false;
    const upstream = await openHttpUpstream(() =>
      page
        ? { status: 503, headers: { "content-type": "text/plain" }, body: "upstream\r\nconnect error" }
        : {
            status: 503,
            headers: { "content-type": "application/x-protobuf" },
            body: encodeStatus({ code: 14, message: "busy", details: [createRetryInfo(1500)] }),
          },
    );
    const receivers = await openProxy(upstream);
    const status = await sendHttp(receivers, "application/json");
    assert.equal(status.headers.get("retry-after"), "2");
    assert.equal(await status.text(), '{"code":14,"message":"busy"}');
    page = true;
    assert.match(
      await (await sendHttp(receivers, "application/json")).text(),
      /"the upstream answered with HTTP status 503: upstream connect error"/,
    );
  });

  it("counts a Retry-After that is a date from now", () => {
    const now = Date.parse("2026-03-19T14:35:00Z");
    const ask = (retryAfter: string | undefined): number | undefined => {
      const answer = translateHttpAnswer(
        { status: 503, contentType: "", retryAfter, body: Buffer.alloc(0) },
        "logs",
        "protobuf",
        now,
      );
      return answer.kind === "refused" ? answer.retryAfterMs : undefined;
    };
    assert.equal(ask("Thu, 19 Mar 2026 14:35:30 GMT"), 30_000);
    assert.equal(ask("Thu, 19 Mar 2026 14:30:00 GMT"), 0);
    assert.equal(ask(" 12 "), 12_000);
    assert.equal(ask("Thursday, 19-Mar-26 14:35:30 GMT"), 30_000);
    assert.equal(ask("Thu Mar 19 14:35:30 2026"), 30_000);
    assert.equal(ask("soon"), undefined);
    assert.equal(ask("-5"), undefined);
    assert.equal(ask("Thu, 39 Mar 2026 14:35:30 GMT"), undefined);
    assert.equal(ask(undefined), undefined);
    assert.equal(ask("999999999999"), 3_600_000);
    assert.equal(ask("9".repeat(20)), 3_600_000);
    assert.equal(ask("9".repeat(400)), 3_600_000);
  });

  it("has a Retry-After that HTTP clients get as it was written, and gRPC clients up to an hour", async () => {
    let retryAfter = "";
    const upstream = await openHttpUpstream(() => ({ status: 503, headers: { "retry-after": retryAfter } }));
    const receivers = await openProxy(upstream);
    for (retryAfter of [
      "9".repeat(20),
      "007200",
      "Thu, 19 Mar 2099 14:35:30 GMT",
      "Thu Mar  9 14:35:30 2099",
    ]) {
      const response = await sendHttp(receivers);
      assert.equal(response.headers.get("retry-after"), retryAfter);
      assert.equal(retryDelay(await sendGrpc(receivers)), 3_600_000);
    }
    // What is no legal header is not given on, whoever it came from.
    for (retryAfter of ["Thu, 19 Mar 2099 14:35:30 GMT (Bearer abc)", "1.5", "soon"]) {
      const response = await sendHttp(receivers);
      assert.equal(response.headers.get("retry-after"), null);
      assert.equal(retryDelay(await sendGrpc(receivers)), undefined);
    }
    retryAfter = "9".repeat(65);
    assert.equal((await sendHttp(receivers)).headers.get("retry-after"), "3600");
  });

  it("is no redirect to anyone, nor retried for ever, and the log names the setting that is wrong", async () => {
    const upstream = await openHttpUpstream(() => ({
      status: 307,
      headers: { location: "http://127.0.0.1:1/" },
    }));
    const receivers = await openProxy(upstream);
    const response = await sendHttp(receivers);
    assert.equal(response.status, 500);
    assert.equal(response.headers.get("location"), null);
    assert.equal((await sendGrpc(receivers)).status, "2");
    assert.equal(upstream.came.length, 2);
  });

  it("of success in any shape is success", async () => {
    const shapes = [
      { status: 200, headers: { "content-type": "text/html" }, body: "<p>ok" },
      { status: 204 },
      { status: 202, body: "junk that is no message" },
      { status: 200, headers: { "content-type": "application/json" }, body: "{}" },
    ];
    let shape = shapes[0];
    const upstream = await openHttpUpstream(() => shape);
    const receivers = await openProxy(upstream);
    for (shape of shapes) {
      const response = await sendHttp(receivers);
      assert.equal(response.status, 200);
      assert.equal((await response.arrayBuffer()).byteLength, 0);
      const reply = await sendGrpc(receivers);
      assert.equal(reply.status, "0");
      assert.equal(reply.message?.length, 0);
    }
  });
});

describe("a gRPC upstream's refusal", () => {
  it("reaches gRPC clients with its code, its message and its details", async () => {
    const detail = { typeUrl: "type.googleapis.com/a.B", value: Buffer.of(1) };
    let code = 0;
    const upstream = await openGrpcUpstream(() => ({
      code,
      message: "no, größer",
      details: [detail, createRetryInfo(2500)],
    }));
    const receivers = await openProxy(upstream);
    for (code of allCodes) {
      const { trailers } = await sendGrpc(receivers);
      assert.equal(trailers["grpc-status"], String(code));
      assert.equal(decodeURIComponent(String(trailers["grpc-message"])), "no, größer");
      const details = Buffer.from(String(trailers["grpc-status-details-bin"]), "base64");
      assert.ok(details.includes("type.googleapis.com/a.B"));
      assert.equal(details.includes("RetryInfo"), isRetryableGrpc(readGrpcCode(code), true));
    }
  });

  it("reaches HTTP clients with the status of the table, Retry-After and a Status", async () => {
    let code = 0;
    let details = [createRetryInfo(2500)];
    const upstream = await openGrpcUpstream(() => ({ code, message: "no", details }));
    const receivers = await openProxy(upstream);
    for (code of allCodes) {
      const response = await sendHttp(receivers, "application/json");
      assert.equal(response.status, translateGrpcCode(readGrpcCode(code), true));
      assert.equal(response.headers.get("retry-after"), isRetryableHttp(response.status) ? "3" : null);
      assert.deepEqual(await response.json(), { code, message: "no" });
    }
    details = [];
    code = grpcCode.resourceExhausted;
    const response = await sendHttp(receivers);
    assert.equal(response.status, 413);
    assert.equal(response.headers.get("retry-after"), null);
  });

  it("in the headers alone is read as well", async () => {
    const upstream = await openGrpcUpstream((_, stream) => {
      stream.respond(
        { ":status": 200, "content-type": "application/grpc", "grpc-status": "7", "grpc-message": "no" },
        { endStream: true },
      );
      return undefined;
    });
    const receivers = await openProxy(upstream);
    assert.equal((await sendHttp(receivers)).status, 403);
  });

  it("from a proxy before it is translated from HTTP", async () => {
    let status = 0;
    const upstream = await openGrpcUpstream((_, stream) => {
      stream.respond({ ":status": status, "content-type": "text/html", "retry-after": "4" });
      stream.end("<p>no");
      return undefined;
    });
    const receivers = await openProxy(upstream);
    for (status of [200, 401, 429, 503]) {
      const response = await sendHttp(receivers);
      assert.equal(response.status, status === 200 ? 500 : status);
      assert.equal(response.headers.get("retry-after"), "4");
      const said = decodeStatus(new Uint8Array(await response.arrayBuffer()))?.message ?? "";
      assert.match(said, status === 200 ? /does not speak gRPC.*text\/html/ : new RegExp(`${status}$`));
    }
  });

  it("can be retried exactly when OTLP says so, whichever client asks", () => {
    for (const code of allCodes) {
      for (const details of [[], [createRetryInfo(0)]]) {
        const answer: ExportAnswer = translateGrpcAnswer(
          { code, message: "", details, response: undefined },
          "logs",
          "json",
        );
        assert.equal(isRetryable(answer), isRetryableGrpc(code, details.length > 0));
      }
    }
  });
});
