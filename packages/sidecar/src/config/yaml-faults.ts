import type { YAMLError } from "yaml";

/**
 * What is wrong with a text that is no YAML, in words of our own: the library's messages quote the text that they
 * stumbled over, which may be a secret.
 */
const FAULTS: Readonly<Record<YAMLError["code"], string>> = {
  ALIAS_PROPS: "an alias (*) has neither anchor nor tag; text that begins with * must be in quotes",
  BAD_ALIAS: "this is no alias; text that begins with * must be in quotes",
  BAD_COLLECTION_TYPE: "a tag (!) of another kind of value; text that begins with ! must be in quotes",
  BAD_DIRECTIVE: "a line that begins with % is a directive, and this is none",
  BAD_DQ_ESCAPE: "a backslash in double quotes begins no escape here; in single quotes it is itself",
  BAD_INDENT: "the indentation does not fit",
  BAD_PROP_ORDER: "an anchor (&) or tag (!) is in the wrong place",
  BAD_SCALAR_START: "text that begins with this character must be in quotes",
  BLOCK_AS_IMPLICIT_KEY: "no mapping can begin here; text with a colon and a space in it must be in quotes",
  BLOCK_IN_FLOW: "no indented block can stand in braces or brackets",
  DUPLICATE_KEY: "a key stands here twice",
  IMPOSSIBLE: "this cannot be read",
  KEY_OVER_1024_CHARS: "a key is longer than 1024 characters; a colon or a closing quote may be missing",
  MISSING_CHAR: "something is missing here: a colon, a comma, a bracket, or a space after one of them",
  MULTILINE_IMPLICIT_KEY: "a key goes over several lines; a colon or the space after it may be missing",
  MULTIPLE_ANCHORS: "a value has one anchor (&) at most",
  MULTIPLE_DOCS: "a configuration is one YAML document; here begins another",
  MULTIPLE_TAGS: "a value has one tag (!) at most",
  NON_STRING_KEY: "a key must be plain text",
  RESOURCE_EXHAUSTION: "the file is nested too deeply",
  TAB_AS_INDENT: "tabs do not indent; use spaces",
  TAG_RESOLVE_FAILED: "this tag (!) means nothing here; text that begins with ! must be in quotes",
  UNEXPECTED_TOKEN: "this is not expected here; text with a meaning in YAML must be in quotes",
};

/** Where one code stands for several faults: those that the message tells apart. */
const SPECIAL: readonly (readonly [YAMLError["code"], RegExp, string])[] = [
  ["MISSING_CHAR", /quote/, "a closing quote is missing"],
  [
    "BAD_INDENT",
    /^Flow map/,
    "a brace before this place is not closed, or what is between braces is not indented",
  ],
  [
    "BAD_INDENT",
    /^Flow sequence/,
    "a bracket before this place is not closed, or what is between brackets is not indented",
  ],
];

/** What is wrong; nothing of the text is in the answer. */
export function describeFault({ code, message }: YAMLError): string {
  const fault = SPECIAL.find(([of, words]) => of === code && words.test(message))?.[2] ?? FAULTS[code];
  return code === "MULTIPLE_DOCS" || code === "RESOURCE_EXHAUSTION" ? fault : `not valid YAML: ${fault}`;
}
