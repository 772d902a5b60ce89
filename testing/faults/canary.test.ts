/**
 * One secret, in every place of the configuration that holds one and in every header of the requests that come in;
 * the real sidecar through starts, failures, reloads and crashes. It must be in nothing that it writes.
 */
import assert from "node:assert/strict";
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { createServer as createSecureServer } from "node:https";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { pathToFileURL } from "node:url";
import { askSidecar, ControlError } from "../../packages/sidecar/src/control/client.ts";
import { run } from "../../packages/sidecar/test/cli/process.ts";
import { listWrongFiles } from "../../packages/sidecar/test/config/secret-places.ts";
import { logsRequest, type Sidecar, startSidecar } from "../../packages/sidecar/test/daemon/sidecar.ts";
import { callGrpc, frame, grpcPaths } from "../../packages/sidecar/test/receive/doors.ts";
import { createAuthority } from "../certificates.ts";
import { createDirectory } from "../directory.ts";
import { startBroker } from "../kafka/broker.ts";
import { withKafka } from "../kafka/find.ts";
import { listen as listenOn } from "../listen.ts";

const CANARY = "c4n4ry-5ecret";
/** As it is, and as it is when something encoded it. */
const FORMS = [
  CANARY,
  Buffer.from(`Bearer ${CANARY}`).toString("base64"),
  Buffer.from(CANARY).toString("hex"),
];

/** Everything that came out of a scenario, by where. */
class Gathered {
  readonly #parts = new Map<string, Buffer>();

  add(place: string, text: string | Buffer): void {
    this.#parts.set(`${place} (${this.#parts.size})`, Buffer.from(text));
  }

  addSidecar(sidecar: Sidecar): void {
    this.add("stdout", sidecar.stdout());
    this.add("stderr", sidecar.stderr());
  }

  /** The health and metrics that anyone on this machine can read. */
  async addAdmin({ admin }: Sidecar): Promise<void> {
    for (const path of ["/livez", "/readyz", "/readyz?verbose", "/metrics"]) {
      this.add(path, await (await fetch(`${admin}${path}`)).text());
    }
  }

  /** Every file of the queue's directory. */
  addStore(dataDir: string): number {
    const files = readdirSync(dataDir, { recursive: true, encoding: "utf8" })
      .map((name) => join(dataDir, name))
      .filter((path) => statSync(path).isFile());
    for (const path of files) this.add(path, readFileSync(path));
    return files.length;
  }

  async addCommand(t: TestContext, args: readonly string[], cwd: string): Promise<string> {
    const { stdout, stderr } = await run(t, args, { cwd, environment: { TOKEN: CANARY } });
    this.add(args.join(" "), `${stdout}\n${stderr}`);
    return `${stdout}\n${stderr}`;
  }

  assertClean(...further: readonly string[]): void {
    for (const [place, bytes] of this.#parts) {
      for (const form of [...FORMS, ...further]) {
        const at = bytes.indexOf(form);
        const around = bytes.subarray(Math.max(0, at - 200), at + 100).toString();
        assert.equal(at, -1, `${place}: ${around}`);
      }
    }
  }
}

/** A peer of the sidecar, on this machine; it tells everything that it was told. */
async function listen(t: TestContext, server: Server): Promise<number> {
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  return await listenOn(server);
}

function echo(status: () => number): Server {
  return createServer((request, response) => {
    request.resume();
    request.on("end", () =>
      response.writeHead(status()).end(`${request.url} ${JSON.stringify(request.headers)}`),
    );
  });
}

function configuration(http: string, upstream: string): string {
  return `
tenant: acme
otel:
  endpoint: ${upstream}
  headers: { Authorization: "Bearer \${TOKEN}", X-Api-Key: ${CANARY} }
receivers:
  otlp:
    grpc: { auth: { bearer: "\${TOKEN}" } }
    http: { auth: { bearer: "\${env:TOKEN}" } }
cloud_events:
  source: /canary
  retry: { initial_interval: 1ms, max_interval: 10ms }
  http:
    endpoint: ${http}
    headers: { Authorization: "Bearer \${TOKEN:-none}", X-Api-Key: ${CANARY}, Cookie: "session=${CANARY}; a=b" }
masking: { literals: ["${CANARY}"], patterns: [{ name: own, regex: "x${CANARY}" }] }
log: { level: debug, format: json }
`;
}

