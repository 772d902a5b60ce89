/**
 * What a command and the running sidecar say to each other: JSON lines over a Unix socket, or a named pipe on
 * Windows.
 *
 *   client  one request:  {"v":1,"command":"tap",...}
 *   server  one answer:   {"v":1,"ok":true,...} or {"v":1,"ok":false,"error":"..."}, with
 *                           "fault":"configuration" when that is what is wrong
 *           tap only, then: {"event":{...}}      one line an event, in the JSON event format
 *                           {"dropped":12}       so many events were left out here: the reader was too slow
 *                           {"end":"complete"}   the last line: all that was asked for, or "closing": the sidecar ends;
 *                                                without it the sidecar has not ended in order
 */
import type { ListenAddress } from "../config/settings.ts";

/** A request of another version is refused by name. */
export const PROTOCOL_VERSION: number = 1;

/** A request is small; a client that never ends its line is cut here. In bytes. */
export const MAX_REQUEST_BYTES: number = 64 * 1024;

/** Where `tap` looks: `queued` at what is stored, and then what comes; `denied` at what policy denies from now on. */
export const TAP_STAGES = ["queued", "denied"] as const;

export type TapStage = (typeof TAP_STAGES)[number];

/** Why there are no more events: that was all, or the sidecar ends. */
export const TAP_ENDS = ["complete", "closing"] as const;

export type TapEnd = (typeof TAP_ENDS)[number];

export function formatTapEnd(end: TapEnd): string {
  return `${JSON.stringify({ end })}\n`;
}

/** Reads a line after the answer; `undefined` when it is another one. */
export function readTapEnd(line: string): TapEnd | undefined {
  return TAP_ENDS.find((end) => line === `{"end":"${end}"}`);
}

/** `tap`: events of a stage. */
export interface TapRequest {
  readonly command: "tap";
  readonly stage: TapStage;
  /** Each `attribute=pattern`. */
  readonly filters: readonly string[];
  /** Ends after so many events; `undefined` does not end. */
  readonly limit: number | undefined;
  /** False: what is stored, and no more. */
  readonly follow: boolean;
}

/** `status`: where the sidecar listens and how it does. */
export interface StatusRequest {
  readonly command: "status";
}

/** `reload`: as SIGHUP. */
export interface ReloadRequest {
  readonly command: "reload";
}

export type ControlRequest = TapRequest | StatusRequest | ReloadRequest;

/** What `status` answers. */
export interface SidecarStatus {
  readonly version: string;
  readonly pid: number;
  readonly startedAt: string;
  readonly listen: {
    readonly grpc: string | undefined;
    readonly http: string | undefined;
    readonly admin: ListenAddress;
  };
  readonly details: object;
}

/** What came of a reload. */
export interface Reloaded {
  /** False: the old configuration stays in force. */
  readonly ok: boolean;
  /** True: because the new one is wrong. */
  readonly isConfigWrong?: boolean;
  /** In a sentence. */
  readonly message: string;
}

/** A request as it came, or why it is none. */
export type ReadRequest =
  | { readonly ok: true; readonly request: ControlRequest }
  | { readonly ok: false; readonly error: string };

/** Reads one request line; what is wrong with it is said in words for the person at the other end. */
export function readRequest(line: string): ReadRequest {
  let parsed: unknown;
  try {
    parsed = JSON.parse(line);
  } catch {
    return { ok: false, error: "the request is not JSON" };
  }
  if (typeof parsed !== "object" || parsed === null) return { ok: false, error: "the request is no object" };
  const fields = new Map<string, unknown>(Object.entries(parsed));
  if (fields.get("v") !== PROTOCOL_VERSION) {
    return { ok: false, error: `this sidecar speaks version ${PROTOCOL_VERSION} of the control protocol` };
  }
  const command = fields.get("command");
  switch (command) {
    case "status":
    case "reload":
      return { ok: true, request: { command } };
    case "tap":
      return readTap(fields);
    default:
      return { ok: false, error: "unknown command" };
  }
}

const MAX_FILTERS = 64;
const MAX_FILTER_LENGTH = 1024;

function readTap(fields: ReadonlyMap<string, unknown>): ReadRequest {
  const filters = fields.get("filters") ?? [];
  const limit = fields.get("limit");
  const stage = TAP_STAGES.find((one) => one === (fields.get("stage") ?? "queued"));
  if (stage === undefined) return { ok: false, error: `stage must be one of ${TAP_STAGES.join(", ")}` };
  if (!Array.isArray(filters) || filters.length > MAX_FILTERS)
    return { ok: false, error: "too many filters" };
  const texts: string[] = [];
  for (const filter of filters) {
    if (typeof filter !== "string" || filter.length > MAX_FILTER_LENGTH) {
      return { ok: false, error: "a filter is no text, or too long" };
    }
    texts.push(filter);
  }
  if (limit !== undefined && !(typeof limit === "number" && Number.isSafeInteger(limit) && limit > 0)) {
    return { ok: false, error: "limit must be a whole number above 0" };
  }
  return {
    ok: true,
    request: { command: "tap", stage, filters: texts, limit, follow: fields.get("follow") !== false },
  };
}
