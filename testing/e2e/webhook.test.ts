import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { Receiver } from "../../packages/pipeline/test/deliver/http/receiver.ts";
import { createDirectory } from "../../packages/sidecar/test/config/load.ts";
import { postLogs, startSidecar } from "../../packages/sidecar/test/daemon/sidecar.ts";

test("a target that does not agree parks the sink, says why, and gets every event once it agrees", async (t) => {
  await using receiver = await new Receiver().listen();
  let agrees = false;
  const delivered = new Set<string>();
  let all = (): void => undefined;
  const done = new Promise<void>((resolve) => {
    all = resolve;
  });
  receiver.answer = ({ method, body, headers }, response) => {
    if (method === "OPTIONS") {
      const allowed = { "webhook-allowed-origin": "events.acme.example", "webhook-allowed-rate": "60000" };
      response.writeHead(200, agrees ? allowed : {}).end();
      return;
    }
    assert.ok(agrees, "nothing is sent without permission");
    assert.equal(headers["webhook-request-origin"], "events.acme.example");
    delivered.add(JSON.parse(body).id);
    response.writeHead(204).end();
    if (delivered.size === 3) all();
  };
  const cwd = createDirectory(t);
  writeFileSync(
    join(cwd, "coresdk-sidecar.yaml"),
    `
cloud_events:
  retry: { initial_interval: 5ms, max_interval: 20ms }
  http:
    endpoint: ${receiver.url("/hook")}
    webhook: { origin: events.acme.example, rate: 60000 }
`,
  );
  const sidecar = await startSidecar(t, [], { cwd });
  for (const uid of ["1", "2", "3"]) {
    assert.equal((await postLogs(sidecar.http, { type: "a.b", uid })).status, 200);
  }
  await sidecar.wait("stderr", /the target does not allow events from events\.acme\.example/);
  const ready = await (await fetch(`${sidecar.admin}/readyz?verbose`)).text();
  assert.match(ready, /"parked",\s+"reason": "the target does not allow events/);
  assert.equal(delivered.size, 0);
  agrees = true;
  await done;
  assert.deepEqual([...delivered].sort(), ["1", "2", "3"]);
  await sidecar.wait("stderr", /the target allows 60000 requests a minute/);
});
