import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { createMasker } from "../../../src/mask/index.ts";
import { post } from "./open-sink.ts";
import { Receiver } from "./receiver.ts";

const masker = createMasker();
const CARD = "4111 1111 1111 1111";
/** Where what is shown of an answer ends, and what is read of it. */
const SHOWN = 300;
const READ = 8 * 1024;

/** What is kept of a rejection that says this. */
async function keptOf(answer: string): Promise<string> {
  await using receiver = await new Receiver().listen();
  receiver.answer = (_request, response) => void response.writeHead(422).end(answer);
  const outcome = await post(receiver.url("/in"), {}, { maskText: (text) => masker.maskText(text) });
  assert.equal(outcome.kind, "rejected");
  return outcome.kind === "rejected" ? outcome.detail : "";
}

describe("what a receiver says is masked before it is cut", () => {
  for (const before of [SHOWN - 15, SHOWN - 9, SHOWN - 1]) {
    test(`with a card from character ${before} on`, async () => {
      const kept = await keptOf(`${"why ".repeat(before).slice(0, before - 1)} ${CARD} and so on`);
      assert.match(kept, /why why/);
      assert.doesNotMatch(kept, /4111/);
      assert.ok(kept.length < SHOWN + 60, kept);
    });
  }

  test("with a card at the end of what is read, behind something long that was masked", async () => {
    const front = `-----BEGIN PRIVATE KEY-----\n${"a".repeat(READ)}`.slice(0, READ - 100);
    const begin = `${front}-----END PRIVATE KEY----- why `;
    const kept = await keptOf(`${begin}${"why ".repeat(20)}`.slice(0, READ - 12) + CARD.repeat(3));
    assert.doesNotMatch(kept, /4111|aaaa/);
  });

  test("and a short answer is kept whole", async () => {
    assert.equal(await keptOf(`no card ${CARD}`), "HTTP 422 Unprocessable Entity: no card [REDACTED]");
  });
});
