import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { CloudEventError, checkAttribute, checkAttributeName, validateEvent } from "@coresdk/cloudevents";

const MINIMAL = { specversion: "1.0", id: "1", source: "/s", type: "t" };

function refuses(candidate: unknown, code: string, attribute?: string): void {
  assert.throws(
    () => validateEvent(candidate),
    (error) => error instanceof CloudEventError && error.code === code && error.attribute === attribute,
    `${JSON.stringify(candidate)} should be refused with ${code} for ${attribute}`,
  );
}

describe("required attributes", () => {
  for (const name of ["specversion", "id", "source", "type"]) {
    it(`refuses an event without ${name}, and one whose ${name} is null or empty`, () => {
      refuses({ ...MINIMAL, [name]: undefined }, "missing_attribute", name);
      refuses({ ...MINIMAL, [name]: null }, "missing_attribute", name);
      refuses({ ...MINIMAL, [name]: "" }, "invalid_attribute", name);
    });
  }

  it("refuses every version of the specification but 1.0", () => {
    for (const version of ["0.3", "1.0.1", "1", "2.0", 1]) {
      refuses({ ...MINIMAL, specversion: version }, "invalid_attribute", "specversion");
    }
  });

  it("takes an event with the four of them and nothing else", () => {
    assert.deepEqual(validateEvent(MINIMAL), MINIMAL);
  });

  it("refuses what is no object", () => {
    for (const value of [null, undefined, 1, "event", [], [MINIMAL]]) refuses(value, "invalid_format");
  });
});

describe("attribute names", () => {
  it("are one or more lower-case letters and digits", () => {
    for (const name of ["a", "z9", "0", "averyveryverylongextensionname", "constructor"]) {
      assert.equal(checkAttributeName(name), undefined, name);
      assert.deepEqual(validateEvent({ ...MINIMAL, [name]: "x" }), { ...MINIMAL, [name]: "x" });
    }
    for (const name of [
      "",
      "A",
      "dataContentType",
      "a-b",
      "a_b",
      "a.b",
      "ä",
      "a b",
      "data_base64",
      "__proto__",
    ]) {
      assert.ok(checkAttributeName(name), name);
      const candidate: unknown = JSON.parse(
        `{"specversion":"1.0","id":"1","source":"/s","type":"t",${JSON.stringify(name)}:"x"}`,
      );
      refuses(candidate, "invalid_attribute_name", name);
    }
  });

  it("are never data", () => {
    assert.ok(checkAttributeName("data"));
  });

  it("show a hostile name cut short and quoted", () => {
    const hostile = `\u001b[31m${"x".repeat(1000)}`;
    assert.throws(
      () => validateEvent({ ...MINIMAL, [hostile]: "x" }),
      (error: Error) => error.message.length < 200 && !error.message.includes("\u001b"),
    );
  });
});

describe("the type String", () => {
  it("has no control characters, lone surrogates or noncharacters", () => {
    const forbidden = [
      "\u0000",
      "\t",
      "\n",
      "\u001f",
      "\u007f",
      "\u0080",
      "\u009f",
      "\ud800",
      "\udfff",
      "a\ud800b",
      "\udc00\ud800",
      "\ufdd0",
      "\ufdef",
      "\ufffe",
      "\uffff",
      "\u{1fffe}",
      "\u{1ffff}",
      "\u{10ffff}",
      "\u{8fffe}",
    ];
    for (const text of forbidden) {
      assert.ok(checkAttribute("subject", `a${text}b`), JSON.stringify(text));
      assert.ok(checkAttribute("comexample", text), JSON.stringify(text));
    }
  });

  it("has every other character", () => {
    const allowed = [
      " ",
      '"',
      "\\",
      "%",
      "~",
      "\u00a0",
      "é",
      "€",
      "\ud7ff",
      "\ue000",
      "\ufdcf",
      "\ufdf0",
      "\ufffd",
      "😀",
      "\u{1fffd}",
      "\u{10fffd}",
      "\ud800\udead",
    ];
    for (const text of allowed)
      assert.equal(checkAttribute("subject", text), undefined, JSON.stringify(text));
  });

  it("is empty only in an extension", () => {
    assert.ok(checkAttribute("subject", ""));
    assert.equal(checkAttribute("comexample", ""), undefined);
  });
});

describe("extension attributes", () => {
  it("are strings, integers of 32 bits or booleans", () => {
    for (const value of ["x", 0, -1, 2147483647, -2147483648, true, false]) {
      assert.equal(checkAttribute("comexample", value), undefined, String(value));
    }
    for (const value of [
      2147483648,
      -2147483649,
      1.5,
      Number.NaN,
      Infinity,
      {},
      [],
      1n,
      Symbol("x"),
      new Uint8Array(1),
    ]) {
      assert.ok(checkAttribute("comexample", value), String(value));
    }
  });

  it("with a documented type are held to it, and canonical strings become native values", () => {
    const event = validateEvent({
      ...MINIMAL,
      sampledrate: "10",
      deprecated: "true",
      severitynumber: 9,
      sequence: "1",
    });
    assert.deepEqual(event, {
      ...MINIMAL,
      sampledrate: 10,
      deprecated: true,
      severitynumber: 9,
      sequence: "1",
    });
    for (const [name, value] of [
      ["sampledrate", "ten"],
      ["sampledrate", "01"],
      ["sampledrate", "4294967296"],
      ["sampledrate", "+1"],
      ["deprecated", "yes"],
      ["sequence", 1],
      ["traceparent", ""],
      ["recordedtime", "yesterday"],
      ["dataref", "a b"],
      ["deprecationmigration", "/relative"],
      ["dssematerial", "not base64"],
    ] as const) {
      refuses({ ...MINIMAL, [name]: value }, "invalid_attribute", name);
    }
  });

  it("are looked for by a name that an attribute can have: checkAttribute says so of data", () => {
    for (const name of ["data", "data_base64", "FooBar", "", "__proto__", "a-b"]) {
      assert.equal(checkAttribute(name, "x"), checkAttributeName(name));
      assert.match(checkAttribute(name, "x") ?? "", /attribute name/);
    }
    assert.equal(checkAttribute("comexample", "x"), undefined);
  });

  it("that are null or undefined are unset", () => {
    const event = validateEvent({ ...MINIMAL, comexample: null, subject: undefined, data: null });
    assert.deepEqual(event, { ...MINIMAL, data: null });
    assert.deepEqual(Object.keys(event), ["specversion", "id", "source", "type", "data"]);
  });

  it("are limited in number", () => {
    const many = Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`ext${i}`, "x"]));
    refuses({ ...MINIMAL, ...many }, "limit_exceeded");
  });
});

describe("errors", () => {
  it("name the attribute and what was expected, and never the value", () => {
    assert.throws(
      () => validateEvent({ ...MINIMAL, subject: "secret\n" }),
      (error) => {
        assert.ok(error instanceof CloudEventError && error instanceof Error);
        assert.equal(error.name, "CloudEventError");
        assert.equal(error.code, "invalid_attribute");
        assert.equal(error.attribute, "subject");
        assert.equal(error.index, undefined);
        assert.match(error.message, /"subject": expected a non-empty String/);
        assert.ok(!error.message.includes("secret"));
        return true;
      },
    );
  });
});
