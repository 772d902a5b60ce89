import { isPathToken } from "../../path-tokens.ts";
import type { Secret } from "../../secret.ts";
import { readings } from "./readings.ts";

/** Shorter ones would be found in words that have nothing to do with them. Counted as a reading counts. */
const MIN_LENGTH = 4;
/** So much of a longer secret, wherever it begins, is hidden as the whole is: peers quote in part. */
const PART_LENGTH = 12;
/** A text is read so far, and not shown further. */
const MAX_CHARS = 64 * 1024;

/** What a peer is sent that it must not be quoted with. */
export interface SecretSources {
  readonly headers: readonly (readonly [name: string, value: Secret])[];
  readonly endpoint: string;
  readonly callback?: Secret | undefined;
}

/**
 * Makes a function that hides our own secrets in a text, whether in part, in other case, broken into lines, or escaped
 * as in JSON, HTML or a URL. A peer may say what it was sent, and what it says ends in logs, dead letters and answers.
 * A text in which nothing is found stays the same; one of more than 64 Ki characters is cut there. The time it takes
 * grows as the text does.
 */
export function createSecretHider(sources: SecretSources): (text: string) => string {
  const parts = new Parts();
  for (const secret of listSecrets(sources)) parts.add(secret);
  return (text) => parts.hide(text.length > MAX_CHARS ? text.slice(0, MAX_CHARS) : text);
}

/** Everything that is a secret by itself; one may be a part of another. */
function* listSecrets({ headers, endpoint, callback }: SecretSources): Generator<string> {
  for (const [, value] of headers) {
    const revealed = value.reveal();
    yield revealed;
    // `Bearer TOKEN`, `name=TOKEN`: what follows is the secret, with or without what is before it.
    yield* revealed.split(/[\s=,;]+/).slice(1);
    const basic = /^basic\s+(\S+)$/i.exec(revealed)?.[1];
    if (basic !== undefined) yield* listCredentials(Buffer.from(basic, "base64").toString());
  }
  yield* listUrlSecrets(endpoint);
  if (callback !== undefined) {
    yield callback.reveal();
    yield* listUrlSecrets(callback.reveal());
  }
}

function* listUrlSecrets(text: string): Generator<string> {
  // URL.parse() came with Node 22.1.
  if (!URL.canParse(text)) return;
  const url = new URL(text);
  yield* url.pathname.split("/").filter(isPathToken);
  const query = url.search.slice(1);
  yield query;
  for (const pair of query.split("&")) yield pair.slice(pair.indexOf("=") + 1);
  if (url.username === "") return;
  const credentials = `${decode(url.username)}:${decode(url.password)}`;
  yield Buffer.from(credentials).toString("base64");
  yield* listCredentials(credentials);
}

/** `user:password`, which a peer may show as it understood them. */
function* listCredentials(credentials: string): Generator<string> {
  const colon = credentials.indexOf(":");
  yield credentials;
  yield credentials.slice(0, Math.max(0, colon));
  yield credentials.slice(colon + 1);
}

function decode(component: string): string {
  try {
    return decodeURIComponent(component);
  } catch {
    return component;
  }
}

/** Texts to be found in readings, by their length; each length is one look-up at each place. */
class Parts {
  readonly #byLength = new Map<number, Set<string>>();

  add(secret: string): void {
    for (const { text } of readings(secret)) {
      if (text.length < MIN_LENGTH) continue;
      const length = Math.min(text.length, PART_LENGTH);
      const parts = this.#byLength.get(length) ?? new Set();
      this.#byLength.set(length, parts);
      for (let at = 0; at + length <= text.length; at++) parts.add(text.slice(at, at + length));
    }
  }

  hide(text: string): string {
    if (this.#byLength.size === 0) return text;
    const hidden = new Uint8Array(text.length);
    let any = false;
    for (const { text: read, starts, ends } of readings(text)) {
      for (const [length, parts] of this.#byLength) {
        let doneTo = 0;
        for (let at = 0; at + length <= read.length; at++) {
          if (!parts.has(read.slice(at, at + length))) continue;
          const end = ends[at + length - 1] ?? 0;
          // Parts overlap; what is marked is not marked again.
          hidden.fill(1, Math.max(doneTo, starts[at] ?? 0), end);
          doneTo = end;
          any = true;
        }
      }
    }
    return any ? blankOut(text, hidden) : text;
  }
}

/** The text with three stars in place of each run of what is hidden. */
function blankOut(text: string, hidden: Uint8Array): string {
  let shown = "";
  for (let at = 0; at < text.length; ) {
    const from = hidden.indexOf(1, at);
    if (from < 0) return shown + text.slice(at);
    const to = hidden.indexOf(0, from);
    shown += `${text.slice(at, from)}***`;
    at = to < 0 ? text.length : to;
  }
  return shown;
}
