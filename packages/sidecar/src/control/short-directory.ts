/**
 * The directory of a control socket for which the queue directory's own path leaves no room: a private one
 * of the system's temporary directory. A pointer to it can be copied with a queue, or be written by somebody else, so
 * that the directory itself says whose it is.
 */
import { lstatSync, mkdtempSync, rmdirSync, rmSync, unlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { ControlSocketError } from "./control-socket-error.ts";
import { formatIdentity, type Identity, identify, parseIdentity } from "./identity.ts";
import { inodeOf, kindOf, readPlainFile } from "./plain-file.ts";

export const SOCKET = "control.sock";
/** Says which queue directory the socket is of, to who would remove it. What cleans up after days may take it. */
const MARK = "queue";

const PREFIX = "coresdk-";
/** mkdtemp adds six characters. */
const NAME = /^coresdk-[A-Za-z0-9]{6}$/;
const FALLBACK = "/tmp";

/** `sun_path` has 108 bytes on Linux and 104 on macOS, its closing zero included. */
const MAX_PATH_BYTES = 103;

/** True when a Unix socket may have this path. */
export function fitsSocket(path: string): boolean {
  return Buffer.byteLength(path) <= MAX_PATH_BYTES;
}

/** A directory that was made for a control socket. */
export interface ShortDirectory {
  /** The path for the socket. */
  readonly socket: string;
  /** Removes what was made; what somebody else has put in its place, or into it, stays. */
  remove(): void;
}

/**
 * Makes a directory for the control socket of that queue directory, for its user alone.
 * @throws ControlSocketError when there is no place for one
 */
export function createShortDirectory(queueDir: string): ShortDirectory {
  const directory = createTemporary();
  const made = inodeOf(directory);
  writeFileSync(join(directory, MARK), formatIdentity(identify(queueDir)), { mode: 0o600, flag: "wx" });
  return {
    socket: join(directory, SOCKET),
    remove() {
      if (inodeOf(directory) === made) removeContents(directory);
    },
  };
}

function createTemporary(): string {
  const wanted = join(temporaryRoot(), PREFIX);
  const fits = fitsSocket(join(`${wanted}xxxxxx`, SOCKET));
  const root = fits ? temporaryRoot() : FALLBACK;
  try {
    // It has the rights 0700 from the beginning.
    return mkdtempSync(join(root, PREFIX));
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? ` (${String(cause.code)})` : "";
    throw new ControlSocketError(
      `its path is too long for the control socket, and no directory for that can be made in ${root}${code}: name a shorter one, or let TMPDIR name a directory that can be written to`,
      { cause },
    );
  }
}

/** Commands may run in another working directory, to which a relative TMPDIR is another place. */
function temporaryRoot(): string {
  return resolve(tmpdir());
}

/** True when a path is, by its look, that of a socket in a directory that was made here. */
export function isShortSocket(socket: string): boolean {
  const directory = dirname(socket);
  if (basename(socket) !== SOCKET || !NAME.test(basename(directory))) return false;
  return kindOf(directory) === "directory";
}

/**
 * Removes the directory of a socket that a pointer names, if it was made for this very queue directory: the socket and
 * the mark, and the directory if nothing else is in it.
 */
export function removeShortDirectory(socket: string, queueDir: string): void {
  const directory = dirname(socket);
  const isPlace = [temporaryRoot(), FALLBACK].some(
    (root) => join(root, basename(directory), SOCKET) === socket,
  );
  if (!isPlace) return;
  try {
    // A queue that was moved away and copied back has the path, and its sidecar may go on at the other place.
    if (readMark(socket)?.inode !== identify(queueDir).inode) return;
    const { uid } = lstatSync(directory);
    if (uid === process.getuid?.()) removeContents(directory);
  } catch {
    // It went meanwhile, or has something in it that is not ours.
  }
}

/** The socket, the mark if no cleaner took it, and the directory if nothing else is in it. */
function removeContents(directory: string): void {
  const socket = join(directory, SOCKET);
  if (kindOf(socket) === "socket") unlinkSync(socket);
  rmSync(join(directory, MARK), { force: true });
  rmdirSync(directory);
}

/** The queue directory that the socket's directory is for; `undefined` when it is none of the directories made here. */
function readMark(socket: string): Identity | undefined {
  if (!isShortSocket(socket)) return undefined;
  return parseIdentity(readPlainFile(join(dirname(socket), MARK)) ?? "");
}