/** The canary wherever a sender may put something, with the right token and with a wrong one. */
async function sendEverywhere({ http, banner }: Sidecar, gathered: Gathered): Promise<void> {
  const events = logsRequest({ type: "a.b", tenant: CANARY, uid: CANARY }, { type: `x.${CANARY}` });
  const others = logsRequest({ tenant: CANARY });
  const headers = {
    "content-type": "application/json",
    "x-api-key": CANARY,
    cookie: `session=${CANARY}`,
    "user-agent": CANARY,
    referer: `http://x/?key=${CANARY}`,
    traceparent: CANARY,
  };
  const statuses: number[] = [];
  for (const authorization of [`Bearer ${CANARY}`, `Bearer ${CANARY}x`, `Basic ${CANARY}`]) {
    for (const [path, type, body] of [
      ["/v1/logs", "application/json", events],
      ["/v1/logs", "application/json", others],
      ["/v1/traces", CANARY, events],
      [`/${CANARY}`, "text/plain", events],
    ] as const) {
      const init = { method: "POST", headers: { ...headers, authorization, "content-type": type }, body };
      const response = await fetch(`${http}${path}?key=${CANARY}`, init);
      statuses.push(response.status);
      gathered.add(`the answer of ${path}`, await response.text());
    }
  }
  assert.ok(statuses.includes(200) && statuses.includes(401) && statuses.includes(404), statuses.join());
  const [, grpc = ""] = /gRPC \S+:(\d+)/.exec(banner) ?? [];
  const metadata = { authorization: `Bearer ${CANARY}`, "x-api-key": CANARY, "user-agent": CANARY };
  for (const path of [grpcPaths.logs, grpcPaths.traces, `/${CANARY}/Export`]) {
    for (const given of [metadata, { ...metadata, authorization: CANARY }]) {
      const { trailers, message } = await callGrpc(Number(grpc), path, frame(Buffer.from(CANARY)), given);
      gathered.add("a gRPC answer", `${JSON.stringify(trailers)} ${message?.toString()}`);
    }
  }
}

test("a secret is in no output, file, metric or health page, through failures, reloads and a crash", async (t) => {
  const gathered = new Gathered();
  let status = 401;
  const http = await listen(
    t,
    echo(() => status),
  );
  const upstream = await listen(
    t,
    echo(() => 503),
  );
  const cwd = createDirectory(t);
  const file = join(cwd, "coresdk-sidecar.yaml");
  const write = (endpoint: string, more = ""): void =>
    writeFileSync(file, configuration(endpoint, `http://127.0.0.1:${upstream}/?key=${CANARY}`) + more);
  write(`http://127.0.0.1:${http}/in?code=${CANARY}`);
  // Loaded before the sidecar: an error that nothing is prepared for, on a signal.
  const preload = join(cwd, "crash.mjs");
  writeFileSync(
    preload,
    `process.on("worker", (worker) => process.on("SIGUSR2", () => void worker.terminate()));`,
  );
  const environment = { TOKEN: CANARY, NODE_OPTIONS: `--import=${pathToFileURL(preload).href}` };
  const sidecar = await startSidecar(t, [], { cwd, environment });

  await sendEverywhere(sidecar, gathered);
  await sidecar.wait("stderr", /HTTP 401/);
  await gathered.addAdmin(sidecar);

  // A rejection that says all that was sent becomes a dead letter.
  status = 422;
  await sidecar.wait("stderr", /dead.letter/i);
  await gathered.addAdmin(sidecar);
  assert.match(await gathered.addCommand(t, ["status"], cwd), /dead letters|letters/i);
  await gathered.addCommand(t, ["status", "--json"], cwd);
  await gathered.addCommand(t, ["tap", "--no-follow"], cwd);

  // A peer whose certificate nobody knows.
  const { cert, key } = await (await createAuthority()).server();
  const tls = await listen(t, createSecureServer({ cert, key }));
  write(`https://localhost:${tls}/in?code=${CANARY}`);
  assert.match(await gathered.addCommand(t, ["reload"], cwd), /reloaded/);
  await sendEverywhere(sidecar, gathered);
  await sidecar.wait("stderr", /certificate/);
  await gathered.addAdmin(sidecar);

  // Configurations that are wrong next to a secret.
  for (const more of [
    `\nunknown: ${CANARY}\n`,
    `\npassword: [${CANARY}\n`,
    `\notel: { headers: ${CANARY} }\n`,
  ]) {
    write(`http://127.0.0.1:${http}/in`, more);
    await gathered.addCommand(t, ["validate"], cwd);
  }
  await gathered.addCommand(t, ["config", "print"], cwd);
  await gathered.addCommand(t, ["reload"], cwd);
  write(`http://127.0.0.1:${http}/in?code=${CANARY}`);
  assert.match(await gathered.addCommand(t, ["config", "print"], cwd), /\*\*\*/);
  await gathered.addCommand(t, ["validate"], cwd);
  await gathered.addCommand(t, ["send", "--dry-run", "--type", "a.b", "--source", "/x"], cwd);

  sidecar.child.kill("SIGUSR2");
  assert.equal(await sidecar.ended, 1);
  gathered.addSidecar(sidecar);
  assert.ok(gathered.addStore(sidecar.dataDir) > 0);
  gathered.assertClean();
});

