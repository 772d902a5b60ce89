/**
 * After masking, a draft becomes an envelope: subject and source are composed and encoded, the id is computed,
 * and every attribute is checked, once (semantics, sections 2 and 8). What is illegal is refused by the
 * attribute's name; nothing is repaired, except that an illegal `log.record.uid` gives way to the computed id, and an illegal extension
 * attribute is left out and counted.
 */
import { checkAttribute } from "@coresdk/cloudevents";
import type { Refusal } from "../contracts.ts";
import type { Draft } from "../draft.ts";
import { Envelope } from "../envelope.ts";
import type { WrapSettings } from "../settings.ts";
import { TimestampFormat } from "../timestamp.ts";
import { CheckMemo } from "./check-memo.ts";
import { addExtensions, type EnabledExtensions, enabledExtensions } from "./extensions.ts";
import { keepKeysApart } from "./keys.ts";
import { encodeSegment, SegmentMemo } from "./percent-encode.ts";

/**
 * Characters of one part of subject and source. A resource names its tenant once for all its records: without
 * a bound, one long name would be written into every event of a request.
 */
const MAX_PART = 4096;
const WELL_FORMED = "parts without lone surrogates";
const SHORT = `parts of at most ${MAX_PART} characters`;

/** Tenant events are about the tenant, whoever caused them (semantics, section 4). */
const TENANT_TYPE = "io.coresdk.tenant.";

/** Names of extension attributes that are counted apart; they are the clients' text. */
const MAX_LEFT_OUT = 100;
const OTHERS = "others";
const NOTHING_LEFT_OUT: ReadonlyMap<string, number> = new Map();

/** Gives the id of a draft whose own is absent or illegal. */
export type IdSource = (draft: Draft) => string;

/** Seals drafts; one a thread, since it remembers what it checked and encoded last. */
export class Sealer {
  readonly #settings: WrapSettings;
  readonly #extensions: EnabledExtensions;
  readonly #timestamps = new TimestampFormat();
  readonly #types = new CheckMemo("type");
  readonly #sources = new CheckMemo("source");
  readonly #tenants = new SegmentMemo();
  readonly #users = new SegmentMemo();
  #leftOut = new Map<string, number>();
  #sourceParts: readonly string[] | undefined;
  #source: string | undefined;

  constructor(settings: WrapSettings) {
    this.#settings = settings;
    this.#extensions = enabledExtensions(settings);
  }

  /**
   * @param ids where the id comes from when the record has no legal one of its own
   * @param recordedTime when the envelopes of this batch are made, as RFC 3339 text
   */
  seal(draft: Draft, ids: IdSource, recordedTime: string): Envelope | Refusal {
    const { index } = draft;
    if (draft.fault !== undefined) return { index, attribute: "data", expected: draft.fault };
    const type = this.#types.check(draft.type);
    if (type !== undefined) return { index, attribute: "type", expected: type };
    const source = draft.source ?? this.#composeSource(draft.sourceParts);
    if (source === undefined) return { index, attribute: "source", expected: partsFault(draft.sourceParts) };
    const sourceFault = this.#sources.check(source);
    if (sourceFault !== undefined) return { index, attribute: "source", expected: sourceFault };
    const user = draft.type.startsWith(TENANT_TYPE) ? "" : draft.user;
    const subject = this.#composeSubject(draft.tenant, user);
    if (subject === undefined) {
      return { index, attribute: "subject", expected: partsFault([draft.tenant, user]) };
    }
    if (draft.keysChanged && draft.shape === "attributes") keepKeysApart(draft);
    const ordered = this.#settings.order === "subject" && subject !== "" && user !== "" && !draft.userMasked;
    const time = draft.time === undefined ? "" : this.#timestamps.format(draft.time);
    const envelope = new Envelope(draft, draft.type, source, subject, idOf(draft, ids), time, ordered);
    addExtensions(envelope, this.#extensions, recordedTime, this.#noteLeftOut);
    return envelope;
  }

  /** The extension attributes left out since the last call, for their illegal values: how often, by name. */
  takeLeftOut(): ReadonlyMap<string, number> {
    const leftOut = this.#leftOut;
    if (leftOut.size === 0) return NOTHING_LEFT_OUT;
    this.#leftOut = new Map();
    return leftOut;
  }

  readonly #noteLeftOut = (name: string): void => {
    const known = this.#leftOut.has(name) || this.#leftOut.size < MAX_LEFT_OUT;
    const key = known ? name : OTHERS;
    this.#leftOut.set(key, (this.#leftOut.get(key) ?? 0) + 1);
  };

  #composeSource(parts: readonly string[]): string | undefined {
    // The list is the resource's, the same one for all its records, unless mask put another in its place.
    if (parts !== this.#sourceParts) {
      this.#source = sourceOf(parts);
      this.#sourceParts = parts;
    }
    return this.#source;
  }

  #composeSubject(tenant: string, user: string): string | undefined {
    if (tenant === "") return "";
    if (tenant.length > MAX_PART || user.length > MAX_PART) return undefined;
    const first = this.#tenants.encode(tenant);
    if (first === undefined) return undefined;
    if (user === "") return `tenant/${first}`;
    const second = this.#users.encode(user);
    return second === undefined ? undefined : `tenant/${first}/user/${second}`;
  }
}

function idOf(draft: Draft, ids: IdSource): string {
  const { uid } = draft;
  return uid !== "" && checkAttribute("id", uid) === undefined ? uid : ids(draft);
}

function sourceOf(parts: readonly string[]): string | undefined {
  if (parts.length === 0) return "/unknown_service";
  let source = "";
  for (const part of parts) {
    const segment = part.length > MAX_PART ? undefined : encodeSegment(part);
    if (segment === undefined) return undefined;
    source += `/${segment}`;
  }
  return source;
}

function partsFault(parts: readonly string[]): string {
  return parts.some((part) => part.length > MAX_PART) ? SHORT : WELL_FORMED;
}
