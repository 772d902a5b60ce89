import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Draw, HEX, UPPER } from "../../../../testing/bench/masking/draw.ts";
import { compileMask } from "../../src/compile-mask.ts";
import { createMasker } from "../../src/mask/index.ts";
import { eventsOf, logEvent, takeEvents } from "../intake/take-in.ts";
import { gone, kept, testCases } from "./cases.ts";

const masker = createMasker();
const searchAll = createMasker({ categories: { phone: true, ip: true } });

const TIMES = 20_000;

/** Countries of two hexadecimal digits: numbers of theirs can begin where a group of a UUID does. */
const HEX_COUNTRIES = ["ad", "ae", "ba", "be", "de", "ee"] as const;
/** Of issuers whose cards have as few digits as three groups of four. */
const SHORT_ISSUERS = ["5018", "5020", "5038", "5893", "6304", "6703", "6759", "6761", "6767"] as const;

function hyphenate(digits: string): string {
  return [0, 8, 12, 16, 20].map((from, i) => digits.slice(from, [8, 12, 16, 20, 32][i])).join("-");
}

/** One of random digits, and `part` where its group `group` begins. */
function uuidOfDigits(draw: Draw, group: number, part = ""): string {
  const at = [0, 8, 12, 16, 20][group] ?? 0;
  return hyphenate(draw.digits(at) + part + draw.digits(32 - at - part.length));
}

const UUIDS: Readonly<Record<string, (draw: Draw) => string>> = {
  "version 4": (draw) =>
    hyphenate(
      `${draw.text(HEX, 12)}4${draw.text(HEX, 3)}${draw.pick(["8", "9", "a", "b"])}${draw.text(HEX, 15)}`,
    ),
  "version 7": (draw) =>
    hyphenate(
      `019${draw.text(HEX, 9)}7${draw.text(HEX, 3)}${draw.pick(["8", "9", "a", "b"])}${draw.text(HEX, 15)}`,
    ),
  "of digits, with a country in it": (draw) => uuidOfDigits(draw, draw.below(5), draw.pick(HEX_COUNTRIES)),
  "of digits, with an issuer in it": (draw) => uuidOfDigits(draw, draw.below(5), draw.pick(SHORT_ISSUERS)),
  "of digits": (draw) => uuidOfDigits(draw, 0),
};

const WRITTEN: readonly ((uuid: string) => string)[] = [
  (uuid) => uuid,
  (uuid) => uuid.toUpperCase(),
  (uuid) => `{${uuid}}`,
  (uuid) => `urn:uuid:${uuid}`,
  (uuid) => `order ${uuid} done`,
  (uuid) => `order ${uuid} of 12 is done, 3 to go`,
  (uuid) => `/orders/${uuid}/items?page=2`,
  (uuid) => `order_${uuid.replaceAll("-", "_")}.json`,
];

const OTHERS: Readonly<Record<string, (draw: Draw) => string>> = {
  ulid: (draw) => `0${draw.text("0123456789ABCDEFGHJKMNPQRSTVWXYZ", 25)}`,
  "trace id": (draw) => draw.text(HEX, 32),
  // Sixteen digits alone are a card's, unless the name in front says what they are.
  "span id": (draw) => draw.text("abcdef", 1) + draw.text(HEX, 15),
  traceparent: (draw) => `00-${draw.text(HEX, 32)}-${draw.text(HEX, 16)}-01`,
  "traceparent of digits": (draw) => `00-${draw.digits(32)}-${draw.digits(16)}-01`,
  "object id": (draw) => draw.text(HEX, 24),
  commit: (draw) => draw.text(HEX, 40),
  "short commit and words": (draw) => `commit ${draw.text(HEX, 7)} ${draw.words(draw.between(1, 6))}`,
  "ticket and words": (draw) => `${draw.text(UPPER, 2)}${draw.digits(2)} ${draw.words(draw.between(1, 6))}`,
};

describe("an id that is drawn stays whole", () => {
  for (const [kind, one] of Object.entries(UUIDS)) {
    test(`a UUID, ${kind}`, () => {
      const draw = new Draw(58);
      for (let i = 0; i < TIMES; i++) {
        const uuid = one(draw);
        const write = WRITTEN[i % WRITTEN.length] ?? String;
        assertStays(write(uuid));
      }
    });
  }

  for (const [kind, one] of Object.entries(OTHERS)) {
    test(kind, () => {
      const draw = new Draw(59);
      for (let i = 0; i < TIMES; i++) assertStays(i % 2 === 0 ? one(draw) : `at ${one(draw)} it is done`);
    });
  }

  test("a span id of digits, under its name", () => {
    const draw = new Draw(60);
    for (let i = 0; i < TIMES; i++) {
      const id = draw.digits(16);
      assert.equal(masker.maskValue(id, "span_id"), id);
    }
  });
});

function assertStays(text: string): void {
  assert.equal(masker.maskText(text), text);
  assert.deepEqual(masker.maskValue({ order_id: text }), { order_id: text });
  assert.equal(searchAll.maskText(text), text);
}

/** Its first twenty digits are an account number of Bosnia's length that passes the check. */
const ORDER = "ba298266-5710-4d39-b61f-9591e3667d0a";

test("an event whose id, user and attribute are a UUID keeps them", () => {
  const attributes = { "log.record.uid": ORDER, tenant_id: "acme", "user.id": ORDER, order_id: ORDER };
  const [event] = eventsOf(takeEvents([logEvent({ attributes })], {}, { mask: compileMask(undefined) }));
  assert.equal(event?.["id"], ORDER);
  assert.equal(event["subject"], `tenant/acme/user/${ORDER}`);
  assert.deepEqual(event["data"], { tenant_id: "acme", "user.id": ORDER, order_id: ORDER });
});

testCases({
  "a UUID stays, with what is behind it": kept(
    ORDER,
    ORDER.toUpperCase(),
    `{${ORDER}}`,
    `urn:uuid:${ORDER}`,
    `got ${ORDER} from the queue`,
    "id 2ef5f09d-8a56-4487-ba86-ba46ee2015fd done",
  ),
  "words are no account number, whatever letters and digits begin them": kept(
    "user de83 was there again today",
    "step at11 has gone home today",
    "ticket LC73 parcel note shipment worker note is done",
  ),
  "a number goes that stands beside a UUID": [
    ...gone(
      "GB29 NWBK 6016 1331 9268 19",
      `${ORDER} §`,
      `§ ${ORDER}`,
      `${ORDER} § ${ORDER}`,
      `${ORDER}: §, ${ORDER}`,
    ),
    ...gone("4111 1111 1111 1111", `${ORDER} §`, `§ ${ORDER}`, `${ORDER} § ${ORDER}`),
    ...gone("4111111111111111", `${ORDER.slice(0, 24)}§`, `§${ORDER.slice(8)}`, `${ORDER}-§`),
  ],
});
