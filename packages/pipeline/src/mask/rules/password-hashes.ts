/** Hashes of passwords in the modular crypt format, as `/etc/shadow` and tables of users have them, and Django's. */
import type { Spans } from "../spans.ts";

/** The salt and the hash: bcrypt's, Argon2's, those of crypt(3), and of PBKDF2 and scrypt. */
const HASH =
  /^\$(?:2[abxy]\$\d\d\$[./A-Za-z0-9]{53}|argon2(?:id|i|d)\$[\w=,$+/.-]{20,256}|(?:[1567y]|gy|apr1)\$(?:rounds=\d{1,9}\$)?[./A-Za-z0-9$]{1,48}\$[./A-Za-z0-9]{22,96}|(?:pbkdf2|scrypt)(?:-\w{1,12})?\$[\w=,$+/.-]{20,256})/;
const LONGEST = 340;
const DJANGO = /^\$\d{4,9}\$[A-Za-z0-9]{8,64}\$[A-Za-z0-9+/=]{27,88}/;
const DJANGO_NAME = /pbkdf2_sha(?:1|256)$/;
const LENGTH_OF_NAME = 13;

/** Looks at the hash that would begin with the `$` at `at`. */
export function findPasswordHash(text: string, at: number, found: Spans): void {
  const hash =
    HASH.exec(text.slice(at, at + LONGEST))?.[0] ??
    (DJANGO_NAME.test(text.slice(Math.max(0, at - LENGTH_OF_NAME), at))
      ? DJANGO.exec(text.slice(at, at + LONGEST))?.[0]
      : undefined);
  if (hash !== undefined) found.add(at, at + hash.length, "passwords");
}

/** True when a hash may begin with this character behind a `$`: a kind of crypt(3), or the first letter of a name. */
export function mayBeHash(text: string, at: number): boolean {
  return "12567agpsy".includes(text.charAt(at + 1) || " ") || DIGITS.test(text.slice(at + 1, at + 5));
}

const DIGITS = /^\d{4}$/;
