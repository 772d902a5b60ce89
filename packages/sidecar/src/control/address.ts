/**
 * Where the control socket is: `control.sock` in the queue's directory, whose rights (0700) guard it. A Unix
 * socket's path has little room; where the directory's own path takes it up, the socket is in a private
 * directory of the system's temporary one, and a pointer file in the queue's directory says where. The path is
 * the real one: through a link another length would be seen.
 */
import { createHash, randomBytes } from "node:crypto";
import { chmodSync, existsSync, realpathSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ControlSocketError } from "./control-socket-error.ts";
import { formatIdentity, type Identity, identify, parseIdentity } from "./identity.ts";
import { inodeOf, kindOf, readPlainFile } from "./plain-file.ts";
import {
  createShortDirectory,
  fitsSocket,
  isShortSocket,
  removeShortDirectory,
  SOCKET,
} from "./short-directory.ts";

const POINTER = "control.path";

/** Where a sidecar listens, and under which path it is found from `publish` on. */
export interface ControlAddress {
  /** What the server has to listen on. It closes by removing whatever has that path by then. */
  readonly listenOn: string;
  /** The socket's path from `publish` on. */
  readonly path: string;
  /** Lets commands find the socket; for when the server listens. */
  publish(): void;
  /** Removes what was made here, and nothing that has taken its place since; for before the server closes. */
  remove(): void;
}

/**
 * The address for a sidecar that holds the queue's directory: a stale socket there is gone afterwards.
 * @throws ControlSocketError when something else has its name, or that of the pointer file, or there is no place for it
 */
export function prepareAddress(queueDir: string): ControlAddress {
  const home = realPathOf(queueDir);
  if (process.platform === "win32") {
    const path = pipeName(home);
    return { listenOn: path, path, publish() {}, remove() {} };
  }
  refuseOther(join(queueDir, SOCKET), "socket");
  refuseOther(join(queueDir, POINTER), "file");
  removeShort(home);
  const direct = join(home, SOCKET);
  rmSync(direct, { force: true });
  return fitsSocket(direct) ? addressWithin(home) : addressElsewhere(home);
}

/** The address under which a command finds the sidecar of that directory; `undefined` when it has none. */
export function findSocket(queueDir: string): string | undefined {
  const home = realPathOf(queueDir);
  if (process.platform === "win32") return pipeName(home);
  // The other side may see the directory under a path of another length, as in a container: what is there counts.
  const direct = [home, queueDir].map((directory) => join(directory, SOCKET)).filter(fitsSocket);
  return direct.find((path) => existsSync(path)) ?? findPointed(home) ?? direct[0];
}

/**
 * What the pointer names, if it was written for this queue directory and is no copy: for one of the same inode, or of
 * the same path, since some file systems of containers number a directory anew while it is in use.
 */
function findPointed(queueDir: string): string | undefined {
  const pointer = readPointer(queueDir);
  if (pointer?.of === undefined || !isShortSocket(pointer.socket)) return undefined;
  const { inode, path } = identify(queueDir);
  return pointer.of.inode === inode || pointer.of.path === path ? pointer.socket : undefined;
}

function addressWithin(queueDir: string): ControlAddress {
  const path = join(queueDir, SOCKET);
  // A name of its own, which no other sidecar's socket ever has, and no longer than the one proper.
  const listenOn = join(queueDir, `ctl-${randomBytes(4).toString("hex")}`);
  let made: string | undefined;
  return {
    listenOn,
    path,
    publish() {
      chmodSync(listenOn, 0o600);
      made = inodeOf(listenOn);
      renameSync(listenOn, path);
    },
    remove() {
      // As long as the server is open, no other file gets the number.
      if (made !== undefined && inodeOf(path) === made) rmSync(path, { force: true });
      made = undefined;
    },
  };
}

function addressElsewhere(queueDir: string): ControlAddress {
  const pointer = join(queueDir, POINTER);
  const { socket, remove } = createShortDirectory(queueDir);
  return {
    listenOn: socket,
    path: socket,
    publish() {
      chmodSync(socket, 0o600);
      const text = `${socket}\n${formatIdentity(identify(queueDir))}`;
      writeFileSync(pointer, text, { mode: 0o600, flag: "wx" });
    },
    remove() {
      if (readPointer(queueDir)?.socket === socket) rmSync(pointer, { force: true });
      remove();
    },
  };
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

/** The path as it was named, when it leads nowhere. */
function realPathOf(directory: string): string {
  try {
    return realpathSync(directory);
  } catch {
    return directory;
  }
}

interface Pointer {
  readonly socket: string;
  /** The queue directory that it was written for, if it says so. */
  readonly of: Identity | undefined;
}

function readPointer(queueDir: string): Pointer | undefined {
  const text = readPlainFile(join(queueDir, POINTER)) ?? "";
  const end = text.indexOf("\n");
  if (end < 1) return undefined;
  return { socket: text.slice(0, end), of: parseIdentity(text.slice(end + 1)) };
}

/** The pointer goes in any case; what it names does if it is this queue's own. */
function removeShort(queueDir: string): void {
  const path = join(queueDir, POINTER);
  const pointer = readPointer(queueDir);
  if (kindOf(path) === "file") rmSync(path, { force: true });
  if (pointer !== undefined) removeShortDirectory(pointer.socket, queueDir);
}

function pipeName(queueDir: string): string {
  const digest = createHash("sha256").update(queueDir.toLowerCase()).digest("hex").slice(0, 32);
  return `\\\\.\\pipe\\coresdk-sidecar-${digest}`;
}
