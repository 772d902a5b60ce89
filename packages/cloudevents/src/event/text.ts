import { remember } from "./remember.ts";

/**
 * True for a String of the CloudEvents type system: no control characters, no lone surrogates, no
 * noncharacters (spec, "Type System").
 */
export function isText(value: string): boolean {
  // A compiled expression looks at a character in a fraction of the time that charCodeAt takes.
  return !UNUSUAL.test(value) || isUnicodeText(value);
}

/** Everything but printable ASCII. */
const UNUSUAL = /[^\x20-\x7e]/;

function isUnicodeText(value: string): boolean {
  for (let i = 0; i < value.length; i++) {
    const unit = value.charCodeAt(i);
    if (unit < 0x20 || (unit >= 0x7f && unit <= 0x9f)) return false;
    if (unit < 0xd800) continue;
    if (unit <= 0xdfff) {
      const low = value.charCodeAt(i + 1);
      // NaN past the end fails both comparisons.
      if (unit > 0xdbff || !(low >= 0xdc00 && low <= 0xdfff)) return false;
      // The last two code points of every plane are noncharacters: U+1FFFE is D83F DFFE.
      if ((low & 0x3fe) === 0x3fe && (unit & 0x3f) === 0x3f) return false;
      i++;
    } else if ((unit >= 0xfdd0 && unit <= 0xfdef) || unit >= 0xfffe) {
      return false;
    }
  }
  return true;
}

const NAME = /^[a-z0-9]+$/;

/** True for an attribute name that the specification allows: `[a-z0-9]+`, and not `data`. */
export const isAttributeName: (name: string) => boolean = remember(
  (name) => NAME.test(name) && name !== "data",
);
