/** Bearer authorisation (RFC 6750, section 2.1) in constant time. */
import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import type { Secret } from "@coresdk/pipeline";

/** Says whether an `Authorization` header value lets a request in. */
export type Authorizer = (authorization: string | undefined) => boolean;

const SCHEME = /^bearer +/i;

/** Compiles the check; without a token everyone is let in. */
export function createAuthorizer(token: Secret | undefined): Authorizer {
  if (token === undefined) return () => true;
  // Digests under a key of this process have one length and tell nothing about how much of a guess was right.
  const key = randomBytes(32);
  const digest = (text: string): Buffer => createHmac("sha256", key).update(text).digest();
  const expected = digest(token.reveal());
  return (authorization) =>
    authorization !== undefined &&
    SCHEME.test(authorization) &&
    timingSafeEqual(digest(authorization.replace(SCHEME, "")), expected);
}
