import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { KeyValues } from "../../src/log-event.ts";
import { assertNoPii, createMasker, PiiError } from "../../src/mask/index.ts";

const R = "[REDACTED]";
const MAIL = "canary@example.com";
const masker = createMasker();

class Account {
  readonly #mail = MAIL;

  toJSON(): unknown {
    return { mail: this.#mail };
  }
}

function formOf(name: string, value: string): FormData {
  const form = new FormData();
  form.set(name, value);
  return form;
}

/** A list with something beside its items, as regular expressions give it. */
function listWith(name: string, value: unknown): readonly unknown[] {
  return Object.defineProperty(["a"], name, { value, enumerable: true });
}

/** Values that hold a secret where `Object.entries` shows none, and what becomes of them in JSON. */
const HOLDERS: Readonly<Record<string, readonly [value: object, masked: string]>> = {
  "a set": [new Set([MAIL]), "{}"],
  "a boxed text": [Object(MAIL), `"${R}"`],
  "a boxed card": [Object(4111111111111111), `"${R}"`],
  "an object with toJSON": [new Account(), `{"mail":"${R}"}`],
  "toJSON of its own": [{ toJSON: () => MAIL }, `"${R}"`],
  "an address": [new URL(`https://u:hunter2@h/?mail=${MAIL}`), `"https://u:${R}@h/?mail=${R}"`],
  "a query": [new URLSearchParams({ password: "hunter2", x: "1" }), `[["password","${R}"],["x","1"]]`],
  headers: [new Headers({ Authorization: "opaque" }), `[["authorization","${R}"]]`],
  "a form": [formOf("password", "hunter2"), `[["password","${R}"]]`],
  "a buffer": [new TextEncoder().encode(MAIL).buffer, "bytes"],
  "a view": [new DataView(new TextEncoder().encode(MAIL).buffer), "bytes"],
  "cards in an array of doubles": [new Float64Array([4111111111111111]), `"${R}"`],
  "a blob": [new Blob([MAIL]), `"${R}"`],
};

describe("what an object holds elsewhere than in its fields is found", () => {
  for (const [name, [value, expected]] of Object.entries(HOLDERS)) {
    test(name, () => {
      const masked = masker.maskValue({ value, other: 1 });
      assert.ok(typeof masked === "object" && masked !== null && "value" in masked);
      const inner = masked.value;
      if (inner instanceof Uint8Array) assert.equal(Buffer.from(inner).toString(), R);
      else if (inner instanceof Set) assert.deepEqual(inner, new Set([R]));
      else assert.equal(JSON.stringify(inner), expected);
      assert.throws(() => assertNoPii({ value }), PiiError);
      assert.deepEqual(masker.find(masked), []);
    });
  }

  test("an error: message, stack, cause and fields, and it stays one of its class", () => {
    const error = Object.assign(new TypeError(`no ${MAIL}`, { cause: { mail: MAIL } }), {
      to: MAIL,
      code: 7,
    });
    const masked = masker.maskValue(error);
    assert.ok(masked instanceof TypeError);
    assert.equal(masked.message, `no ${R}`);
    assert.deepEqual(masked.cause, { mail: R });
    assert.doesNotMatch(`${masked.stack} ${JSON.stringify(masked)}`, /canary/);
    assert.deepEqual(JSON.parse(JSON.stringify(masked)), { to: R, code: 7 });
    assert.throws(() => assertNoPii(error), PiiError);
  });

  test("a map, its keys among it", () => {
    const map = new Map<unknown, unknown>([
      [{ mail: MAIL }, 1],
      ["password", "x"],
      [7, MAIL],
    ]);
    assert.deepEqual(
      masker.maskValue(map),
      new Map<unknown, unknown>([
        [{ mail: R }, 1],
        ["password", R],
        [7, R],
      ]),
    );
  });
});

test("what holds nothing comes back as it is", () => {
  const values = [
    new Set(["x"]),
    new Map([["a", 1]]),
    new Error("x"),
    new URL("https://orders.acme.com/x"),
    new URLSearchParams("a=b"),
    new Headers({ accept: "*/*" }),
    new Date(0),
    new ArrayBuffer(8),
    new Float64Array([1.5]),
    { toJSON: () => "x" },
    Object("x"),
  ];
  for (const value of values) assert.equal(masker.maskValue(value), value);
});

test("the same value gives the same findings each time, whatever was looked at before", () => {
  const own = createMasker();
  for (let time = 0; time < 3; time++) {
    assert.deepEqual(own.find({ payload: `{"${MAIL}":1}` }), [{ path: "payload", kind: "email" }]);
    assert.deepEqual(own.find({ [MAIL]: 1 }), [{ path: R, kind: "email" }]);
    assert.deepEqual(own.find({ other: `{"a":{"${MAIL}":2}}` }), [{ path: "other", kind: "email" }]);
  }
});

test("whatever is replaced is a finding", () => {
  const self: Record<string, unknown> = { a: 1 };
  self["self"] = self;
  const hostile = {
    get x(): string {
      throw new Error("no");
    },
  };
  let deep: unknown = "x";
  for (let i = 0; i < 70; i++) deep = { deep };
  for (const value of [self, { hostile }, deep]) {
    assert.notEqual(masker.maskValue(value), value);
    assert.ok(masker.find(value).some(({ kind }) => kind === "failure"));
    assert.throws(() => assertNoPii(value), PiiError);
  }
});

test("keys that mask to the same text stay apart", () => {
  const both = { "a@b.co": 1, [R]: 2, "c@d.co": 3 };
  const masked = { [`${R}.2`]: 1, [R]: 2, [`${R}.3`]: 3 };
  assert.deepEqual(masker.maskValue(both), masked);
  assert.deepEqual(masker.maskValue(new Map(Object.entries(both))), new Map(Object.entries(masked)));
  assert.equal(masker.maskText('{"a@b.co":1,"c@d.co":3}'), `{"${R}":1,"${R}.2":3}`);
});

test("a name and its value side by side", () => {
  const pairs = {
    fields: [
      { name: "password", value: "plain words" },
      { key: "db_password", value: ["x"], note: "y" },
      { name: "colour", value: "red" },
    ],
    headers: [
      ["Authorization", "opaque words"],
      ["Accept", "all"],
    ],
    raw: ["Host", "acme", "Cookie", "a=b"],
    names: ["password", "token"],
  };
  const masked = {
    fields: [
      { name: "password", value: R },
      { key: "db_password", value: R, note: "y" },
      { name: "colour", value: "red" },
    ],
    headers: [
      ["Authorization", R],
      ["Accept", "all"],
    ],
    raw: ["Host", "acme", "Cookie", R],
    names: ["password", "token"],
  };
  assert.deepEqual(masker.maskValue(pairs), masked);
});

test("true, false and nothing under the key of a secret are none", () => {
  const flags = { has_password: true, requires_auth: false, token: null, secret: undefined };
  assert.equal(masker.maskValue(flags), flags);
  assert.deepEqual(masker.find(flags), []);
  const text = '{"has_password":true,"requires_auth":false,"mail":"a@b.co"}';
  assert.equal(masker.maskText(text), text.replace("a@b.co", R));
});

describe("what a list has beside its items is masked too", () => {
  for (const [name, value] of [
    ["input", `mail to ${MAIL}`],
    ["groups", { mail: MAIL }],
    ["password", "hunter2"],
    [MAIL, 1],
    ["", MAIL],
    ["1.5", MAIL],
  ] as const) {
    test(JSON.stringify(name), () => {
      const list = listWith(name, value);
      const masked = masker.maskValue(list);
      assert.deepEqual(masker.maskValue(masked), masked);
      const own = JSON.stringify(Object.entries(Object(masked)));
      assert.doesNotMatch(own, /canary|hunter2/);
      assert.match(own, /REDACTED/);
      assert.ok(masker.find(list).length > 0);
      assert.throws(() => assertNoPii(list), PiiError);
    });
  }

  test("and stays beside items that were masked, and the list itself without anything to be masked", () => {
    const list = Object.assign([MAIL], { index: 7 });
    assert.deepEqual(masker.maskValue(list), Object.assign([R], { index: 7 }));
    const clean = listWith("__proto__", { a: 1 });
    assert.equal(masker.maskValue(clean), clean);
    const masked = masker.maskValue(listWith("__proto__", { mail: MAIL }));
    assert.equal(Object.getPrototypeOf(masked), Array.prototype);
  });
});

test("the value of a parameter goes beside its name", () => {
  const value = { ParameterKey: "DbPassword", ParameterValue: "hunter2" };
  assert.deepEqual(masker.maskValue(value), { ...value, ParameterValue: R });
});

describe("the pass of a login is a password", () => {
  test("in an object, a map and the attributes of an event", () => {
    assert.deepEqual(masker.maskValue({ User: "bob", pass: "hunter2" }), { User: "bob", pass: R });
    assert.deepEqual(
      masker.maskValue(
        new Map([
          ["pw", "hunter2"],
          ["email", "x"],
        ]),
      ),
      new Map([
        ["pw", R],
        ["email", "x"],
      ]),
    );
    const map = new KeyValues();
    map.add("pass", "hunter2");
    map.add("user_name", "bob");
    const masked = masker.maskValue({ map });
    assert.doesNotMatch(JSON.stringify(masked), /hunter2/);
  });

  test("and counts something elsewhere, as a number, or where the user allows it", () => {
    for (const value of [
      { pass: "all", fail: "none" },
      { user: "bob", pass: 3 },
      { user: "bob", pass: true },
    ])
      assert.equal(masker.maskValue(value), value);
    const allowing = createMasker({ allowKeys: ["pass"] });
    assert.deepEqual(allowing.maskValue({ user: "bob", pass: "x" }), { user: "bob", pass: "x" });
  });
});

test("an argument of a command goes behind the option that names a secret, wherever it stands", () => {
  const args = ["app", "--password", "hunter2", "--token", "-x", "80"];
  const masked = ["app", "--password", R, "--token", "-x", "80"];
  assert.deepEqual(masker.maskValue({ "process.command_args": args }), { "process.command_args": masked });
  assert.deepEqual(masker.maskValue(masked), masked);
  const map = new KeyValues();
  map.add("process.command_args", args);
  assert.doesNotMatch(JSON.stringify(masker.maskValue({ map })), /hunter2/);
  assert.deepEqual(masker.maskValue(["app", "--port", "80"]), ["app", "--port", "80"]);
});

test("the lines of a private key go where they are the items of a list, and what stands behind them stays", () => {
  const lines = [
    "a",
    "-----BEGIN RSA PRIVATE KEY-----",
    "Proc-Type: 4,ENCRYPTED",
    "",
    "MIIEpAIBAAKC",
    "q8Zk2==",
  ];
  const key = [...lines, "-----END RSA PRIVATE KEY-----", "b"];
  const masked = ["a", R, R, "", R, R, R, "b"];
  assert.deepEqual(masker.maskValue({ key }), { key: masked });
  assert.deepEqual(masker.maskValue(masked), masked);
  assert.deepEqual(JSON.parse(masker.maskText(JSON.stringify({ key }))), { key: masked });
  const map = new KeyValues();
  map.add("key", key);
  const found = masker.maskValue({ map });
  assert.doesNotMatch(JSON.stringify(found), /MIIE|q8Zk2/);
  const others = ["-----BEGIN PRIVATE KEY-----", "no line of it", "MIIEpAIBAAKC"];
  assert.deepEqual(masker.maskValue(others), [R, "no line of it", "MIIEpAIBAAKC"]);
  const off = createMasker({ categories: { private_keys: false } });
  assert.equal(off.maskValue(key), key);
});

test("the body of a private key goes as one item, in long lines, indented and with nothing between its lines", () => {
  const body = "MIIEpAIBAAKCAQEA0Z3VS5JJ".repeat(60);
  const [begin, end] = ["-----BEGIN PRIVATE KEY-----", "-----END PRIVATE KEY-----"];
  const cases: [unknown[], unknown[]][] = [
    [
      [begin, body, end, "b"],
      [R, R, R, "b"],
    ],
    [
      [begin, body.slice(0, 128), body.slice(128, 256), end, "b"],
      [R, R, R, R, "b"],
    ],
    [
      [begin, null, body.slice(0, 64), " ", body.slice(64, 128), end],
      [R, null, R, " ", R, R],
    ],
    [
      [begin, " ".repeat(24) + body.slice(0, 64), end],
      [R, R, R],
    ],
    [
      [begin, `${body} and so on`, end],
      [R, `${body} and so on`, end],
    ],
  ];
  for (const [given, masked] of cases) {
    assert.deepEqual(masker.maskValue(given), masked);
    assert.deepEqual(JSON.parse(masker.maskText(JSON.stringify(given))), masked);
  }
});

describe("values without end are looked at for a while, and the rest goes whole", () => {
  const branches = (): object => ({
    get a(): object {
      return branches();
    },
    get b(): object {
      return branches();
    },
  });
  const plain = (): object => ({ toJSON: () => ({ a: plain(), b: plain() }) });
  class Endless extends Map<number, number> {
    override *[Symbol.iterator](): MapIterator<[number, number]> {
      for (let i = 0; ; i++) yield [i, i];
    }
  }
  class EndlessSet extends Set<number> {
    override *[Symbol.iterator](): SetIterator<number> {
      for (let i = 0; ; i++) yield i;
    }
  }
  class Sets extends Set<Sets> {
    override *[Symbol.iterator](): SetIterator<Sets> {
      for (let i = 0; i < 20_000; i++) yield new Sets();
    }
  }
  const keys = ["a", "b", ...Array.from({ length: 1000 }, (_, i) => `k${i}.password`)];
  const names = (): object =>
    new Proxy(
      {},
      {
        ownKeys: () => keys,
        getOwnPropertyDescriptor: () => ({ value: 1, enumerable: true, configurable: true }),
        get: (_, key) => {
          if (typeof key === "symbol" || key === "toJSON") return undefined;
          return key.length > 1 ? "x" : names();
        },
      },
    );
  const shared = new KeyValues();
  shared.add("x", 1);
  let doubled = shared;
  for (let i = 0; i < 60; i++) {
    const outer = new KeyValues();
    outer.add("a", doubled);
    outer.add("b", doubled);
    doubled = outer;
  }
  const text = "the order was sent ".repeat(20_000);
  const values = {
    getters: branches(),
    toJSON: plain(),
    "a map": new Endless(),
    "a set": new EndlessSet(),
    "sets in sets": new Sets(),
    "names under blocked keys": names(),
    attributes: doubled,
    "one long text in many places": new Array<string>(100_000).fill(text),
  };
  for (const [name, value] of Object.entries(values)) {
    test(name, () => {
      const own = createMasker();
      const masked = own.maskValue({ first: MAIL, value, last: 1 });
      assert.ok(typeof masked === "object" && masked !== null && "value" in masked && "first" in masked);
      assert.equal(masked.first, R);
      assert.notEqual(masked.value, value);
      assert.ok(own.failures > 0);
      assert.ok(own.find({ value }).some(({ kind }) => kind === "failure"));
    });
  }

  test("and a value of many parts is looked at in all of them", () => {
    const many = Array.from({ length: 100_000 }, (_, i) => ({ i }));
    assert.equal(masker.maskValue(many), many);
    const long = "the order was sent. ".repeat(100_000);
    assert.equal(masker.maskValue(`${long}${MAIL}`), `${long}${R}`);
  });
});

test("assertNoPii says when it is given options in the place of a masker", () => {
  const given: unknown = { patterns: [] };
  assert.throws(
    () => Reflect.apply(assertNoPii, undefined, ["x", given]),
    /masker must be what createMasker/,
  );
});
