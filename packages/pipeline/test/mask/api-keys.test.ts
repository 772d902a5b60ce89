import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { createMasker } from "../../src/mask/index.ts";
import { FORMS } from "../../src/mask/rules/api-keys.ts";

const R = "[REDACTED]";
const masker = createMasker();

const UUID = "9f8e7d6c-5b4a-4392-8170-6f5e4d3c2b1a";

/** Longer than what the gate looks at. */
const LONG = "the order was sent. ".repeat(1_200);

describe("a key of each form is found", () => {
  for (const { prefix, least, body } of FORMS) {
    const upper = body === "upper";
    for (const begins of [upper ? "A2B" : "aB3", upper ? "9AB" : "9aB"]) {
      const key = prefix + (body === "uuid" ? UUID : begins.repeat(least).slice(0, Math.max(least, 16)));
      test(`${prefix}, behind it ${begins}`, () => {
        assert.equal(masker.maskText(key), R);
        assert.equal(masker.maskText(`got ${key} from it`), `got ${R} from it`);
        assert.equal(masker.maskText(`x=${key}&y=1`), `x=${R}&y=1`);
        assert.equal(masker.maskText(`${LONG}${key}, it said`), `${LONG}${R}, it said`);
      });
    }
  }
});

const HEX = "0123456789abcdef".repeat(2);
const TOKEN = "aB3dE5fG7hJ9kL1mN3pQ5rS7tU9vW1xY";

/** Keys that are known otherwise than by what they begin with, and what stays of them. */
const OTHERS: readonly (readonly [text: string, masked: string])[] = [
  [`https://hooks.slack.com/services/T01/B02/${TOKEN}`, `https://hooks.slack.com/services/${R}`],
  [`https://discord.com/api/webhooks/123456789012345678/${TOKEN}`, `https://discord.com/api/webhooks/${R}`],
  [`https://discordapp.com/api/webhooks/1234567/${TOKEN}`, `https://discordapp.com/api/webhooks/${R}`],
  [`0123456789:AA${TOKEN}`, R],
  [`1//0${TOKEN}`, R],
  [`dapi${HEX}`, R],
  [`dapiabcdef${HEX.slice(6)}`, R],
  [`dose${HEX}`, R],
  [`dosea${HEX.slice(1)}`, R],
  [`SK${HEX}`, R],
  [`AC${HEX}`, R],
  [`${HEX}-us12`, R],
  [`aB3${"8Q~"}${TOKEN.slice(0, 14)}.${TOKEN.slice(0, 17)}~`, R],
  [`MTk4NjIyNDgzNDcxOTI1MjQ4.Cl2FMQ.${TOKEN.slice(0, 27)}`, R],
  [`OTA2NzE5MDQ5NzYzMjA5MjM2MA.YcZx-q.${TOKEN}aB_-xy`, R],
  [`MTk4NjIyNDgzNDcxOTI1MjQ4.1l2FMQ.${TOKEN.slice(0, 27)}`, R],
  [`patA1b2C3d4E5f6G7.${HEX}${HEX}`, R],
  [`pat${TOKEN.slice(0, 14)}.${HEX}${HEX}`, R],
  [`Abc123Def456Gh.atlasv1.${TOKEN}${TOKEN}`, R],
  ["whsec_C2FVsBQIhrscChlQIYA+b5sSYspob7oD", R],
  ["whsec_abc/Fp17hf1ZhZK7dTkiVqnRHnFxHE0k=", R],
  [`Bearer "${TOKEN}"`, `Bearer "${R}"`],
  [`Negotiate YII${TOKEN}`, `Negotiate ${R}`],
  [`NTLM TlRM${TOKEN}`, `NTLM ${R}`],
  [`SSWS 00${TOKEN}`, `SSWS ${R}`],
];

describe("a key that has no prefix is found by what stands around it", () => {
  for (const [key, masked] of OTHERS) {
    test(key, () => {
      assert.equal(masker.maskText(key), masked);
      assert.equal(masker.maskText(`got ${key} from it`), `got ${masked} from it`);
      assert.equal(masker.maskText(`${LONG}${key}, it said`), `${LONG}${masked}, it said`);
    });
  }
});

/** What is nearly one of them. */
const NO_KEYS = [
  "a dose1 of 7 and doses of it",
  "sl.words.of.a-longer-name-1 and rzp_live_mode",
  "sha256~ of it",
  `ACCEPTED ${HEX.slice(8)}-us-east-1`,
  `${HEX}-usual`,
  "pod-7f-us1.orders.acme",
  "1Q~2 and 8Q~short",
  "gateway.orders.internal.acme",
  "NewOrderCreatedEventListener.onSent.handleOrderCreatedEventFromQueue",
  "pattern.of.words",
  "NorthEuropeDataCenterHost1.abc123.internal-load-balancer-frontend-01",
  "secret_name_of_the_order",
  "secret_santa",
];

describe("what is nearly a key stays", () => {
  for (const text of NO_KEYS) test(text, () => assert.equal(masker.maskText(text), text));
});
