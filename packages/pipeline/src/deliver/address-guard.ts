/**
 * Keeps connections away from private addresses. The check is on what a name resolves to, at the moment of
 * connecting and on the addresses that are then used, so that a name cannot change its meaning in between (DNS
 * rebinding).
 */
import { lookup } from "node:dns";
import { BlockList, isIP, type LookupFunction } from "node:net";

/** What is no public unicast address of IPv4 (IANA, IPv4 Special-Purpose Address Registry). */
const PRIVATE_IPV4: readonly (readonly [address: string, prefix: number])[] = [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.88.99.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 4],
  ["240.0.0.0", 4],
];

/** The same of IPv6, without the ranges that hold an IPv4 address. */
const PRIVATE_IPV6: readonly (readonly [address: string, prefix: number])[] = [
  ["::", 128],
  ["::1", 128],
  ["64:ff9b:1::", 48],
  ["100::", 64],
  ["2001::", 23],
  ["2001:db8::", 32],
  ["3fff::", 20],
  ["5f00::", 16],
  ["fc00::", 7],
  ["fe80::", 10],
  ["fec0::", 10],
  ["ff00::", 8],
];

const blocked = createBlockList();

function createBlockList(): BlockList {
  const list = new BlockList();
  for (const [address, prefix] of PRIVATE_IPV6) list.addSubnet(address, prefix, "ipv6");
  for (const [address, prefix] of PRIVATE_IPV4) {
    list.addSubnet(address, prefix, "ipv4");
    // An IPv4 address within an IPv6 one: mapped, compatible, translated (SIIT and NAT64), and 6to4. Teredo is among
    // what is blocked as a whole.
    for (const around of ["::ffff:", "::", "::ffff:0:", "64:ff9b::"]) {
      list.addSubnet(`${around}${address}`, 96 + prefix, "ipv6");
    }
    list.addSubnet(`2002:${hexOf(address)}::`, 16 + prefix, "ipv6");
  }
  return list;
}

function hexOf(address: string): string {
  const [a = 0, b = 0, c = 0, d = 0] = address.split(".").map(Number);
  return `${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`;
}

/** True for addresses of this machine, of private networks and for special purposes, and for what is no address. */
export function isPrivateAddress(address: string): boolean {
  const [bare = ""] = address.split("%", 1);
  const version = isIP(bare);
  if (version === 0 || blocked.check(bare, version === 4 ? "ipv4" : "ipv6")) return true;
  const inner = version === 6 ? isatapAddress(bare) : undefined;
  return inner !== undefined && blocked.check(inner, "ipv4");
}

/**
 * The IPv4 address within an ISATAP address, whose interface identifier under any prefix is `0:5efe` or `200:5efe` and
 * that address (RFC 5214, section 6.1); `undefined` when it is no such address.
 */
function isatapAddress(address: string): string | undefined {
  const [, , , , flags, mark, high = 0, low = 0] = groupsOf(address);
  if (mark !== 0x5efe || (flags !== 0 && flags !== 0x200)) return undefined;
  return [high >> 8, high & 0xff, low >> 8, low & 0xff].join(".");
}

/** The eight groups of an IPv6 address. */
function groupsOf(address: string): readonly number[] {
  // As a URL writes it: no dots, and zeros left out once at most.
  const written = new URL(`http://[${address}]/`).hostname.slice(1, -1);
  const [head = [], tail] = written
    .split("::")
    .map((part) => (part === "" ? [] : part.split(":").map((group) => Number.parseInt(group, 16))));
  if (tail === undefined) return head;
  return [...head, ...new Array<number>(8 - head.length - tail.length).fill(0), ...tail];
}

/** True when a URL's host is an address and a private one; a name is known only when it is resolved. */
export function isPrivateHost({ hostname }: URL): boolean {
  const host = hostname.replace(/^\[(.*)\]$/, "$1");
  return isIP(host) !== 0 && isPrivateAddress(host);
}

/** A name has private addresses alone. */
export class PrivateAddressError extends Error {
  override readonly name = "PrivateAddressError";
  readonly code = "ERR_PRIVATE_ADDRESS";

  constructor() {
    super("the host has private addresses only");
  }
}

/** Resolves names as `resolve` does, and gives out their public addresses alone. */
export function publicLookup(resolve: LookupFunction = resolveName): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, found, family = 0) => {
      if (error !== null) {
        callback(error, []);
        return;
      }
      const all = typeof found === "string" ? [{ address: found, family }] : found;
      const open = all.filter(({ address }) => !isPrivateAddress(address));
      const [first] = open;
      if (first === undefined) callback(new PrivateAddressError(), []);
      else if (options.all === true) callback(null, open);
      else callback(null, first.address, first.family);
    });
  };
}

const resolveName: LookupFunction = (hostname, options, callback) => {
  lookup(hostname, { ...options, all: true }, (error, found) => callback(error, found));
};
