/** UUIDs (RFC 9562): by chance their digits and letters pass the checks of other numbers. */

const UUID = /(?<![0-9a-z])[0-9a-f]{8}([-_])[0-9a-f]{4}\1[0-9a-f]{4}\1[0-9a-f]{4}\1[0-9a-f]{12}(?![0-9a-z])/i;
const LENGTH = 36;

/** True when a part of a UUID is between `start` and `end`. Nothing that is looked for can have a whole one in it. */
export function touchesUuid(text: string, start: number, end: number): boolean {
  // One that only stands beside it is not whole in this: there is a character between them.
  return UUID.test(text.slice(Math.max(0, start - LENGTH), end + LENGTH));
}
