import assert from "node:assert/strict";
import { test } from "node:test";
import { jsonRequest, takeRequest, textsOf } from "./take-in.ts";

const TIME = "1773930900000000000";

function attributes(entries: Record<string, string | number>): object[] {
  return Object.entries(entries).map(([key, value]) => ({
    key,
    value: typeof value === "string" ? { stringValue: value } : { intValue: String(value) },
  }));
}

test("the documented policy decision comes out byte for byte, with its traceparent", () => {
  const record = {
    timeUnixNano: TIME,
    eventName: "io.coresdk.policy.decision",
    attributes: attributes({
      "coresdk.tenant_id": "acme",
      "coresdk.user_id": "usr_2xK9",
      "coresdk.policy.action": "orders:create",
      "coresdk.policy.result": "allowed",
      "coresdk.policy.latency_us": 43,
      "log.record.uid": "01HX7KQMB4NWE9P6T2JS0RY3ZV",
    }),
    traceId: "4bf92f3577b34da6a3ce929d0e0e4736",
    spanId: "00f067aa0ba902b7",
    flags: 1,
  };
  const expected =
    '{"specversion":"1.0","type":"io.coresdk.policy.decision","source":"https://orders.acme.com",' +
    '"subject":"tenant/acme/user/usr_2xK9","id":"01HX7KQMB4NWE9P6T2JS0RY3ZV","time":"2026-03-19T14:35:00Z",' +
    '"datacontenttype":"application/json",' +
    '"data":{"tenant_id":"acme","user_id":"usr_2xK9","action":"orders:create","result":"allowed",' +
    '"policy_latency_us":43,"trace_id":"4bf92f3577b34da6a3ce929d0e0e4736","span_id":"00f067aa0ba902b7"}}';
  const untraced = takeRequest(jsonRequest([record]), "json", { extensions: [] });
  assert.deepEqual(textsOf(untraced), [expected]);
  const traced = takeRequest(jsonRequest([record]), "json");
  const traceparent = '"traceparent":"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",';
  assert.deepEqual(textsOf(traced), [expected.replace('"data"', `${traceparent}"data"`)]);
});

test("the documented verified login comes out byte for byte", () => {
  const record = {
    timeUnixNano: TIME,
    eventName: "io.coresdk.auth.verified",
    attributes: attributes({
      "coresdk.tenant_id": "acme",
      "coresdk.user_id": "usr_2xK9",
      "coresdk.auth.method": "jwt",
      "coresdk.auth.result": "allowed",
    }),
    traceId: "4bf92f3577b34da6a3ce929d0e0e4736",
  };
  const [text = ""] = textsOf(takeRequest(jsonRequest([record]), "json"));
  assert.equal(
    text.replace(/"id":"[0-9A-HJKMNP-TV-Z]{26}"/, '"id":"01HX7M3NR8PQT5WE6VKZJ2CY4B"'),
    '{"specversion":"1.0","type":"io.coresdk.auth.verified","source":"https://orders.acme.com",' +
      '"subject":"tenant/acme/user/usr_2xK9","id":"01HX7M3NR8PQT5WE6VKZJ2CY4B","time":"2026-03-19T14:35:00Z",' +
      '"datacontenttype":"application/json","data":{"tenant_id":"acme","user_id":"usr_2xK9","auth_method":"jwt",' +
      '"result":"allowed","trace_id":"4bf92f3577b34da6a3ce929d0e0e4736"}}',
  );
});
