import { statSync } from "node:fs";
import { performance } from "node:perf_hooks";
import { loadConfig } from "../config/load.ts";
import type { LoadedConfig } from "../config/settings.ts";
import { formatBanner } from "../daemon/banner.ts";
import { type Daemon, startDaemon } from "../daemon/daemon.ts";
import { StartError } from "../daemon/start-error.ts";
import { createLogger, type Logger } from "../observe/logger.ts";
import { CommandError, type ExitCode, exitCode } from "./exit-code.ts";
import type { HeldHangup } from "./hangup.ts";
import { readInput } from "./input.ts";
import { allowLostOutput } from "./output.ts";
import { readVersion } from "./version.ts";

/**
 * What SIGTERM gives to deliver what waits: within the ten seconds that container runtimes allow by default.
 * What is left stays in the queue.
 */
const DRAIN_MS = 8_000;

/** `run`: until a signal, or until something dies that cannot come back. */
export async function runSidecar(
  flags: Readonly<Record<string, unknown>>,
  hangup: HeldHangup,
): Promise<ExitCode> {
  // Files and sockets of this process are for its user alone.
  process.umask(0o077);
  const load = (inForce?: string): Promise<LoadedConfig> => loadConfig({ ...readInput(flags), inForce });
  const config = await load();
  const logger = createLogger(config.settings.log, process.stderr);
  // A log that nobody reads any more is no reason to end.
  allowLostOutput();
  for (const warning of config.warnings) logger.warn(warning);
  const ended = Promise.withResolvers<ExitCode>();
  const onFatal = (error: Error): void => {
    logger.fatal({ err: error }, `ending: ${error.message}`);
    // Nothing is closed in order: what was acknowledged is on the disk, and what is broken may hang.
    process.exit(exitCode.failure);
  };
  process.on("uncaughtException", onFatal);
  const version = readVersion();
  const daemon = await start(config, { version, logger, load, onFatal });
  // Whoever reads the banner may send a signal at once.
  handleSignals(daemon, { logger, hangup, dataDir: config.settings.dataDir }, ended.resolve);
  process.stdout.write(
    formatBanner({
      ...daemon,
      version,
      settings: config.settings,
      file: config.file,
      readyMs: performance.now(),
    }),
  );
  return ended.promise;
}

async function start(config: LoadedConfig, ports: Parameters<typeof startDaemon>[1]): Promise<Daemon> {
  try {
    return await startDaemon(config, ports);
  } catch (error) {
    if (error instanceof StartError) throw new CommandError(error.message, { cause: error });
    throw error;
  }
}

interface Ending {
  readonly logger: Logger;
  readonly hangup: HeldHangup;
  readonly dataDir: string;
}

function handleSignals(
  daemon: Daemon,
  { logger, hangup, dataDir }: Ending,
  end: (code: ExitCode) => void,
): void {
  const store = identify(dataDir);
  let draining = false;
  const stop = (signal: NodeJS.Signals): void => {
    if (draining) {
      logger.warn(`${signal} again: ending at once; what is not delivered stays in the queue`);
      process.exit(exitCode.failure);
    }
    draining = true;
    logger.info(`${signal}: draining for up to ${DRAIN_MS / 1_000} s; once more ends at once`);
    daemon.close(DRAIN_MS).then(
      (remaining) => {
        if (remaining > 0 && identify(dataDir) !== store) {
          logger.error(
            `ended; ${remaining} events are lost: somebody removed the queue directory ${dataDir}`,
          );
          end(exitCode.failure);
          return;
        }
        logger.info(
          remaining === 0 ? "ended" : `ended; ${remaining} events wait in the queue for the next start`,
        );
        end(exitCode.ok);
      },
      (error: unknown) => {
        logger.error({ err: error }, "the end was not in order; what was acknowledged is in the queue");
        // What did not close may keep the process up for ever.
        process.exit(exitCode.failure);
      },
    );
  };
  process.on("SIGTERM", stop);
  process.on("SIGINT", stop);
  hangup.release(() => void daemon.reload());
}

/** Tells the directory from another one of its name; `""` when there is none. */
function identify(directory: string): string {
  const found = statSync(directory, { throwIfNoEntry: false });
  return found === undefined ? "" : `${found.dev} ${found.ino}`;
}
