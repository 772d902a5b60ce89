import assert from "node:assert/strict";
import { test } from "node:test";
import { createMasker } from "../../src/mask/index.ts";

const R = "[REDACTED]";
const masker = createMasker();

const BLOCKED =
  "password passwd secret token apikey authorization auth privatekey credential credentials accesskey accesstoken " +
  "refreshtoken clientsecret cookie session ssn db_password apiKey X-Api-Key AWS_SECRET_ACCESS_KEY DB-PASSWORD " +
  "http.request.header.authorization http.request.header.cookie user[password] passwords[0] accessToken " +
  "password_confirmation passwordConfirmation passwordRepeat passwordAgain password_hash PGPASSWORD MYSQLPASSWORD " +
  "DBPASSWORD userpassword dbpwd SECRET_KEY_BASE api_keys apikeys x-amz-signature csrftoken " +
  "client_secret privateKey APIKey userSSN pass%77ord pass\u200bword ｐassword password2 stripe/secret customer.session SecretString authHeader";
const FREE =
  "auth_method session.id secret_name tokens gen_ai.usage.input_tokens token_count author authority keyboard " +
  "passwordless OLDPWD password_policy pass sid sig value name has_passwords_count key monkey passenger cookie_consent compass sessions.count authentication.kind body";

for (const key of BLOCKED.split(" ")) {
  test(`blocked: ${key}`, () => {
    assert.equal(masker.maskValue("x", key), R);
    assert.deepEqual(masker.maskValue({ [key]: ["x", { y: 1 }] }), { [key]: R });
    assert.deepEqual(masker.maskValue({ [key]: null }), { [key]: null });
  });
}

for (const key of FREE.split(" ")) {
  test(`not blocked: ${key}`, () => assert.deepEqual(masker.maskValue({ [key]: "x" }), { [key]: "x" }));
}

test("a key in a map is looked up together with the map's own key", () => {
  assert.deepEqual(masker.maskValue({ api: { key: "x", kind: "y" } }), { api: { key: R, kind: "y" } });
});

test("further keys are blocked in any way of writing", () => {
  const own = createMasker({ blockedKeys: ["staff_number", "Customer.Home.Address.Line"] });
  for (const key of ["staffNumber", "STAFF-NUMBER", "acme.staff.number", "customer_home_address_line"]) {
    assert.equal(own.maskValue("x", key), R);
  }
  assert.equal(own.maskText("staff_number=77"), `staff_number=${R}`);
  assert.equal(own.maskValue("x", "staff_numbers"), "x");
});

test("a blocked key is one in texts too where the name means a secret beside others alone", () => {
  for (const key of ["input", "Input", "input_value", "value", "ParameterValue", "pass", "Signature"]) {
    const own = createMasker({ blockedKeys: [key] });
    for (const text of [
      `{"${key}":"b1 c2"}`,
      `${key}=b1`,
      `${key}: b1`,
      `{ ${key}: 'b1' }`,
      `?${key}=b1&a=b`,
    ])
      assert.equal(own.maskText(text).includes("b1"), false, text);
  }
});

test("an allowed key is never masked, nor what is under it", () => {
  const own = createMasker({ allowKeys: ["user.id", "Session"] });
  assert.equal(own.maskValue("a@b.co", "user.id"), "a@b.co");
  assert.equal(own.maskValue("a@b.co", "user_id"), R);
  assert.deepEqual(own.maskValue({ session: { password: "x" } }), { session: { password: "x" } });
});

test("what stands in a key is masked in the key", () => {
  assert.deepEqual(masker.maskValue({ "calls of a@b.co": 1 }), { "calls of [REDACTED]": 1 });
});

test("an id of a trace is kept under its name, even if it looks like a card number", () => {
  for (const key of ["trace_id", "traceId", "span_id", "parent_span_id", "dd.trace_id"]) {
    assert.equal(masker.maskValue("4111111111111111", key), "4111111111111111");
    assert.equal(masker.maskValue("mail a@b.co", key), "mail [REDACTED]");
  }
});
