import assert from "node:assert/strict";
import { test } from "node:test";
import { hidePathTokens } from "../src/path-tokens.ts";

const shown: readonly string[] = [
  "",
  "/",
  "/ingest",
  "/v1/logs",
  "/api/v2/events/",
  "/apis/v1beta1/orders-service/order.created_at",
  "/IncomingWebhook/cloudEvents/HTTP",
  "/s3/k8s/oauth2/2026/11/22",
  "/a/../b/./c",
];

const hidden: readonly [path: string, shown: string][] = [
  // What the webhooks of chats look like: Slack, Teams, Discord, Telegram.
  ["/services/T01ABCDEF/B01ABCDEF/aB3dE5fG7hJ9kL1mN3pQ5rS7", "/services/***/***/***"],
  [
    "/webhookb2/0f8fad5b-d9cb-469f-a165-70867728950e@x/IncomingWebhook/97fad5bd9cb469fa16570867728950e1/x",
    "/webhookb2/***/IncomingWebhook/***/x",
  ],
  ["/api/webhooks/112233445566778899/aB-3dE_5fG7hJ9kL1mN3pQ5rS7tU9", "/api/webhooks/***/***"],
  ["/bot123456789:AAbbCCddEEffGGhhIIjj/sendMessage", "/***/sendMessage"],
  // And those of automation services: short, but no words.
  ["/hooks/catch/1234567/o9bk2ty/", "/hooks/catch/***/***/"],
  ["/in/c4n4ry-5ecret", "/in/***"],
  ["/in/user:password", "/in/***"],
  ["/in/a%20b%20c", "/in/***"],
  ["/in/ABCDEFGHIJKLMNOP", "/in/***"],
  ["/in/kJhGfDsAqWeR", "/in/***"],
  ["/in/4111-1111-1111-1111", "/in/***"],
  [`/in/${"long-".repeat(20)}`, "/in/***"],
];

test("words and short numbers of a path stay", () => {
  for (const path of shown) assert.equal(hidePathTokens(path), path);
});

for (const [path, expected] of hidden) {
  test(`a token in a path is not shown: ${expected}`, () => {
    assert.equal(hidePathTokens(path), expected);
  });
}
