import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import {
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { askSidecar, type ControlAnswer, ControlError } from "../../src/control/client.ts";
import { createDirectory } from "../config/load.ts";
import { EventsOfTest } from "./events.ts";
import { open } from "./open-control.ts";

/** Sends a raw text and gives back all that comes until the other side closes. */
async function sendRaw(path: string, text: string | Buffer): Promise<string> {
  const socket = connect(path);
  let answer = "";
  socket.setEncoding("utf8");
  socket.on("data", (chunk: string) => {
    answer += chunk;
  });
  socket.on("error", () => {});
  socket.write(text);
  const closed = Promise.withResolvers<void>();
  socket.on("close", () => closed.resolve());
  await closed.promise;
  return answer;
}

test("status and reload are answered, and the socket is for its user alone", async (t) => {
  const directory = createDirectory(t);
  const control = await open(t, directory);
  assert.equal(statSync(control.path).mode & 0o777, 0o600);
  const status = await askSidecar(directory, { command: "status" });
  assert.equal(Reflect.get(Object(status.fields.get("status")), "version"), "1.2.3");
  status.close();
  const reload = await askSidecar(directory, { command: "reload" });
  assert.equal(reload.fields.get("message"), "reloaded");
  reload.close();
});

test("a reload that is refused is no success", async (t) => {
  const directory = createDirectory(t);
  await open(t, directory, new EventsOfTest(), { ok: false, message: "the old one stays" });
  await assert.rejects(askSidecar(directory, { command: "reload" }), new ControlError("the old one stays"));
});

test("tap gives event lines until its limit", async (t) => {
  const directory = createDirectory(t);
  const events = new EventsOfTest();
  events.store({ id: "1", text: "ü\n" }, { id: "2" });
  await open(t, directory, events);
  const answer = await askSidecar(directory, {
    command: "tap",
    stage: "queued",
    filters: [],
    limit: 2,
    follow: true,
  });
  const ids: unknown[] = [];
  for await (const line of answer.lines) {
    const parsed: unknown = JSON.parse(line);
    ids.push(Reflect.get(Object(Reflect.get(Object(parsed), "event")), "id"));
  }
  assert.deepEqual(ids, ["1", "2"]);
});

test("a tap whose reader goes away is forgotten", async (t) => {
  const directory = createDirectory(t);
  const events = new EventsOfTest();
  await open(t, directory, events);
  const watched = Promise.withResolvers<void>();
  events.onBrowse = () => watched.resolve();
  const answer = await askSidecar(directory, {
    command: "tap",
    stage: "queued",
    filters: [],
    limit: undefined,
    follow: true,
  });
  await watched.promise;
  assert.equal(events.watchers, 1);
  const unwatched = Promise.withResolvers<void>();
  const watch = setInterval(() => {
    if (events.watchers === 0) unwatched.resolve();
  }, 1);
  answer.close();
  await unwatched.promise;
  clearInterval(watch);
});

test("a request that is none is refused in words", async (t) => {
  const { path } = await open(t, createDirectory(t));
  const cases: readonly [text: string, error: string][] = [
    ["nonsense\n", "the request is not JSON"],
    ["5\n", "the request is no object"],
    ['{"command":"status"}\n', "this sidecar speaks version 1 of the control protocol"],
    ['{"v":2,"command":"status"}\n', "this sidecar speaks version 1 of the control protocol"],
    ['{"v":1,"command":"constructor"}\n', "unknown command"],
    ['{"v":1,"command":"tap","limit":-1}\n', "limit must be a whole number above 0"],
    ['{"v":1,"command":"tap","filters":[5]}\n', "a filter is no text, or too long"],
  ];
  for (const [text, error] of cases) {
    assert.deepEqual(JSON.parse(await sendRaw(path, text)), { v: 1, ok: false, error });
  }
  const refused = JSON.parse(await sendRaw(path, '{"v":1,"command":"tap","filters":["x"]}\n'));
  assert.match(String(Reflect.get(Object(refused), "error")), /attribute=pattern/);
});

test("a request line without end is cut, and the sidecar goes on", async (t) => {
  const directory = createDirectory(t);
  const { path } = await open(t, directory);
  assert.equal(await sendRaw(path, Buffer.alloc(1024 * 1024, 0x61)), "");
  const status = await askSidecar(directory, { command: "status" });
  status.close();
});

test("a client is told that the sidecar refuses, or that there is none", async (t) => {
  const directory = createDirectory(t);
  const none = { command: "status" } as const;
  await assert.rejects(askSidecar(directory, none), /no sidecar is running there/);
  const server = createServer((socket) => socket.end("nonsense\n"));
  server.listen(join(directory, "control.sock"));
  await once(server, "listening");
  t.after(() => server.close());
  await assert.rejects(askSidecar(directory, none), ControlError);
});

const TAP = { command: "tap", stage: "queued", filters: [], limit: undefined, follow: true } as const;

/** A peer on the directory's socket that is no sidecar, or one that is not well. */
async function openPeer(t: TestContext, directory: string, serve: (socket: Socket) => void): Promise<void> {
  const server = createServer((socket) => {
    socket.on("error", () => {});
    socket.resume();
    t.after(() => socket.destroy());
    serve(socket);
  });
  server.listen(join(directory, "control.sock"));
  await once(server, "listening");
  t.after(() => server.close());
}

test("a sidecar that takes the request and never answers is said to be silent, and nobody waits for ever", async (t) => {
  const directory = createDirectory(t);
  await openPeer(t, directory, () => {});
  for (const request of [{ command: "status" }, { command: "reload" }, TAP] as const) {
    await assert.rejects(
      askSidecar(directory, request, { answerMs: 20 }),
      new ControlError("the sidecar gave no answer within 0.02 s: it hangs, or has too much to do", "silent"),
    );
  }
});

test("a sidecar that dies before its answer, or breaks off, is no answer and no stack", async (t) => {
  const ended = createDirectory(t);
  await openPeer(t, ended, (socket) => socket.end());
  await assert.rejects(
    askSidecar(ended, { command: "status" }),
    new ControlError("the sidecar ended before it answered"),
  );
  const cut = createDirectory(t);
  // What the peer has not read when it closes is a reset.
  await openPeer(t, cut, (socket) => {
    socket.pause();
    socket.once("readable", () => socket.destroy());
  });
  await assert.rejects(askSidecar(cut, { command: "status" }), (error) => {
    assert.ok(error instanceof ControlError);
    assert.match(
      error.message,
      /^the sidecar ended(?: before it answered|, or cut the connection, as it does with too many \(ECONNRESET\))$/,
    );
    return true;
  });
});

test("lines without an end are no complete answer", async (t) => {
  const directory = createDirectory(t);
  await openPeer(t, directory, (socket) => socket.end('{"v":1,"ok":true}\n{"event":{"id":"1"}}\n'));
  const answer = await askSidecar(directory, TAP);
  const lines: string[] = [];
  await assert.rejects(async () => {
    for await (const line of answer.lines) lines.push(line);
  }, new ControlError("the sidecar ended"));
  assert.deepEqual(lines, ['{"event":{"id":"1"}}']);
  assert.equal(answer.ending(), undefined);
});

test("stored events that stop coming are not waited for without end", async (t) => {
  const directory = createDirectory(t);
  await openPeer(t, directory, (socket) => socket.write('{"v":1,"ok":true}\n{"event":{"id":"1"}}\n'));
  const answer = await askSidecar(directory, { ...TAP, follow: false }, { answerMs: 10_000, lineMs: 20 });
  const lines: string[] = [];
  await assert.rejects(async () => {
    for await (const line of answer.lines) lines.push(line);
  }, /gave no answer within 0\.02 s/);
  assert.deepEqual(lines, ['{"event":{"id":"1"}}']);
});

test("who follows is told that the sidecar ends in order, and who closes gets no error", async (t) => {
  const directory = createDirectory(t);
  const control = await open(t, directory);
  const [told, gone] = [await askSidecar(directory, TAP), await askSidecar(directory, TAP)];
  const read = async ({ lines }: ControlAnswer): Promise<string[]> => {
    const all: string[] = [];
    for await (const line of lines) all.push(line);
    return all;
  };
  const [first, second] = [read(told), read(gone)];
  gone.close();
  assert.deepEqual(await second, []);
  assert.equal(gone.ending(), undefined);
  await control.close();
  assert.deepEqual(await first, []);
  assert.equal(told.ending(), "closing");
});

test("a socket left by a killed process is replaced", async (t) => {
  const directory = createDirectory(t);
  await leaveSocket(directory);
  await open(t, directory);
  const status = await askSidecar(directory, { command: "status" });
  status.close();
});

/** Under its name of before, its server does not find it to remove it. */
async function leaveSocket(directory: string): Promise<void> {
  const server = createServer();
  const made = join(directory, "made");
  server.listen(made);
  await once(server, "listening");
  renameSync(made, join(directory, "control.sock"));
  server.close();
  await once(server, "close");
}

test("what has the control socket's name and is none is refused by name, and stays", async (t) => {
  const directory = createDirectory(t);
  const target = join(directory, "of-another");
  writeFileSync(target, "precious");
  const cases: readonly [name: string, make: (path: string) => void, what: string][] = [
    ["control.sock", (path) => symlinkSync(target, path), "a symbolic link"],
    ["control.sock", (path) => symlinkSync(join(directory, "nowhere"), path), "a symbolic link"],
    ["control.sock", (path) => writeFileSync(path, "precious"), "a file"],
    ["control.sock", (path) => mkdirSync(path), "a directory"],
    ["control.sock", (path) => execFileSync("mkfifo", [path]), "no socket"],
    ["control.path", (path) => symlinkSync(target, path), "a symbolic link"],
    ["control.path", (path) => mkdirSync(path), "a directory"],
    ["control.path", (path) => execFileSync("mkfifo", [path]), "no file"],
  ];
  for (const [name, make, what] of cases) {
    const path = join(directory, name);
    make(path);
    const made = lstatSync(path).ino;
    await assert.rejects(open(t, directory), {
      name: "ControlSocketError",
      message: `${path} is ${what}, and the sidecar needs the name for its control socket: remove it, or name another directory`,
    });
    assert.equal(lstatSync(path).ino, made);
    assert.equal(readFileSync(target, "utf8"), "precious");
    rmSync(path, { recursive: true });
  }
});

test("a socket whose name is taken while it is made does not go on listening", async (t) => {
  const directory = createDirectory(t);
  const opening = open(t, directory);
  mkdirSync(join(directory, "control.sock"));
  await assert.rejects(opening, { code: "EISDIR" });
  assert.deepEqual(readdirSync(directory), ["control.sock"]);
});

test("a client that comes when there are too many is told so, and is served once they went", async (t) => {
  const directory = createDirectory(t);
  const { path } = await open(t, directory);
  const idle: Socket[] = [];
  for (let i = 0; i < 32; i++) {
    const socket = connect(path);
    idle.push(socket);
    await once(socket, "connect");
  }
  await assert.rejects(
    askSidecar(directory, { command: "status" }),
    new ControlError(
      "the sidecar runs, and has too many connections to its control socket (32 at most): end some, such as tap",
    ),
  );
  for (const socket of idle) socket.destroy();
  // Whoever comes before the sidecar has seen them go is told the same.
  for (let served = false; !served; ) {
    served = await askSidecar(directory, { command: "status" }).then(
      (answer) => {
        answer.close();
        return true;
      },
      () => false,
    );
  }
});
