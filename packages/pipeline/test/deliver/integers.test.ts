import assert from "node:assert/strict";
import { test } from "node:test";
import { binaryMessage } from "../../src/deliver/http/write-message.ts";
import { recordWriter } from "../../src/deliver/kafka/write-record.ts";
import { sinkEvents } from "./events.ts";

const DATA = [
  '{"big":12345678901234567890,"least":-9007199254740993}',
  "[9007199254740993]",
  "18446744073709551615",
  '{"text":"12345678901234567890","small":5,"half":0.5}',
];

test("binary mode keeps all digits of an integer in the data, over HTTP and Kafka", () => {
  for (const data of DATA) {
    const [event] = sinkEvents({ id: "1" });
    assert.ok(event);
    const bytes = Buffer.from(
      `{"specversion":"1.0","id":"1","source":"/s","type":"t","datacontenttype":"application/json","data":${data}}`,
    );
    const given = { ...event, batch: Object.assign(event.batch, { event: () => bytes }) };
    assert.equal(String(binaryMessage(undefined)(given).body), data);
    assert.equal(String(recordWriter("binary", "id")(given).value), data);
  }
});
