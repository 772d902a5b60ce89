/**
 * True for a String of the CloudEvents type system: no control characters, no lone surrogates, no
 * noncharacters (spec, "Type System"). Printable ASCII, the usual case, takes one comparison a character.
 */
export function isText(value: string): boolean {
  for (let i = 0; i < value.length; i++) {
    const unit = value.charCodeAt(i);
    if (unit < 0x20 || unit > 0x7e) return isUnicodeText(value, i);
  }
  return true;
}

function isUnicodeText(value: string, from: number): boolean {
  for (let i = from; i < value.length; i++) {
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

/** True for an attribute name that the specification allows: `[a-z0-9]+`, and not `data`. */
export function isAttributeName(name: string): boolean {
  for (let i = 0; i < name.length; i++) {
    const unit = name.charCodeAt(i);
    if (!((unit >= 0x61 && unit <= 0x7a) || (unit >= 0x30 && unit <= 0x39))) return false;
  }
  return name !== "" && name !== "data";
}
