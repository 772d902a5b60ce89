/**
 * Where the control socket is: `control.sock` in the queue's directory, whose rights (0700) guard it. A Unix
 * socket's path has little room; where the directory's own path takes it up, the socket is in a private
 * directory of the system's temporary one, and a pointer file in the queue's directory says where.
 */
import { createHash } from "node:crypto";
import { chmodSync, lstatSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";

const SOCKET = "control.sock";
const POINTER = "control.path";
const SHORT_PREFIX = "coresdk-";

/** `sun_path` has 108 bytes on Linux and 104 on macOS, its closing zero included. */
const MAX_PATH_BYTES = 103;

/** What stands in place of the control socket is none; the message names it and says what to do. */
export class ControlSocketError extends Error {
  override readonly name = "ControlSocketError";
}

/**
 * The address for a sidecar that holds the queue's directory: a stale socket there is gone afterwards.
 * @throws ControlSocketError when something else has its name, or that of the pointer file
 */
export function prepareSocket(queueDir: string): string {
  if (process.platform === "win32") return pipeName(queueDir);
  const direct = join(queueDir, SOCKET);
  refuseOther(direct, "socket");
  refuseOther(join(queueDir, POINTER), "file");
  removeShort(queueDir);
  rmSync(direct, { force: true });
  if (fits(direct)) return direct;
  const directory = createShortDirectory();
  const short = join(directory, SOCKET);
  writeFileSync(join(queueDir, POINTER), `${short}\n`, { mode: 0o600 });
  chmodSync(directory, 0o700);
  return short;
}

/** The address under which a command finds the sidecar of that directory. */
export function findSocket(queueDir: string): string {
  if (process.platform === "win32") return pipeName(queueDir);
  const direct = join(queueDir, SOCKET);
  return fits(direct) ? direct : (readPointer(queueDir) ?? direct);
}

/** Removes what {@link prepareSocket} made. */
export function removeSocket(queueDir: string): void {
  if (process.platform === "win32") return;
  const direct = join(queueDir, SOCKET);
  removeShort(queueDir);
  // Something else that took its place is left, and does not keep the sidecar from its end.
  if (kindOf(direct) === "socket") rmSync(direct, { force: true });
}

/** What is no leftover of a sidecar is somebody else's, and neither followed nor removed. */
function refuseOther(path: string, wanted: "socket" | "file"): void {
  const kind = kindOf(path);
  if (kind === undefined || kind === wanted) return;
  const found = kind === "other" ? `no ${wanted}` : `a ${kind}`;
  throw new ControlSocketError(
    `${path} is ${found}, and the sidecar needs the name for its control socket: remove it, or name another directory`,
  );
}

/** What stands there itself; `undefined` when nothing does. */
function kindOf(path: string): "socket" | "file" | "directory" | "symbolic link" | "other" | undefined {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined) return undefined;
  if (found.isSocket()) return "socket";
  if (found.isFile()) return "file";
  if (found.isDirectory()) return "directory";
  return found.isSymbolicLink() ? "symbolic link" : "other";
}

function fits(path: string): boolean {
  return Buffer.byteLength(path) <= MAX_PATH_BYTES;
}

function createShortDirectory(): string {
  const wanted = join(tmpdir(), SHORT_PREFIX);
  // mkdtemp adds six characters and makes the directory 0700.
  const prefix = fits(join(`${wanted}xxxxxx`, SOCKET)) ? wanted : join("/tmp", SHORT_PREFIX);
  return mkdtempSync(prefix);
}

function readPointer(queueDir: string): string | undefined {
  try {
    const pointer = join(queueDir, POINTER);
    // A pipe would be waited at.
    if (kindOf(pointer) !== "file") return undefined;
    return readFileSync(pointer, "utf8").trim() || undefined;
  } catch {
    return undefined;
  }
}

/** Only what looks like our own is removed, whatever the pointer says. */
function removeShort(queueDir: string): void {
  const pointed = readPointer(queueDir);
  if (pointed !== undefined) rmSync(join(queueDir, POINTER), { force: true });
  if (pointed === undefined || basename(pointed) !== SOCKET) return;
  const directory = dirname(pointed);
  if (!basename(directory).startsWith(SHORT_PREFIX)) return;
  try {
    const { uid } = lstatSync(directory);
    if (uid === process.getuid?.()) rmSync(directory, { recursive: true, force: true });
  } catch {
    // It went with a restart of the machine.
  }
}

function pipeName(queueDir: string): string {
  const digest = createHash("sha256").update(queueDir.toLowerCase()).digest("hex").slice(0, 32);
  return `\\\\.\\pipe\\coresdk-sidecar-${digest}`;
}
