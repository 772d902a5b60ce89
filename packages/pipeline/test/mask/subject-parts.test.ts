import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { compileMask } from "../../src/compile-mask.ts";
import { recordWriter } from "../../src/deliver/kafka/write-record.ts";
import type { AnyValue } from "../../src/log-event.ts";
import { orderKeyOf } from "../build-batch.ts";
import { eventsOf, logEvent, takeEvents, viewOf } from "../intake/take-in.ts";

const R = "[REDACTED]";
const IN_SUBJECT = "%5BREDACTED%5D";
const MAIL = "ada@example.com";

const USERS = ["coresdk.user_id", "user_id", "user.id", "enduser.id"];
const TENANTS = ["coresdk.tenant_id", "tenant_id", "tenant.id"];

type Attributes = Readonly<Record<string, AnyValue>>;

/** What leaves of the parts of the subject, with one name allowed. */
function leave(
  record: { readonly attributes?: Attributes; readonly resource?: Attributes },
  allowed: string,
) {
  const mask = compileMask({
    blockedKeys: [],
    allowKeys: [allowed],
    patterns: [],
    literals: [],
    categories: {},
  });
  const taken = takeEvents([logEvent(record)], { extensions: ["authcontext", "partitioning"] }, { mask });
  const batch = viewOf(taken);
  const [event] = eventsOf(taken);
  return {
    subject: event?.["subject"],
    partitionkey: event?.["partitionkey"],
    authid: event?.["authid"],
    kafkaKey: recordWriter("structured", "subject")({ sequence: 0, batch, index: 0 }).key?.toString(),
    orderKey: batch.orderKey(0),
  };
}

function expected(subject: string, authid: string, ordered: boolean) {
  return {
    subject,
    partitionkey: subject,
    authid,
    kafkaKey: subject,
    orderKey: ordered ? orderKeyOf(subject) : undefined,
  };
}

describe("a user is kept in subject, keys and authid under the allowed name alone", () => {
  for (const name of USERS) {
    for (const allowed of USERS) {
      test(`from ${name}, with ${allowed} allowed`, () => {
        const user = { [name]: MAIL };
        const isKept = name === allowed;
        const parts = expected(`tenant/acme/user/${isKept ? MAIL : IN_SUBJECT}`, isKept ? MAIL : R, isKept);
        assert.deepEqual(leave({ attributes: { "tenant.id": "acme", ...user } }, allowed), parts);
        assert.deepEqual(leave({ attributes: { "tenant.id": "acme" }, resource: user }, allowed), parts);
      });
    }
  }
});

describe("a tenant is kept in subject and keys under the allowed name alone", () => {
  for (const name of TENANTS) {
    for (const allowed of [...TENANTS, "user.id"]) {
      test(`from ${name}, with ${allowed} allowed`, () => {
        const parts = expected(`tenant/${name === allowed ? MAIL : IN_SUBJECT}/user/u1`, "u1", true);
        assert.deepEqual(leave({ attributes: { [name]: MAIL, "user.id": "u1" } }, allowed), parts);
        assert.deepEqual(
          leave({ attributes: { "user.id": "u1" }, resource: { [name]: MAIL } }, allowed),
          parts,
        );
      });
    }
  }
});
