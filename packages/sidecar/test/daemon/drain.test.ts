import assert from "node:assert/strict";
import { test } from "node:test";
import { callGrpc, frame, grpcPaths } from "../receive/doors.ts";
import { postLogs, startSidecar } from "./sidecar.ts";

test("an export that comes while the sidecar drains is refused by status, never by the connection", async (t) => {
  // Nobody listens there, so that the drain lasts until its deadline or the second signal.
  const sidecar = await startSidecar(t, ["--http", "http://127.0.0.1:1/"]);
  const [, grpcPort] = /gRPC \S+:(\d+)/.exec(sidecar.banner) ?? [];
  assert.equal((await postLogs(sidecar.http, { type: "x", uid: "1" })).status, 200);
  sidecar.child.kill("SIGTERM");
  await sidecar.wait("stderr", /draining/);
  for (let i = 0; i < 10; i += 1) {
    const response = await postLogs(sidecar.http, { type: "x", uid: "2" });
    assert.equal(response.status, 503);
    assert.equal(response.headers.get("retry-after"), "5");
    const reply = await callGrpc(Number(grpcPort), grpcPaths.logs, frame(new Uint8Array()));
    assert.equal(reply.status, "14");
    assert.ok(reply.trailers["grpc-status-details-bin"] !== undefined);
    assert.equal((await fetch(`${sidecar.admin}/readyz`)).status, 503);
  }
  sidecar.child.kill("SIGTERM");
  assert.equal(await sidecar.ended, 1);
});
