/** The sidecar as a library: for programs that bring it along in their own process. The command is `coresdk-sidecar`. */
import "./require-node.ts";

export { ConfigError, type ConfigIssue } from "./config/issue.ts";
export { type ConfigInput, loadConfig } from "./config/load.ts";
export type { LoadedConfig, SidecarSettings } from "./config/settings.ts";
export { type Daemon, type DaemonPorts, startDaemon } from "./daemon/daemon.ts";
export { StartError } from "./daemon/start-error.ts";
export { createLogger, type Logger, type LogStream } from "./observe/logger.ts";
