/** Coordinates of Maven's and Gradle's, whose group may end in the name of a secret: `com.google.auth:library:1.2.3`. */
import { isNamePart } from "./names.ts";

/** A group, the domain the other way round, where the text behind it ends. */
const GROUP =
  /(?:^|[^\w.-])(?:com|org|io|net|dev|edu|gov|software|tech|cloud|app|ai|[a-z]{2})(?:\.[a-z][a-z0-9_-]{0,31}){1,8}$/;
const LONGEST_GROUP = 80;
const COLON = 58;
const DOT = 46;
/** An artifact, and Scala's version. */
const NAME = String.raw`[a-z]{2,24}\d{0,2}(?:[._-](?:[a-z]{1,24}\d{0,2}|\d{1,3})){0,8}(?:_\d{1,2}(?:\.\d{1,3}){0,2})?`;
/** What it is packed as, and what of it. */
const PACKAGING = `(?::[a-z]{2,12}(?:-[a-z]{2,12}){0,2}){0,2}`;
const SUFFIX = String.raw`[.-](?:RELEASE|Final|GA|SNAPSHOT|SP\d{1,2}|M\d{1,2}|RC-?\d{1,2}|CR\d{1,2}|(?:alpha|beta|rc|b|r|v)[.-]?\d{1,4}|jre\d{0,2}|android)`;
const NUMBER = String.raw`v?\d{1,4}(?:\.\d{1,8}){1,3}(?:${SUFFIX}){0,2}(?::[a-z]{4,8})?(?:@[a-z]{3,4})?`;
/** Gradle says so of a version that a constraint gives. */
const CONSTRAINED = String.raw`(?::\{(?:strictly|require|prefer) [^{}\n]{1,40}\})? -> \d`;
/** Nothing is joined to it: that would be a secret's other part. */
const END = String.raw`(?=$|[\s<>;,"'\x60)\]}\\]|[.:](?:$|[\s"'<\\]))`;
const ARTIFACT = new RegExp(`^${NAME}(?:${PACKAGING}:${NUMBER}${END}|${CONSTRAINED})`);
const LONGEST_ARTIFACT = 320;

/** True when the colon at `at` is one of coordinates: behind a group, or behind the artifact. */
export function isOfArtifact(text: string, nameStart: number, at: number): boolean {
  if (isArtifact(text, at)) return true;
  return text.charCodeAt(nameStart - 1) === COLON && isArtifact(text, nameStart - 1);
}

function isArtifact(text: string, colon: number): boolean {
  if (!hasDot(text, colon)) return false;
  if (!GROUP.test(text.slice(Math.max(0, colon - LONGEST_GROUP), colon))) return false;
  return ARTIFACT.test(text.slice(colon + 1, colon + LONGEST_ARTIFACT));
}

/** True when the name in front of the colon has a dot in it, as few have. */
function hasDot(text: string, colon: number): boolean {
  let at = colon - 1;
  while (at > colon - LONGEST_GROUP && isNamePart(text.charCodeAt(at)) && text.charCodeAt(at) !== DOT) at--;
  return text.charCodeAt(at) === DOT;
}
