/**
 * What an attribute's name means, worked out once per name. The names are the clients', so the table is
 * emptied when it has grown beyond a bound: between events, since an event's claims must hold to its end.
 */
import { holdsBody } from "./bodies.ts";
import { EVENT_TYPE_NAME, EXTENSION_PREFIX, ID_NAME, TENANT_NAMES, USER_NAMES } from "./envelope-names.ts";
import { checkExtensionName } from "./extension-rules.ts";

const MAX_NAMES = 8192;
/** Characters of all names together: a client may send few names, and long ones. */
const MAX_CHARACTERS = 1_048_576;
/**
 * Characters of an extension's name. CloudEvents asks for at most 20; a name becomes part of headers and of
 * refusals, so that a longer one stays an attribute like any other.
 */
const MAX_EXTENSION = 128;
/** Names of extensions that cannot be, as far as they are told in a warning: words, nothing like a key or a number. */
const TELLABLE = /^[A-Za-z][A-Za-z_.-]{0,29}$/;
const PREFIX = "coresdk.";
/** Attributes of a record whose rules are remembered by their place. */
const PLACES = 64;

/** The table of semantics, section 3, in its order: what comes first wins the key. All of them have the prefix. */
const RENAMED: readonly (readonly [name: string, key: string])[] = [
  ["coresdk.tenant_id", "tenant_id"],
  ["coresdk.user_id", "user_id"],
  ["coresdk.policy.action", "action"],
  ["coresdk.policy.result", "result"],
  ["coresdk.auth.result", "result"],
  ["coresdk.result", "result"],
  ["coresdk.policy.latency_us", "policy_latency_us"],
  ["coresdk.auth.method", "auth_method"],
];

/** Precedence of what wants a key in the data; the lower one wins. Rows of the table stand between. */
export const COMPUTED = 0;
const FIRST_ROW = 1;
const OTHER_CORESDK: number = FIRST_ROW + RENAMED.length;
export const PLAIN: number = OTHER_CORESDK + 1;
export const FROM_BODY: number = PLAIN + 1;

/** A key of the data, and who has it in the event being wrapped. */
export interface Claim {
  readonly key: string;
  /** The event for which `entry` holds. */
  event: number;
  /** The entry that has the key; negative for what the encoder adds by itself. */
  entry: number;
  /** How many entries of this event had to take a number for want of this key. */
  turnedAway: number;
  /** Of the attribute with that name, once there was one. */
  rule: KeyRule | undefined;
}

export interface KeyRule {
  readonly name: string;
  readonly body: boolean;
  /** Place in {@link TENANT_NAMES} or {@link USER_NAMES}; -1 when it is not there. */
  readonly tenantRank: number;
  readonly userRank: number;
  readonly uid: boolean;
  /** The extension attribute that it is copied to, or `""`. */
  readonly extension: string;
  /** How the extension attribute is called that it asks for, and cannot be; else `""`. */
  readonly noExtension: string;
  /** True when one of the above holds: most names mean nothing. */
  readonly special: boolean;
  /** The claim on its own name. */
  readonly plain: Claim;
  /** The claim on its key under an `io.coresdk.*` type, and with what precedence. */
  readonly coresdk: Claim;
  readonly coresdkRank: number;
}

export class KeyTable {
  readonly #claims = new Map<string, Claim>();
  /** The rule found last at each place: records of one kind name the same things in the same order. */
  readonly #found: KeyRule[] = [];
  #characters = 0;
  /** The event being wrapped, counted. */
  event = 0;

  /** Begins another event: all keys are free. */
  next(): void {
    this.event += 1;
    if (this.#claims.size <= MAX_NAMES && this.#characters <= MAX_CHARACTERS) return;
    this.#claims.clear();
    this.#found.length = 0;
    this.#characters = 0;
  }

  rule(name: string): KeyRule {
    const claim = this.claim(name);
    claim.rule ??= this.#makeRule(claim);
    return claim.rule;
  }

  /** The rule of the attribute at that place of its record: the one found there last, if the name is the same. */
  ruleAt(place: number, name: string): KeyRule {
    const found = this.#found[place];
    if (found !== undefined && found.name === name) return found;
    const rule = this.rule(name);
    if (place < PLACES && place <= this.#found.length) this.#found[place] = rule;
    return rule;
  }

  claim(key: string): Claim {
    let claim = this.#claims.get(key);
    if (claim === undefined) {
      claim = { key, event: 0, entry: 0, turnedAway: 0, rule: undefined };
      this.#claims.set(key, claim);
      this.#characters += key.length;
    }
    return claim;
  }

  #makeRule(plain: Claim): KeyRule {
    const name = plain.key;
    const body = holdsBody(name);
    const tenantRank = TENANT_NAMES.indexOf(name);
    const userRank = USER_NAMES.indexOf(name);
    const uid = name === ID_NAME;
    const extension = extensionOf(name);
    const noExtension = extension === "" ? askedFor(name) : "";
    const row = name.startsWith(PREFIX) ? RENAMED.findIndex(([renamed]) => renamed === name) : -1;
    const key = RENAMED[row]?.[1] ?? strippedKey(name);
    return {
      name,
      body,
      tenantRank,
      userRank,
      uid,
      extension,
      noExtension,
      special: body || tenantRank >= 0 || userRank >= 0 || uid || extension !== "" || noExtension !== "",
      plain,
      coresdk: key === name ? plain : this.claim(key),
      coresdkRank: row >= 0 ? FIRST_ROW + row : key === name ? PLAIN : OTHER_CORESDK,
    };
  }
}

function strippedKey(name: string): string {
  if (!name.startsWith(PREFIX) || name === PREFIX) return name;
  return name.slice(PREFIX.length).replaceAll(".", "_");
}

function extensionOf(name: string): string {
  if (!name.startsWith(EXTENSION_PREFIX)) return "";
  const extension = name.slice(EXTENSION_PREFIX.length);
  if (extension.length > MAX_EXTENSION) return "";
  // `cloudevents.id` and the like stay attributes like any other.
  return checkExtensionName(extension) === undefined ? extension : "";
}

/** A name is the sender's text: it is told when it looks like one that was meant, else all that is told is that there was one. */
function askedFor(name: string): string {
  if (!name.startsWith(EXTENSION_PREFIX) || name === EVENT_TYPE_NAME) return "";
  const asked = name.slice(EXTENSION_PREFIX.length);
  return TELLABLE.test(asked) ? asked : "others";
}
