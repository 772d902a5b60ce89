/** Messages as other SDKs were seen to write them, and what the README says to do about them. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as http from "@coresdk/cloudevents/http";
import * as json from "@coresdk/cloudevents/json";
import * as kafka from "@coresdk/cloudevents/kafka";

const HTTP = { "ce-specversion": "1.0", "ce-type": "t", "ce-id": "1" };
const EVENT = '{"specversion": "1.0", "type": "t", "source": "/a%20b", "id": "1", "subject": "50%"}';

/** What the README has for senders that do not percent-encode. */
function withPercentEncoded(headers: Readonly<Record<string, string>>): Map<string, string> {
  return new Map(
    Object.entries(headers).map(([name, value]) => [
      name,
      name.startsWith("ce-") ? value.replaceAll("%", "%25") : value,
    ]),
  );
}

describe("Python's cloudevents 2.2.0, cloudevents.core", () => {
  const headers = { ...HTTP, "ce-source": "/a%2520b", "ce-subject": "50%25%20%E2%82%AC" };

  it("percent-encodes over HTTP: decoded as it is, and spoilt by what older senders need", () => {
    const { source, subject } = http.decode({ headers, body: Buffer.alloc(0) });
    assert.deepEqual([source, subject], ["/a%20b", "50% €"]);
    assert.equal(http.decode({ headers: withPercentEncoded(headers) }).subject, "50%25%20%E2%82%AC");
  });

  it("writes the format's content type to Kafka", () => {
    const record = { headers: { "content-type": Buffer.from("application/cloudevents+json") }, value: EVENT };
    assert.equal(kafka.decode(record).subject, "50%");
  });

  it("writes a string and false under JSON as no JSON: both are refused in either binding", () => {
    for (const text of ["str", "False"]) {
      const type = { "content-type": "application/json" };
      const record = { ce_specversion: "1.0", ce_type: "t", ce_id: "1", ce_source: "/s", ...type };
      const body = Buffer.from(text);
      const refused = { code: "invalid_data", attribute: "data" };
      assert.throws(() => http.decode({ headers: { ...HTTP, "ce-source": "/s", ...type }, body }), refused);
      assert.throws(() => kafka.decode({ headers: record, value: body }), refused);
    }
  });
});

describe("Python's cloudevents 1.x, and cloudevents.v1 in 2.2.0", () => {
  it("does not percent-encode over HTTP: refused, and read after the README's step", () => {
    const headers = { ...HTTP, "ce-source": "/a%20b", "ce-subject": "50%" };
    assert.throws(() => http.decode({ headers }), { code: "invalid_attribute" });
    const { source, subject } = http.decode({ headers: withPercentEncoded(headers) });
    assert.deepEqual([source, subject], ["/a%20b", "50%"]);
  });

  it("writes structured Kafka records with the data's content type or none: read as the JSON format", () => {
    for (const headers of [{}, { "content-type": Buffer.from("application/json") }]) {
      assert.throws(() => kafka.decode({ headers, value: EVENT }), { code: "not_a_cloudevent" });
    }
    assert.equal(json.decode(EVENT).subject, "50%");
  });
});
