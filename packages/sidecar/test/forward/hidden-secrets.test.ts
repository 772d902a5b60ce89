/** What the upstream says of the credentials that it was sent, on its way to clients that have none. */
import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import { createServer as createTlsServer } from "node:tls";
import { Secret, systemClock } from "@coresdk/pipeline";
import { createAuthority } from "../../../../testing/certificates.ts";
import { listen } from "../../../../testing/listen.ts";
import type { ExportAnswer } from "../../src/contracts.ts";
import { createForwarder } from "../../src/forward/forwarder.ts";
import type { ForwardSettings } from "../../src/forward/settings.ts";
import { forwardDefaults } from "../../src/forward/settings.ts";
import { encodeExportResponse } from "../../src/protocol/export-response.ts";
import { decodeStatus, encodeStatus } from "../../src/protocol/rpc-status.ts";
import { recordFacts } from "../receive/doors.ts";
import { type GrpcScript, type HttpScript, openGrpcUpstream, openHttpUpstream } from "./upstreams.ts";

const TOKEN = "upCANARYt0ken/+x";
const SAID = `no such key: Bearer ${TOKEN}`;
const HIDDEN = "no such key: ***";
const message = Buffer.of(0x0a, 0x00);

const ended: (() => Promise<unknown>)[] = [];
after(async () => {
  for (const end of ended) await end();
});

async function forward(
  settings: ForwardSettings,
  encoding: "json" | "protobuf",
  state: { reason: string } = { reason: "" },
): Promise<ExportAnswer> {
  const facts = recordFacts();
  const forwarder = createForwarder(
    { ...settings, headers: [["Authorization", new Secret(`Bearer ${TOKEN}`)]] },
    { clock: systemClock, facts },
  );
  ended.push(() => forwarder.close(0));
  const body = encoding === "json" ? Buffer.from('{"resourceSpans":[]}') : message;
  const answer = await forwarder.forward("traces", body, encoding);
  state.reason = forwarder.state().reason;
  return answer;
}

async function askHttp(
  script: HttpScript,
  encoding: "json" | "protobuf" = "protobuf",
): Promise<ExportAnswer> {
  const upstream = await openHttpUpstream(() => script);
  ended.push(() => upstream.close());
  return forward(upstream.settings, encoding);
}

async function askGrpc(
  script: GrpcScript,
  encoding: "json" | "protobuf" = "protobuf",
): Promise<ExportAnswer> {
  const upstream = await openGrpcUpstream(() => script);
  ended.push(() => upstream.close());
  return forward(upstream.settings, encoding);
}

/** All that a client may get to see, as text. */
function shown(answer: ExportAnswer): string {
  if (answer.kind === "accepted") return Buffer.from(answer.response ?? []).toString("latin1");
  const details = answer.details.map(({ typeUrl, value }) => typeUrl + Buffer.from(value).toString("latin1"));
  return [answer.message, ...details, Buffer.from(answer.statusBody ?? []).toString("latin1")].join("\n");
}

const json = { "content-type": "application/json" };
const detail = { typeUrl: "type.googleapis.com/a.B", value: Buffer.from(SAID) };

