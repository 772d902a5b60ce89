/** Cross-origin requests from browsers (Fetch standard, "HTTP extensions"). */
import type { CorsSettings } from "../settings.ts";

/** Header lines as `writeHead` takes them: names and values in turn. */
export type HeaderLines = readonly string[];

export interface CorsPolicy {
  /** Headers that an answer to this origin carries. */
  answer(origin: string | undefined): HeaderLines;
  /** Headers of the answer to a preflight from this origin. */
  preflight(origin: string | undefined): HeaderLines;
}

/** What OTLP itself needs; beyond the names that are always allowed. */
const OTLP_HEADERS = ["content-type", "content-encoding", "authorization"];

const VARY = ["vary", "origin"] as const;

/** Compiles the settings. */
export function createCorsPolicy(settings: CorsSettings): CorsPolicy {
  const allows = createOriginMatcher(settings.allowedOrigins);
  const preflightLines = [
    "access-control-allow-methods",
    "POST",
    "access-control-allow-headers",
    [...OTLP_HEADERS, ...settings.allowedHeaders].join(", "),
    "access-control-max-age",
    String(settings.maxAgeSeconds),
  ];
  const answer = (origin: string | undefined): HeaderLines =>
    origin !== undefined && allows(origin)
      ? [...VARY, "access-control-allow-origin", origin, "access-control-expose-headers", "retry-after"]
      : VARY;
  return {
    answer,
    preflight: (origin) =>
      origin !== undefined && allows(origin) ? [...answer(origin), ...preflightLines] : VARY,
  };
}

function createOriginMatcher(allowed: readonly string[]): (origin: string) => boolean {
  const patterns = allowed.map((pattern) => pattern.toLowerCase().split("*"));
  return (origin) => {
    const text = origin.toLowerCase();
    return patterns.some((parts) => matchesParts(text, parts));
  };
}

/** Whether the text is the parts in order with anything between them; linear in the text. */
function matchesParts(text: string, parts: readonly string[]): boolean {
  const [head = "", ...others] = parts;
  const tail = others.pop();
  if (tail === undefined) return text === head;
  if (text.length < head.length + tail.length || !text.startsWith(head) || !text.endsWith(tail)) return false;
  const end = text.length - tail.length;
  let at = head.length;
  for (const part of others) {
    const found = text.indexOf(part, at);
    if (found < 0 || found + part.length > end) return false;
    at = found + part.length;
  }
  return true;
}
