/** What the upstream says of what it was sent, on its way to clients, with masking on for the signal. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type MaskSettings, systemClock } from "@coresdk/pipeline";
import { ACCEPTED, type ExportAnswer } from "../../src/contracts.ts";
import { maskForwarded } from "../../src/forward/mask-forwarded.ts";
import { translateHttpAnswer } from "../../src/forward/translate.ts";
import { decodeExportResponse, encodeExportResponse } from "../../src/protocol/export-response.ts";
import { refuseBadRequest } from "../../src/protocol/refusal.ts";

const SAID = "no span of canary@example.com";
const MASKED = "no span of [REDACTED]";
const masking: MaskSettings = { blockedKeys: [], allowKeys: [], patterns: [], literals: [], categories: {} };

async function ask(answer: ExportAnswer, signal: "traces" | "metrics" = "traces"): Promise<ExportAnswer> {
  const forwarder = maskForwarded(
    {
      forward: async () => answer,
      state: () => ({ state: "untried", reason: "" }),
      close: async () => {},
    },
    { masking, logs: "none", traces: true, metrics: false },
    { clock: systemClock, facts: { record: () => {} } },
  );
  try {
    return await forwarder.forward(signal, Buffer.from("{}"), "json");
  } finally {
    await forwarder.close(0);
  }
}

test("a refusal that quotes what was sent is masked", async () => {
  const value = Buffer.from(SAID);
  const refusal = { ...refuseBadRequest(SAID), details: [{ typeUrl: "type.googleapis.com/a.B", value }] };
  const answer = await ask({ ...refusal, statusBody: value });
  assert.ok(answer.kind === "refused");
  assert.equal(answer.message, MASKED);
  assert.deepEqual(answer.details, []);
  assert.equal(answer.statusBody, undefined);
});

test("the message of a partial success is masked, and the count stays", async () => {
  const response = encodeExportResponse({ rejected: 3n, errorMessage: SAID }, "traces", "json");
  const answer = await ask({ kind: "accepted", response });
  assert.ok(answer.kind === "accepted" && answer.response !== undefined);
  assert.deepEqual(decodeExportResponse(answer.response, "traces", "json"), {
    rejected: 3n,
    errorMessage: MASKED,
  });
});

test("an answer without a finding, or to a signal that is not masked, stays as it is", async () => {
  const refusal = refuseBadRequest(SAID);
  assert.equal(await ask(ACCEPTED), ACCEPTED);
  assert.equal(await ask(refusal, "metrics"), refusal);
});

test("a text that is cut where something personal stands was masked before", async () => {
  for (let before = 200; before < 270; before += 5) {
    const body = Buffer.from(`${"why ".repeat(80).slice(0, before)} ${SAID} ${"and ".repeat(300)}`);
    const said = { status: 400, contentType: "text/plain", retryAfter: undefined, body };
    const answer = await ask(translateHttpAnswer(said, "traces", "json", 0));
    assert.ok(answer.kind === "refused");
    assert.match(answer.message, /why/);
    assert.doesNotMatch(answer.message, /canary/);
  }
});
