/**
 * Where the control socket is: `control.sock` in the queue's directory, whose rights (0700) guard it. A Unix
 * socket's path has little room; where the directory's own path takes it up, the socket is in a private
 * directory of the system's temporary one, and a pointer file in the queue's directory says where.
 */
import { createHash } from "node:crypto";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { kindOf, readPlainFile } from "./plain-file.ts";
import {
  createShortDirectory,
  fitsSocket,
  isSocketOf,
  removeShortDirectory,
  SOCKET,
} from "./short-directory.ts";

const POINTER = "control.path";

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
  if (fitsSocket(direct)) return direct;
  const short = createShortDirectory(queueDir);
  writeFileSync(join(queueDir, POINTER), `${short}\n`, { mode: 0o600, flag: "wx" });
  return short;
}

/** The address under which a command finds the sidecar of that directory; `undefined` when it has none. */
export function findSocket(queueDir: string): string | undefined {
  if (process.platform === "win32") return pipeName(queueDir);
  const direct = join(queueDir, SOCKET);
  if (fitsSocket(direct)) return direct;
  const pointed = readPointer(queueDir);
  return pointed !== undefined && isSocketOf(pointed, queueDir) ? pointed : undefined;
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

function readPointer(queueDir: string): string | undefined {
  return readPlainFile(join(queueDir, POINTER))?.trim() || undefined;
}

/** The pointer goes in any case; what it names does if it is this queue's own. */
function removeShort(queueDir: string): void {
  const pointer = join(queueDir, POINTER);
  const pointed = readPointer(queueDir);
  if (kindOf(pointer) === "file") rmSync(pointer, { force: true });
  if (pointed !== undefined) removeShortDirectory(pointed, queueDir);
}

function pipeName(queueDir: string): string {
  const digest = createHash("sha256").update(queueDir.toLowerCase()).digest("hex").slice(0, 32);
  return `\\\\.\\pipe\\coresdk-sidecar-${digest}`;
}
