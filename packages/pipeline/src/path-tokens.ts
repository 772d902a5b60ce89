/**
 * Tokens in the path of an URL: webhooks of chats and of many other services are let in by one. What they look like is
 * not known, what an ordinary segment looks like is: words and short numbers.
 */

/** A word, a name in capitals, `s3`, `v1beta1`, `IncomingWebhook`, a short number, or too short to be a secret. */
const PART =
  /^(?:[A-Z]?[a-z]{1,20}\d{0,3}|[A-Z]{1,12}\d{0,3}|v\d{1,3}(?:(?:alpha|beta|rc)\d{0,2})?|[A-Z]?[a-z]{2,14}(?:[A-Z][a-z]{2,14}){1,4}|\d{1,4}|[A-Za-z\d]{1,3})$/;
const LONGEST_ORDINARY = 48;
const MOST_DIGITS = 8;

/** Whether a segment of a path may be a token. */
export function isPathToken(segment: string): boolean {
  if (segment === "" || segment === "." || segment === "..") return false;
  if (segment.length > LONGEST_ORDINARY) return true;
  const digits = segment.match(/\d/g)?.length ?? 0;
  return digits > MOST_DIGITS || !segment.split(/[-_.]/).every((part) => part === "" || PART.test(part));
}

/** The path with `***` for each segment that may be a token. */
export function hidePathTokens(path: string): string {
  return path
    .split("/")
    .map((segment) => (isPathToken(segment) ? "***" : segment))
    .join("/");
}