test("a wrong configuration with a secret in it is refused at a reload, and neither log nor answer says the secret", async (t) => {
  const gathered = new Gathered();
  const cwd = createDirectory(t);
  const file = join(cwd, "coresdk-sidecar.yaml");
  writeFileSync(file, "tenant: acme\nlog: { format: json }\n");
  const sidecar = await startSidecar(t, [], { cwd });
  // Over the socket, since the command would read the file first.
  const ask = async (): Promise<string> => {
    try {
      return String((await askSidecar(sidecar.dataDir, { command: "reload" })).fields.get("message"));
    } catch (error) {
      assert.ok(error instanceof ControlError, String(error));
      return error.message;
    }
  };
  // The listeners are named on the command line, which goes before the file.
  const wrong = listWrongFiles(CANARY).filter(([name]) => name !== "a login in a listener");
  for (const [name, text] of wrong) {
    writeFileSync(file, `${text}\n`);
    const answer = await ask();
    gathered.add(`the answer to a reload: ${name}`, answer);
    assert.match(answer, /coresdk-sidecar\.yaml:\d+:\d+: /, name);
  }
  writeFileSync(file, `adminn: ${CANARY}\n`);
  sidecar.child.kill("SIGHUP");
  await sidecar.wait("stderr", /did you mean ..admin/);
  await gathered.addCommand(t, ["reload", "--data-dir", sidecar.dataDir], cwd);
  await gathered.addCommand(t, ["status", "--data-dir", sidecar.dataDir], cwd);
  await gathered.addCommand(t, ["validate"], cwd);
  await gathered.addAdmin(sidecar);
  await assert.rejects(
    askSidecar(sidecar.dataDir, {
      command: "tap",
      stage: "queued",
      filters: [`Type=${CANARY}`],
      limit: 1,
      follow: false,
    }),
    (error) => {
      gathered.add("the answer to a filter", String(error));
      return error instanceof ControlError;
    },
  );
  sidecar.child.kill("SIGTERM");
  await sidecar.ended;
  gathered.addSidecar(sidecar);
  gathered.addStore(sidecar.dataDir);
  // Without its hyphen as well, as a name of a variable has it.
  gathered.assertClean("c4n4ry");
});

