/**
 * What stands in a statement, template or program where a secret will be: `:password`, `@p0`, `%(password)s`, `#{token}`,
 * `require("./auth")`.
 */

/** A name and where the value behind it begins. */
interface Named {
  readonly name: string;
  readonly start: number;
}

const FORMAT = /^(?:%\([A-Za-z_]\w{0,62}\)s|#\{[A-Za-z_][\w.]{0,62}\})(?=$|[\s,;)"'`\\&])/;
const PARAMETER = /^(?:(?:[:@]|EXCLUDED\.)([A-Za-z_]\w{0,63})|:\d{1,3})(?=$|[\s,;)"'`\\])/i;
const NUMBERED = /^p_?\d{0,3}$/i;
/** What libraries put around the name of a column: `@__password_0`, `:password_1`. */
const ADDED = /^_{1,2}|_{1,2}m?\d{1,4}$/g;
const LONGEST = 80;
/** A password may well be `@password`, except in a statement. */
const STATEMENT = /\b(?:set|where|and|values|update)\s/i;
const SEEN = 240;

/** `ANY ($1)`, `ALL (SELECT ...)` */
const LISTED = /^(?:any|all|some) ?\(\s{0,8}(?:\$\d|\?|[:@]\w|%[(s]|select\s)/i;

/** A module, as Node loads it and TypeScript writes it down. */
const MODULE =
  /(?:await )?(?:(?:tslib_\d\.)?__import\w{1,16}\()?(?:require|import)\(\\{0,8}["'][\w@./:-]{1,128}\\{0,8}["']\)/y;
const BEGINS_MODULE = "aitr_";

const PERCENT = 37;
const HASH = 35;
const COLON = 58;
const AT = 64;
/** `e`, of `EXCLUDED`. */
const E = 101;

/** True when the value is none yet. */
export function isPlaceholder(text: string, { name, start }: Named): boolean {
  const first = text.charCodeAt(start);
  MODULE.lastIndex = start;
  if (BEGINS_MODULE.includes(text.charAt(start)) && MODULE.exec(text) !== null) return true;
  if (first === PERCENT || first === HASH) return FORMAT.test(text.slice(start, start + LONGEST));
  if (first === 65 || first === 97 || first === 83 || first === 115)
    return LISTED.test(text.slice(start, start + LONGEST));
  if (first !== COLON && first !== AT && (first | 32) !== E) return false;
  const parameter = PARAMETER.exec(text.slice(start, start + LONGEST));
  if (parameter === null) return false;
  const own = parameter[1];
  const isNamed =
    own === undefined ||
    NUMBERED.test(own) ||
    own.replace(ADDED, "").toLowerCase() === lastOf(name).toLowerCase();
  return isNamed && STATEMENT.test(text.slice(Math.max(0, start - SEEN), start));
}

/** The column's name, behind the table's and a bracket. */
function lastOf(name: string): string {
  return name.slice(Math.max(name.lastIndexOf("."), name.lastIndexOf("[")) + 1);
}
