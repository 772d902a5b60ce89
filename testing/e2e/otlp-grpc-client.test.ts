/** gRPC's own client, `@grpc/grpc-js`, against the sidecar's gRPC door: statuses, sizes, TLS, keepalive. */
import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import { Secret, systemClock } from "@coresdk/pipeline";
import {
  Client,
  type ClientOptions,
  compressionAlgorithms,
  credentials,
  Metadata,
  type ServiceError,
  status,
} from "@grpc/grpc-js";
import { createForwarder } from "../../packages/sidecar/src/forward/forwarder.ts";
import { forwardDefaults } from "../../packages/sidecar/src/forward/settings.ts";
import { createAuthority } from "../certificates.ts";
import { exportMethods, openDoors, openGrpcUpstream } from "./otlp-doors.ts";

const ended: (() => unknown)[] = [];
after(async () => {
  for (const end of ended.reverse()) await end();
});

const asIs = (bytes: Buffer): Buffer => bytes;

/** Resolves to the response, or to the error that a service sees. */
function call(
  client: Client,
  message: Buffer,
  metadata = new Metadata(),
  path: string = exportMethods.traces,
): Promise<Buffer | ServiceError> {
  return new Promise((resolve) => {
    client.makeUnaryRequest(path, asIs, asIs, message, metadata, (error, response) => {
      resolve(error ?? response ?? Buffer.from("no response"));
    });
  });
}

function createClient(address: string, options: ClientOptions = {}, secure = credentials.createInsecure()) {
  const client = new Client(address, secure, { "grpc.max_send_message_length": -1, ...options });
  ended.push(() => client.close());
  return client;
}

function codeOf(answer: Buffer | ServiceError): status {
  return Buffer.isBuffer(answer) ? status.OK : answer.code;
}

describe("gRPC's own client", () => {
  it("is served, compressed or not, many calls at once, and its bytes arrive unchanged", async () => {
    const upstream = await openGrpcUpstream();
    ended.push(() => upstream.close());
    const doors = await openDoors(upstream.settings);
    ended.push(() => doors.close());
    const messages = Array.from({ length: 50 }, (_, i) => Buffer.alloc(i * 5000, i));
    for (const algorithm of [compressionAlgorithms.identity, compressionAlgorithms.gzip]) {
      const client = createClient(doors.grpc, {
        "grpc.default_compression_algorithm": algorithm,
        "grpc.keepalive_time_ms": 1000,
      });
      const answers = await Promise.all(messages.map((message) => call(client, message)));
      assert.deepEqual(new Set(answers.map(codeOf)), new Set([status.OK]));
    }
    const sizes = upstream.came.traces.map((bytes) => bytes.length).sort((a, b) => a - b);
    assert.deepEqual(
      sizes,
      [...messages, ...messages].map((bytes) => bytes.length).sort((a, b) => a - b),
    );
    assert.ok(upstream.came.traces.every((bytes) => bytes.every((byte) => byte === bytes.length / 5000)));
  });

  it("sees RESOURCE_EXHAUSTED while it is still sending, before and after decompression", async () => {
    const doors = await openDoors(undefined, { maxRequestBytes: 1_000_000 });
    ended.push(() => doors.close());
    const plain = createClient(doors.grpc);
    const zipped = createClient(doors.grpc, {
      "grpc.default_compression_algorithm": compressionAlgorithms.gzip,
    });
    for (const client of [plain, zipped]) {
      for (const size of [1_000_001, 30_000_000]) {
        assert.equal(codeOf(await call(client, Buffer.alloc(size))), status.RESOURCE_EXHAUSTED);
      }
      assert.equal(codeOf(await call(client, Buffer.alloc(1_000_000))), status.OK);
    }
  });

  it("sees UNIMPLEMENTED, UNAUTHENTICATED and the upstream's own code", async () => {
    const upstream = await openGrpcUpstream();
    ended.push(() => upstream.close());
    const doors = await openDoors(upstream.settings, { bearerToken: new Secret("t0k3n") });
    ended.push(() => doors.close());
    const client = createClient(doors.grpc);
    assert.equal(codeOf(await call(client, Buffer.alloc(1))), status.UNAUTHENTICATED);
    const metadata = new Metadata();
    metadata.set("authorization", "Bearer t0k3n");
    const path = "/opentelemetry.proto.collector.profiles.v1development.ProfilesService/Export";
    assert.equal(codeOf(await call(client, Buffer.alloc(1), metadata, path)), status.UNIMPLEMENTED);
    for (const code of [status.UNAVAILABLE, status.PERMISSION_DENIED, status.DATA_LOSS]) {
      upstream.answerWith(code);
      const answer = await call(client, Buffer.alloc(1), metadata);
      assert.ok(!Buffer.isBuffer(answer));
      assert.equal(answer.code, code);
      assert.equal(answer.details, "not now");
    }
  });

  it("is served over TLS, with a client certificate where one is asked for", async () => {
    const authority = await createAuthority();
    const server = await authority.server();
    const own = await authority.client("orders");
    const tls = { cert: server.cert, key: new Secret(server.key), clientCa: authority.ca };
    const doors = await openDoors(undefined, { tls });
    ended.push(() => doors.close());
    const ca = Buffer.from(authority.ca);
    const known = credentials.createSsl(ca, Buffer.from(own.key), Buffer.from(own.cert));
    assert.equal(codeOf(await call(createClient(doors.grpc, {}, known), Buffer.alloc(9))), status.OK);
    const anonymous = createClient(doors.grpc, {}, credentials.createSsl(ca));
    assert.equal(codeOf(await call(anonymous, Buffer.alloc(9))), status.UNAVAILABLE);
  });
});

describe("forwarding over TLS", () => {
  it("reaches a gRPC and an HTTP upstream whose authority is configured, and no other", async () => {
    const authority = await createAuthority();
    const server = await authority.server();
    const doors = await openDoors(undefined, {
      tls: { cert: server.cert, key: new Secret(server.key), clientCa: undefined },
    });
    ended.push(() => doors.close());
    const tls = { ca: authority.ca, cert: undefined, key: undefined, servername: "localhost" };
    for (const [protocol, at] of [
      ["grpc", doors.grpc],
      ["http/protobuf", doors.http],
    ] as const) {
      for (const trusted of [true, false]) {
        const forwarder = createForwarder(
          { ...forwardDefaults, endpoint: `https://${at}`, protocol, tls: trusted ? tls : undefined },
          { clock: systemClock, facts: { record: () => undefined } },
        );
        const answer = await forwarder.forward("traces", Buffer.alloc(3), "protobuf");
        assert.equal(answer.kind, trusted ? "accepted" : "refused");
        if (answer.kind === "refused") assert.equal(answer.httpStatus, 503);
        await forwarder.close(0);
      }
    }
  });
});
