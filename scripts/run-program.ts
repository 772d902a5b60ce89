import { spawn } from "node:child_process";
import { join } from "node:path";

/** The repository's root. */
export const root: string = join(import.meta.dirname, "..");

/** How a program ended and all that it said. */
export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs a program to its end in the repository's root, whatever its exit code.
 * @throws Error when it cannot be started, or was ended by a signal
 */
export function runProgram(program: string, args: readonly string[], cwd: string = root): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd, stdio: ["ignore", "pipe", "pipe"] });
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
    });
    child.on("error", (cause) => reject(new Error(`cannot run ${program}`, { cause })));
    child.on("close", (code, signal) => {
      if (code === null) reject(new Error(`${program} was ended by ${signal}`));
      else resolve({ code, stdout, stderr });
    });
  });
}

/** The path of a command that a dependency brings. */
export function localCommand(name: string): string {
  return join(root, "node_modules", ".bin", name);
}