describe("a credential that the upstream quotes reaches no client", () => {
  it("in the text of a refusal", async () => {
    const answer = await askHttp({ status: 401, headers: { "content-type": "text/plain" }, body: SAID });
    assert.equal(shown(answer).trim(), `the upstream answered with HTTP status 401: ${HIDDEN}`);
  });

  it("in a text that is cut where the credential stands, whatever is cut", async () => {
    const page = (body: string) => ({ status: 401, headers: { "content-type": "text/plain" }, body });
    for (let before = 200; before < 270; before += 3) {
      const answer = await askHttp(page(`${"why ".repeat(80).slice(0, before)} ${SAID}`));
      assert.doesNotMatch(shown(answer), /upC/);
    }
    const long = "why ".repeat(300);
    for (let before = 1_000; before < 1_030; before += 3) {
      const text = `${long.slice(0, before)} ${SAID}`;
      const answers = [await askGrpc({ code: 16, message: text }), await askHttp(page(text))];
      for (const answer of answers) assert.doesNotMatch(shown(answer), /upC/);
    }
    const strange = await askGrpc({ code: 0, headers: { "content-type": `text/${"x".repeat(50)}${TOKEN}` } });
    assert.doesNotMatch(shown(strange), /upC/);
    assert.doesNotMatch(shown(await askHttp(page(`${long.repeat(30)}${SAID}`))), /upC/);
  });

  it("in a Status, as protobuf and as JSON", async () => {
    const status = { code: 3, message: SAID, details: [detail] };
    const answers = [
      await askHttp({ status: 400, body: encodeStatus(status) }),
      await askHttp({ status: 400, headers: json, body: encodeStatus(status) }, "json"),
      await askHttp({ status: 400, headers: json, body: JSON.stringify({ code: 3, message: SAID }) }, "json"),
      await askHttp(
        {
          status: 400,
          headers: json,
          body: JSON.stringify({ code: 3, message: SAID }).replaceAll("/", "\\/"),
        },
        "json",
      ),
      await askHttp({ status: 400, headers: json, body: JSON.stringify({ code: 3, hint: SAID }) }, "json"),
    ];
    for (const answer of answers) {
      assert.ok(answer.kind === "refused" && answer.httpStatus === 400);
      assert.equal(answer.statusBody, undefined);
      assert.doesNotMatch(shown(answer), /CANARY/);
    }
    assert.match(shown(answers[0] ?? assert.fail()), /^no such key: \*\*\*/);
    assert.match(shown(answers[3] ?? assert.fail()), /^no such key: \*\*\*/);
  });

  it("in a partial success, whose counts stay", async () => {
    const partial = { rejected: 1n, errorMessage: SAID };
    const hidden = { rejected: 1n, errorMessage: HIDDEN };
    for (const encoding of ["json", "protobuf"] as const) {
      const body = encodeExportResponse(partial, "traces", encoding);
      const contentType = encoding === "json" ? "application/json" : "application/x-protobuf";
      const answer = await askHttp({ status: 200, headers: { "content-type": contentType }, body }, encoding);
      assert.ok(answer.kind === "accepted");
      assert.deepEqual(answer.response, encodeExportResponse(hidden, "traces", encoding));
    }
    const response = encodeExportResponse(partial, "traces", "protobuf");
    const answer = await askGrpc({ code: 0, response });
    assert.ok(answer.kind === "accepted");
    assert.deepEqual(answer.response, encodeExportResponse(hidden, "traces", "protobuf"));
  });

  it("in a gRPC status, its details, and a content type that is none of gRPC's", async () => {
    const refused = await askGrpc({ code: 16, message: SAID, details: [detail] });
    assert.ok(refused.kind === "refused");
    assert.equal(refused.message, HIDDEN);
    assert.deepEqual(refused.details, []);
    const strange = await askGrpc({ code: 0, headers: { "content-type": `text/${TOKEN}` } });
    assert.doesNotMatch(shown(strange), /CANARY/);
  });
});

describe("an answer in which no credential is", () => {
  it("is given on byte for byte", async () => {
    const status = encodeStatus({
      code: 3,
      message: "grüße, no",
      details: [{ ...detail, value: Buffer.of(1, 0xff) }],
    });
    const refused = await askHttp({ status: 400, body: status });
    assert.ok(refused.kind === "refused");
    assert.deepEqual(Buffer.from(refused.statusBody ?? []), Buffer.from(status));
    const text = '{ "partialSuccess" : { "errorMessage": "Bearer of \\u0062ad news", "x": 1 } }';
    const accepted = await askHttp({ status: 200, headers: json, body: text }, "json");
    assert.ok(accepted.kind === "accepted");
    assert.equal(Buffer.from(accepted.response ?? []).toString(), text);
  });

  it("and which is too long to look through, is written anew from what is known of it", async () => {
    const message = "no ".repeat(30_000);
    const refused = await askHttp({ status: 400, body: encodeStatus({ code: 3, message, details: [] }) });
    assert.ok(refused.kind === "refused");
    assert.equal(refused.statusBody, undefined);
    assert.match(refused.message, /more than 65536 characters, which are not shown/);
    assert.equal(decodeStatus(encodeStatus({ code: 3, message, details: [] }))?.message, message);
  });
});

for (const protocol of ["grpc", "http/protobuf"] as const) {
  it(`an upstream's certificate is verified although the environment says not to, over ${protocol}`, async () => {
    const { key, cert } = await (await createAuthority()).server();
    let secured = 0;
    const server = createTlsServer({ key, cert, ALPNProtocols: ["h2", "http/1.1"] }, () => {
      secured += 1;
    });
    server.on("tlsClientError", () => undefined);
    const endpoint = `https://localhost:${await listen(server)}`;
    const { NODE_TLS_REJECT_UNAUTHORIZED: before } = process.env;
    process.env["NODE_TLS_REJECT_UNAUTHORIZED"] = "0";
    const state = { reason: "" };
    try {
      const answer = await forward({ ...forwardDefaults, endpoint, protocol }, "protobuf", state);
      assert.ok(answer.kind === "refused" && answer.httpStatus === 503);
    } finally {
      if (before === undefined) delete process.env["NODE_TLS_REJECT_UNAUTHORIZED"];
      else process.env["NODE_TLS_REJECT_UNAUTHORIZED"] = before;
      server.close();
    }
    assert.match(state.reason, /UNABLE_TO_VERIFY|SELF_SIGNED|UNABLE_TO_GET_ISSUER/);
    assert.ok(secured <= 1);
  });
}
