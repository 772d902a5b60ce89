/** A running sidecar of a test: the real process, on ports that the system chose. */
import assert from "node:assert/strict";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { FREE_PORTS } from "../../../../testing/e2e/sidecar-process.ts";
import { type Started, type StartOptions, start } from "../cli/process.ts";
import { createDirectory } from "../config/load.ts";

export { FREE_PORTS };

export interface Sidecar extends Started {
  readonly cwd: string;
  readonly dataDir: string;
  /** Base URLs. */
  readonly http: string;
  readonly admin: string;
  readonly banner: string;
}

/** Starts one and waits for its banner. */
export async function startSidecar(
  t: TestContext,
  args: readonly string[] = [],
  options: Partial<StartOptions> = {},
): Promise<Sidecar> {
  const cwd = options.cwd ?? createDirectory(t);
  const started = start(t, [...FREE_PORTS, ...args], { ...options, cwd });
  await started.wait("stdout", /\n {2}config .*\n/);
  const banner = started.stdout();
  const [, http] = /HTTP (\S+)/.exec(banner) ?? [];
  const [, admin] = /admin +(http:\/\/[^/\s]+)/.exec(banner) ?? [];
  assert.ok(http !== undefined && admin !== undefined, banner);
  return { ...started, cwd, dataDir: join(cwd, "coresdk-data"), http: `http://${http}`, admin, banner };
}

export interface RecordOfTest {
  readonly type?: string;
  readonly tenant?: string;
  readonly uid?: string;
}

/** One OTLP/HTTP JSON logs request; a record without type is no event. */
export function logsRequest(...records: readonly RecordOfTest[]): string {
  const attribute = (key: string, value: string) => ({ key, value: { stringValue: value } });
  const logRecords = records.map(({ type, tenant, uid }) => ({
    timeUnixNano: "1773930900000000000",
    ...(type === undefined ? {} : { eventName: type }),
    body: { stringValue: "b0dy" },
    attributes: [
      ...(tenant === undefined ? [] : [attribute("tenant.id", tenant)]),
      ...(uid === undefined ? [] : [attribute("log.record.uid", uid)]),
    ],
  }));
  const resource = { attributes: [attribute("service.name", "orders")] };
  return JSON.stringify({ resourceLogs: [{ resource, scopeLogs: [{ logRecords }] }] });
}

export async function postLogs(base: string, ...records: readonly RecordOfTest[]): Promise<Response> {
  const headers = { "content-type": "application/json" };
  return fetch(`${base}/v1/logs`, { method: "POST", headers, body: logsRequest(...records) });
}

/** The JSON lines of a text. */
export function parseLines(text: string): readonly object[] {
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => Object(JSON.parse(line)));
}