test("a secret in the path of an endpoint is in no banner, file or error", async (t) => {
  const gathered = new Gathered();
  const server = echo(() => 422);
  const port = await listen(t, server);
  const cwd = createDirectory(t);
  const endpoint = `http://127.0.0.1:${port}/services/${CANARY}`;
  writeFileSync(
    join(cwd, "coresdk-sidecar.yaml"),
    `cloud_events: { source: /canary, http: { endpoint: "${endpoint}" } }\nlog: { level: debug, format: json }\n`,
  );
  const sidecar = await startSidecar(t, [], { cwd });
  assert.match(sidecar.banner, /\/services\/\*\*\*/);
  const headers = { "content-type": "application/json" };
  const body = logsRequest({ type: "a.b" });
  assert.equal((await fetch(`${sidecar.http}/v1/logs`, { method: "POST", headers, body })).status, 200);
  await sidecar.wait("stderr", /dead.letter/i);
  for (const args of [["validate"], ["config", "print"], ["status"], ["send", "--dry-run"], ["send"]]) {
    await gathered.addCommand(t, args, cwd);
  }
  await gathered.addAdmin(sidecar);
  sidecar.child.kill("SIGTERM");
  await sidecar.ended;
  gathered.addSidecar(sidecar);
  assert.ok(gathered.addStore(sidecar.dataDir) > 0);
  gathered.assertClean();
});

test("an error that nobody expected says where it happened, and no setting", async (t) => {
  const gathered = new Gathered();
  const cwd = createDirectory(t);
  const preload = join(cwd, "crash.mjs");
  writeFileSync(preload, `process.on("SIGUSR2", () => { throw new Error("unexpected"); });`);
  const { cert, key } = await (await createAuthority()).server();
  writeFileSync(join(cwd, "key.pem"), key);
  const tls = `tls: { cert: ${JSON.stringify(cert)}, key: key.pem }`;
  const text = configuration("http://127.0.0.1:1/in", "http://127.0.0.1:1");
  writeFileSync(
    join(cwd, "coresdk-sidecar.yaml"),
    text.replace("    http: { auth", `    http: { ${tls}, auth`),
  );
  const environment = { TOKEN: CANARY, NODE_OPTIONS: `--import=${pathToFileURL(preload).href}` };
  const sidecar = await startSidecar(t, [], { cwd, environment });
  sidecar.child.kill("SIGUSR2");
  assert.equal(await sidecar.ended, 1);
  assert.match(sidecar.stderr(), /unexpected/);
  gathered.addSidecar(sidecar);
  gathered.addStore(sidecar.dataDir);
  await gathered.addCommand(t, ["config", "print"], cwd);
  // A line in the middle of the private key.
  gathered.assertClean(key.split("\n")[5] ?? CANARY);
});

test("a Kafka password that the real broker refuses is in no output", withKafka(), async (t) => {
  const gathered = new Gathered();
  const broker = await startBroker();
  t.after(() => broker.stop());
  const cwd = createDirectory(t);
  writeFileSync(join(cwd, "ca.pem"), broker.ca);
  for (const mechanism of ["SCRAM-SHA-512", "PLAIN"]) {
    writeFileSync(
      join(cwd, "coresdk-sidecar.yaml"),
      `
cloud_events:
  binding: kafka
  kafka:
    brokers: ["${broker.saslSsl}"]
    topic: canary
    tls: { ca: ca.pem }
    sasl: { mechanism: ${mechanism}, username: ${broker.username}, password: "\${TOKEN}" }
log: { level: debug, format: json }
`,
    );
    const args = ["--data-dir", join(cwd, mechanism)];
    const sidecar = await startSidecar(t, args, { cwd, environment: { TOKEN: CANARY } });
    const headers = { "content-type": "application/json" };
    const sent = await fetch(`${sidecar.http}/v1/logs`, {
      method: "POST",
      headers,
      body: logsRequest({ type: "a.b" }),
    });
    assert.equal(sent.status, 200);
    await sidecar.wait("stderr", /user name or password|authentication/);
    await gathered.addAdmin(sidecar);
    await gathered.addCommand(t, ["config", "print"], cwd);
    sidecar.child.kill("SIGTERM");
    sidecar.child.kill("SIGTERM");
    await sidecar.ended;
    gathered.addSidecar(sidecar);
    gathered.addStore(join(cwd, mechanism));
  }
  gathered.assertClean();
});
