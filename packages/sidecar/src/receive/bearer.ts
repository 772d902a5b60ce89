/** Bearer authorisation (RFC 6750, section 2.1) in constant time. */
import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import type { Secret } from "@coresdk/pipeline";

/** Says whether the header of a request, its names and values in turn, lets it in. */
export type Authorizer = (headerLines: readonly string[]) => boolean;

const NAME = "authorization";
const SCHEME = /^bearer +/i;

/** Compiles the check; without a token everyone is let in. */
export function createAuthorizer(token: Secret | undefined): Authorizer {
  if (token === undefined) return () => true;
  // Digests under a key of this process have one length and tell nothing about how much of a guess was right.
  const key = randomBytes(32);
  const digest = (text: string): Buffer => createHmac("sha256", key).update(text).digest();
  const expected = digest(token.reveal());
  return (headerLines) => {
    const authorization = findAuthorization(headerLines);
    return (
      authorization !== undefined &&
      SCHEME.test(authorization) &&
      timingSafeEqual(digest(authorization.replace(SCHEME, "")), expected)
    );
  };
}

/** `undefined` without one, and with several: a proxy in front may have looked at another than we would. */
function findAuthorization(headerLines: readonly string[]): string | undefined {
  let found: string | undefined;
  for (let i = 0; i < headerLines.length; i += 2) {
    const name = headerLines[i];
    if (name?.length !== NAME.length || name.toLowerCase() !== NAME) continue;
    if (found !== undefined) return undefined;
    found = headerLines[i + 1];
  }
  return found;
}
