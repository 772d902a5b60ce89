import assert from "node:assert/strict";
import type { LookupFunction } from "node:net";
import { test } from "node:test";
import type { Outcome } from "../../src/contracts.ts";
import { isPrivateAddress, isPrivateHost } from "../../src/deliver/address-guard.ts";
import { openSink, post } from "./http/open-sink.ts";
import { Receiver } from "./http/receiver.ts";

const blocked = [
  [
    "0.0.0.0",
    "0.1.2.3",
    "10.0.0.1",
    "10.255.255.255",
    "100.64.0.1",
    "100.127.255.255",
    "127.0.0.1",
    "127.1.2.3",
  ],
  ["169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.8", "192.0.2.1", "192.168.0.1", "198.18.0.1"],
  ["198.51.100.1", "203.0.113.9", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255"],
  [
    "::",
    "::1",
    "::ffff:127.0.0.1",
    "::ffff:7f00:1",
    "::ffff:10.0.0.1",
    "::ffff:a9fe:a9fe",
    "::127.0.0.1",
    "::10.0.0.1",
  ],
  [
    "64:ff9b::10.0.0.1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::1",
    "2002:7f00:1::",
    "2002:a00:1::1",
    "2002:c0a8:101::",
  ],
  [
    "fc00::1",
    "fd12:3456::1",
    "fe80::1",
    "fe80::1%eth0",
    "febf::1",
    "fec0::1",
    "ff02::1",
    "2001:db8::1",
    "2001::1",
    "100::1",
  ],
  ["::ffff:0:127.0.0.1", "::ffff:0:a00:1", "0:0:0:0:ffff:0:a9fe:a9fe", "::ffff:0:192.168.1.1"],
  [
    "2600::5efe:127.0.0.1",
    "2600:1:2:3:0:5efe:10.0.0.1",
    "2600:1:2:3:200:5efe:a9fe:a9fe",
    "2600::1:0:5efe:0:0",
    "2600:1:2:3:200:5efe::",
  ],
  ["2001:0:4136:e378:8000:63bf:3fff:fdd2", "2001::f5ff:fffe", "64:ff9b:1:7f00:0:100::"],
  ["", "localhost", "999.1.1.1", "1.2.3", "::g"],
].flat();
const open = [
  [
    "1.1.1.1",
    "8.8.8.8",
    "9.255.255.255",
    "11.0.0.1",
    "100.63.255.255",
    "100.128.0.1",
    "126.255.255.255",
    "128.0.0.1",
  ],
  [
    "169.253.255.255",
    "169.255.0.1",
    "172.15.255.255",
    "172.32.0.1",
    "192.167.255.255",
    "192.169.0.1",
    "223.255.255.255",
  ],
  ["2606:4700:4700::1111", "2a00:1450::1", "::ffff:1.1.1.1", "64:ff9b::1.1.1.1", "2002:101:101::1"],
  ["::ffff:0:1.1.1.1", "2600:1:2:3:0:5efe:1.1.1.1", "2600:1:2:3:200:5efe:808:808", "2600::5eff:10.0.0.1"],
].flat();

test("addresses of this machine, of private networks and for special purposes are told from public ones", () => {
  for (const address of blocked) assert.equal(isPrivateAddress(address), true, address);
  for (const address of open) assert.equal(isPrivateAddress(address), false, address);
});

test("an address in a URL is seen in every way of writing it", () => {
  const hosts = [
    "127.1",
    "0x7f000001",
    "2130706433",
    "0177.0.0.1",
    "0x7f.0.0.1",
    "10.1",
    "0",
    "169.254.43518",
  ];
  for (const host of [...hosts, "[::1]", "[::ffff:127.0.0.1]", "[0:0:0:0:0:ffff:a00:1]", "１２７.0.0.1"]) {
    assert.equal(isPrivateHost(new URL(`http://${host}/`)), true, host);
  }
  for (const host of ["1.1.1.1", "[2606:4700::1]", "localhost", "events.acme.example"]) {
    assert.equal(isPrivateHost(new URL(`http://${host}/`)), false, host);
  }
});

test("an endpoint that is a private address is refused at once", () => {
  const hosts = ["127.0.0.1", "2130706433", "[::1]", "[::ffff:10.0.0.1]", "[::ffff:0:127.0.0.1]"];
  for (const host of [...hosts, "[2600::5efe:127.0.0.1]"]) {
    assert.throws(
      () => openSink(`http://${host}:1/`, { blockPrivateAddresses: true }),
      /the endpoint of sink default is a private address/,
    );
  }
});

/** Gives out these addresses, the next list at each call. */
function resolveTo(
  ...answers: readonly (readonly string[])[]
): LookupFunction & { readonly asked: string[] } {
  let turn = 0;
  const asked: string[] = [];
  const resolve: LookupFunction = (hostname, _options, callback) => {
    asked.push(hostname);
    const addresses = answers[Math.min(turn++, answers.length - 1)] ?? [];
    callback(
      null,
      addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 })),
    );
  };
  return Object.assign(resolve, { asked });
}

test("a name that has private addresses alone parks the sink, and no connection is made", async () => {
  await using receiver = await new Receiver().listen();
  const lists = [["127.0.0.1"], ["::1", "127.0.0.1"], ["::ffff:127.0.0.1"], ["0.0.0.0"], ["169.254.169.254"]];
  for (const addresses of lists) {
    const outcome = await postGuarded(`http://events.acme.example:${receiver.port}/`, resolveTo(addresses));
    assert.equal(outcome.kind, "parked", addresses.join());
    assert.match(outcome.kind === "parked" ? outcome.reason : "", /private addresses only/);
  }
  assert.equal(receiver.connections, 0);
});

test("localhost is private as the system resolves it", async () => {
  await using receiver = await new Receiver().listen();
  const outcome = await postGuarded(`http://localhost:${receiver.port}/`, undefined);
  assert.equal(outcome.kind, "parked");
  assert.equal(receiver.connections, 0);
});

test("of public and private addresses only the public ones are tried, so that rebinding leads nowhere", async () => {
  await using receiver = await new Receiver().listen();
  // The first answer is public, and by the time of connecting the name is this machine.
  const rebinding = resolveTo(["192.0.2.1"], ["127.0.0.1"]);
  const first = await postGuarded(`http://events.acme.example:${receiver.port}/`, rebinding);
  const second = await postGuarded(`http://events.acme.example:${receiver.port}/`, rebinding);
  assert.deepEqual([first.kind, second.kind], ["parked", "parked"]);
  assert.deepEqual(rebinding.asked, ["events.acme.example", "events.acme.example"]);
  assert.equal(receiver.connections, 0);
});

test("without the block the same name is reached", async () => {
  await using receiver = await new Receiver().listen();
  const outcome = await post(
    `http://events.acme.example:${receiver.port}/`,
    { blockPrivateAddresses: false },
    { lookup: resolveTo(["127.0.0.1"]) },
  );
  assert.deepEqual(outcome, { kind: "delivered" });
  assert.equal(receiver.requests[0]?.headers.host, `events.acme.example:${receiver.port}`);
});

/** Posts to an endpoint from which private addresses are kept. */
function postGuarded(endpoint: string, lookup: LookupFunction | undefined): Promise<Outcome> {
  const ports = lookup === undefined ? {} : { lookup };
  return post(endpoint, { blockPrivateAddresses: true }, ports);
}
