/** Events at which a receiver behind TLS breaks the connection. */
import assert from "node:assert/strict";
import { connect, createServer, type Socket } from "node:net";
import { test } from "node:test";
import { createAuthority } from "../../../../../testing/certificates.ts";
import { listen } from "../../../../../testing/listen.ts";
import { facts } from "../../../src/facts.ts";
import { settle } from "../manual-clock.ts";
import { Rig } from "../rig.ts";
import { NO_TLS, openSink } from "./open-sink.ts";
import { Receiver } from "./receiver.ts";

const authority = await createAuthority();
const identity = await authority.server();

/** Both sides of a connection that goes through this test, below TLS. */
interface Relayed {
  readonly sender: Socket;
  readonly receiver: Socket;
}

const BAD_RECORD = Buffer.concat([Buffer.from([23, 3, 3, 0, 40]), Buffer.alloc(40, 7)]);

/** What breaks the connection, as it does when a process behind it falls or one between them has a fault. */
const faults: readonly (readonly [name: string, strike: (relayed: Relayed) => void])[] = [
  ["plaintext", ({ sender }) => sender.end("HTTP/1.1 502 Bad Gateway\r\n\r\n")],
  ["a plaintext alert", ({ sender }) => sender.end(Buffer.from([21, 3, 3, 0, 2, 2, 80]))],
  ["a record with a bad code", ({ sender }) => sender.end(BAD_RECORD)],
  ["an alert on a record of ours", ({ receiver }) => receiver.write(BAD_RECORD)],
];

for (const version of ["TLSv1.2", "TLSv1.3"] as const)
  for (const [fault, strike] of faults)
    test(`over ${version}, an event at which the connection ends with ${fault} leaves the others of its batch alone`, async () => {
      const { key, cert } = identity;
      await using receiver = await new Receiver({
        key,
        cert,
        minVersion: version,
        maxVersion: version,
      }).listen();
      const connections = new Map<number, Relayed>();
      const relay = createServer((sender) => {
        const outbound = connect(receiver.port, "127.0.0.1", () => {
          connections.set(outbound.localPort ?? 0, { sender, receiver: outbound });
          sender.pipe(outbound).pipe(sender);
        });
        for (const socket of [sender, outbound]) socket.on("error", () => undefined);
        sender.on("close", () => outbound.destroy());
        outbound.on("close", () => sender.destroySoon());
      });
      const port = await listen(relay);
      const got = new Set<string>();
      receiver.answer = ({ body }, response) => {
        const parsed: unknown = JSON.parse(body);
        const ids = (Array.isArray(parsed) ? parsed : [parsed]).map(({ id }) => String(id));
        if (ids.includes("-17")) {
          strike(connections.get(response.socket?.remotePort ?? 0) ?? assert.fail());
          return;
        }
        for (const id of ids) got.add(id);
        response.writeHead(204).end();
      };
      const rig = new Rig();
      const settings = { batchSize: 20, maxInFlight: 1, tls: { ...NO_TLS, ca: authority.ca } };
      await using http = openSink(`https://localhost:${port}/`, settings, { facts: rig.facts });
      rig.sink.maxEventsPerSend = 20;
      rig.sink.forwardTo(http);
      rig.delivery.start();
      await rig.append(...Array.from({ length: 20 }, (_, i) => `-${i}`));
      while (got.size < 19 && receiver.requests.length <= 30) {
        // The receiver answers in its own time, the retries wait in the test's.
        await rig.clock.pass(1_000);
      }
      await settle();
      relay.close();
      assert.equal(got.size, 19);
      assert.equal(rig.facts.count(facts.deadLettered.name), 0);
    });
