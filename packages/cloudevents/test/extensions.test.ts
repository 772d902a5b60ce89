/** What the documents beside the specification ask of a value, beyond its type. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type CloudEvent, checkAttribute, createEvent, validateEvent } from "@coresdk/cloudevents";
import * as http from "@coresdk/cloudevents/http";
import * as json from "@coresdk/cloudevents/json";
import * as kafka from "@coresdk/cloudevents/kafka";

const MINIMAL = { specversion: "1.0", id: "1", source: "/s", type: "t" };

/** Every way in, with one extension more. */
const WAYS: Readonly<Record<string, (name: string, text: string) => CloudEvent>> = {
  validateEvent: (name, text) => validateEvent({ ...MINIMAL, [name]: text }),
  createEvent: (name, text) => createEvent({ type: "t", source: "/s", [name]: text }),
  "JSON format": (name, text) => json.decode(JSON.stringify({ ...MINIMAL, [name]: text })),
  "HTTP binary": (name, text) =>
    http.decode({ headers: prefixed("ce-", { ...MINIMAL, [name]: encodeURIComponent(text) }) }),
  "Kafka binary": (name, text) =>
    kafka.decode({
      headers: prefixed("ce_", { ...MINIMAL, [name]: text }).map(([key, value]) => [key, Buffer.from(value)]),
    }),
};

function prefixed(prefix: string, attributes: Readonly<Record<string, string>>): [string, string][] {
  return Object.entries(attributes).map(([name, value]) => [prefix + name, value]);
}

const RULES = [
  {
    name: "sampledrate",
    rule: "greater than zero",
    wrong: ["0", "-5", "2147483648", "1.5"],
    right: { "1": 1, "30": 30, "2147483647": 2147483647 },
    wrongNative: [0, -5, 2147483648, 1.5, Number.NaN],
  },
  {
    name: "severitynumber",
    rule: "not negative",
    wrong: ["-1", "-2147483648", "2147483648"],
    right: { "0": 0, "9": 9, "24": 24 },
    wrongNative: [-1, 2147483648, 0.5],
  },
  {
    name: "deprecated",
    rule: "true",
    wrong: ["false", "True", "1", ""],
    right: { true: true },
    wrongNative: [false, 1],
  },
  {
    name: "dataregulation",
    rule: "not empty, without spaces inside an entry",
    wrong: ["", "GDPR HIPAA", "GDPR,PCI  DSS", "GDPR\nHIPAA"],
    right: { GDPR: "GDPR", "GDPR , HIPAA,  PCI-DSS": "GDPR , HIPAA,  PCI-DSS", "a,,b": "a,,b" },
    wrongNative: [1, true],
  },
] as const;

describe("a documented extension", () => {
  for (const { name, rule, wrong, right, wrongNative } of RULES) {
    for (const [way, make] of Object.entries(WAYS)) {
      it(`is held to its document by ${way}: ${name} is ${rule}`, () => {
        for (const text of wrong) {
          assert.throws(() => make(name, text), { code: "invalid_attribute", attribute: name }, text);
        }
        for (const [text, value] of Object.entries(right)) assert.equal(make(name, text)[name], value);
      });
    }

    it(`is held to its document in native form: ${name} is ${rule}`, () => {
      for (const value of wrongNative) {
        assert.ok(checkAttribute(name, value), String(value));
        assert.throws(() => validateEvent({ ...MINIMAL, [name]: value }), { attribute: name });
        assert.throws(() => json.encode(Object.assign(Object.create(null), MINIMAL, { [name]: value })), {
          attribute: name,
        });
      }
      for (const value of Object.values(right)) {
        assert.equal(checkAttribute(name, value), undefined);
        assert.equal(validateEvent({ ...MINIMAL, [name]: value })[name], value);
      }
    });
  }

  it("with a list of regulations is checked in time that grows with its length alone", () => {
    const list = `${"a".repeat(50_000)}${" ".repeat(500_000)},${" ,".repeat(100_000)}`;
    assert.equal(checkAttribute("dataregulation", list), undefined);
    assert.ok(checkAttribute("dataregulation", `${list} a b`));
  });
});
