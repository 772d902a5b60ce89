/** What programs print that have a secret's name themselves, or name a directory so: `passwd: ...`, `PWD=/home/ada`. */

const COLON = 58;
const EQUALS = 61;

/** A name, its sign and what stands behind them. */
interface Printed {
  readonly name: string;
  readonly nameStart: number;
  readonly nameEnd: number;
  readonly at: number;
  readonly start: number;
}

/** True when a program speaks, of itself or of where it is. */
export function isSaidByProgram(text: string, printed: Printed): boolean {
  const { name, at, start } = printed;
  if (text.charCodeAt(at) === EQUALS) {
    // The name of a database of Oracle's.
    if (name === "ORACLE_SID") return true;
    if (text.charAt(at + 1) === ">") return false;
    return name === "PWD" ? isDirectory(text, printed) : name === "sig" && isSignal(text, start);
  }
  if (text.charCodeAt(at) !== COLON) return false;
  if (start === at + 1 && TEST.test(name)) return LINE.test(text.slice(start, start + 6));
  if (OF_MONGOOSE.test(text.slice(start, start + LONGEST_OF_MONGOOSE))) return true;
  return isOfPam(text, printed) || (start === at + 1 ? isPackage(text, printed) : isMessage(text, printed));
}

/** What Mongoose says of a path: what it repeats there is looked at by itself. */
const OF_MONGOOSE = /^(?:Path `|Validator failed for path `|Cast to \w{1,32} failed for value ")/;
const LONGEST_OF_MONGOOSE = 64;

/** `TokenServiceTest.rejectsToken:45 expected`, as runners of tests print where one failed. */
const TEST = /^(?:[a-z]\w{0,32}\.){0,8}[A-Z]\w{0,48}(?:Tests?|TestCase|IT|Spec)\.[a-z]\w{0,63}$/;
const LINE = /^\d{1,4}(?=$|\s)/;

/** `sig=SIGTERM` */
function isSignal(text: string, start: number): boolean {
  return /^SIG[A-Z]{2,6}\d?(?=$|[\s,;)\]])/.test(text.slice(start, start + 12));
}

const SEEN = 128;
/** What stands in front of the field of a connection string. */
const FIELDS =
  /(?:[;?&,{]|[^ ]; )$|\b(?:uid|user ?(?:id)?|dsn|driver|server|database) ?= ?[^\n]{0,96}$|(?:^|\n)(?:uid|dsn|driver) ?= ?(?!\d)/i;
const FIELD_BEHIND = /^["']?, ?["']?(?:uid|dsn|driver|server|database)\b/i;
const LONGEST_FIELD = 16;
const PATH = /^["']?((?:\/[\w.@+~-]{0,64}){1,24})(?=$|[\s"'`,)\]}\\])/;
const LONGEST_PATH = 512;
/** The first name of a path. */
const FIRST =
  /^\/(?:$|(?:[a-z]{1,16}(?:[_.-][a-z]{1,16}){0,3}|__w|Users|Volumes|Applications|Library)(?=$|\/|\d{1,2}\/))/;

/** `PWD=/home/ada`, as sudo and dumps of an environment have it; in a connection string it is a password. */
function isDirectory(text: string, { nameStart, start }: Printed): boolean {
  const [whole = "", path] = PATH.exec(text.slice(start, start + LONGEST_PATH)) ?? [];
  if (path === undefined || !FIRST.test(path)) return false;
  const end = start + whole.length;
  if (FIELD_BEHIND.test(text.slice(end, end + LONGEST_FIELD))) return false;
  return nameStart === 0 || !FIELDS.test(text.slice(Math.max(0, nameStart - SEEN), nameStart));
}

const MODULE = /\bpam_\w{2,32}\($/;
const LONGEST_MODULE = 40;
const STEP = /^(?:auth|account|session|chauthtok|setcred)\)/;
const OF_PAM = /^pam_\w{2,32}\([\w.-]{1,48}:(?:auth|account|session|chauthtok|setcred)\)/;
const LONGEST_OF_PAM = 100;

/** `passwd[5]: pam_unix(passwd:chauthtok): password changed for ada` */
function isOfPam(text: string, { nameStart, at, start }: Printed): boolean {
  if (text.startsWith("pam_", start) && OF_PAM.test(text.slice(start, start + LONGEST_OF_PAM))) return true;
  return (
    start === at + 1 &&
    text.charAt(nameStart - 1) === "(" &&
    STEP.test(text.slice(start, start + 12)) &&
    MODULE.test(text.slice(Math.max(0, nameStart - LONGEST_MODULE), nameStart))
  );
}

const PACKAGES = /^(?:passwd|(?:[a-z0-9]+-)+session)$/;
const ARCHITECTURE = /^(?:amd64|arm64|armhf|armel|i386|ppc64el|riscv64|s390x|mips64el|all)(?=$|[\s,)"'\\])/;

/** `passwd:amd64`, as dpkg has a package. */
function isPackage(text: string, { name, start }: Printed): boolean {
  return PACKAGES.test(name) && ARCHITECTURE.test(text.slice(start, start + 10));
}

const PROGRAM = /^(?:ch|g|chg|yp|smb)?passwd$/;
const PROCESS = /^(?:\[\d{1,10}\])?$/;
/** The messages of shadow-utils, util-linux and PAM. */
const MESSAGE = new RegExp(
  `^(?:${[
    "(?:all )?authentication (?:tokens? (?:manipulation error|updated|lock busy|expired|is no longer)|failure|information cannot|service cannot)",
    "password (?:updated successfully|unchanged|changed|not changed|expiry information|for '?[\\w.$-]{1,32}'? (?:changed|is unchanged))",
    "the password for [\\w.$-]{1,32} is",
    "you (?:may not (?:view|change|modify)|must wait longer|must choose a longer)",
    "(?:user|group) '[\\w.$-]{1,32}' (?:does not exist|is )",
    "unknown user|permission denied|module is unknown|(?:system|conversation|critical) error|have exhausted maximum",
    "only root (?:can|may)|must be superuser|(?:un)?locking (?:the )?password|(?:expiring|removing|changing) password",
    "adjusting aging|no password supplied|(?:cannot|can't|couldn't) (?:lock|open|unlock|update|determine|change) (?:/|your|the )",
    "failure while writing|unrecognized option|invalid (?:option|user name)|option requires an|pam_\\w{2,32}(?:\\(\\))? ?failed",
  ].join("|")})`,
  "i",
);
const LONGEST_MESSAGE = 100;
const SERVICE =
  "(?:files|compat|db|dns|nis|nisplus|hesiod|ldap|sss|systemd|winbind|altfiles|extrausers|mymachines)";
/** A line of nsswitch.conf. */
const SOURCES = new RegExp(
  String.raw`^${SERVICE}(?:[ \t]{1,8}(?:${SERVICE}|\[!?[A-Z]{2,12}=[a-z]{2,12}\])){0,8}[ \t]{0,8}(?:$|\r?\n|\\n|["'])`,
);
const LONGEST_SOURCES = 240;

/** `passwd: Authentication token manipulation error` */
function isMessage(text: string, { name, nameEnd, at, start }: Printed): boolean {
  if (!PROGRAM.test(name) || !PROCESS.test(text.slice(nameEnd, at))) return false;
  if (MESSAGE.test(text.slice(start, start + LONGEST_MESSAGE))) return true;
  return name === "passwd" && SOURCES.test(text.slice(start, start + LONGEST_SOURCES));
}
