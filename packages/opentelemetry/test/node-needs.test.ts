import assert from "node:assert/strict";
import { test } from "node:test";
import { kafkaFault } from "../src/node-needs.ts";

test("Kafka is refused by name on a Node.js that its client does not run on", () => {
  for (const version of ["22.0.0", "22.21.9", "20.99.0"]) {
    assert.equal(kafkaFault(version), `"kafka" needs Node.js 22.22 or newer; this is ${version}`);
  }
  for (const version of ["22.22.0", "22.100.1", "24.0.0", "25.1.0-nightly"]) {
    assert.equal(kafkaFault(version), undefined);
  }
  assert.equal(kafkaFault(), undefined);
});
