/** Whether an endpoint leads back to this host: addresses in one spelling, and the names that stand for them. */
import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import { networkInterfaces } from "node:os";
import { setTimeout as wait } from "node:timers/promises";
import type { ListenAddress } from "./settings.ts";

/** What host names stand for, as far as that was found out. */
export type HostAddresses = ReadonlyMap<string, readonly string[]>;

/** A resolver that needs longer does not hold up the start. */
const LOOKUP_TIMEOUT_MS = 1_000;

/**
 * Looks the names up as a connection would, all addresses of each. A name that is not found in time has none.
 * Addresses and `localhost` need no looking up.
 */
export async function lookUpHosts(hosts: Iterable<string>): Promise<HostAddresses> {
  const names = new Set([...hosts].map(canonicalHost).filter((host) => !isKnown(host)));
  const found = await Promise.all([...names].map(async (name) => [name, await lookUp(name)] as const));
  return new Map(found);
}

async function lookUp(name: string): Promise<readonly string[]> {
  const late = new AbortController();
  const addresses = lookup(name, { all: true }).then((all) => all.map(({ address }) => address));
  const timeout = wait(LOOKUP_TIMEOUT_MS, [], { signal: late.signal });
  try {
    return await Promise.race([addresses, timeout]);
  } catch {
    return [];
  } finally {
    late.abort();
    // Whichever lost may still fail.
    await Promise.allSettled([timeout]);
    addresses.catch(() => {});
  }
}

/** True when an endpoint's host is a loopback address, however it is spelled. */
export function isLoopbackHost(host: string, hosts: HostAddresses): boolean {
  return addressesOf(host, hosts).some((address) => LOOPBACK.test(address));
}

/** True when a connection to `host`, at the listener's port, ends at the listener. */
export function reachesListener(host: string, listener: ListenAddress, hosts: HostAddresses): boolean {
  if (canonicalHost(host) === canonicalHost(listener.host)) return true;
  const own = addressesOf(listener.host, hosts);
  const everywhere = own.some((address) => EVERY_ADDRESS.test(address));
  const reached = addressesOf(host, hosts);
  // Systems connect to the loopback interface when asked for the unspecified address.
  if (reached.some((address) => LOOPBACK.test(address) || EVERY_ADDRESS.test(address))) {
    if (everywhere || own.some((address) => LOOPBACK.test(address))) return true;
  }
  const listening = everywhere ? listInterfaceAddresses() : own;
  return reached.some((address) => listening.includes(address));
}

const LOOPBACK = /^(?:127(?:\.\d{1,3}){3}|::1)$/;
const EVERY_ADDRESS = /^(?:0\.0\.0\.0|::)$/;

function addressesOf(host: string, hosts: HostAddresses): readonly string[] {
  const canonical = canonicalHost(host);
  if (canonical === "localhost") return ["127.0.0.1", "::1"];
  return isIP(canonical) === 0 ? (hosts.get(canonical) ?? []).map(canonicalHost) : [canonical];
}

function isKnown(canonical: string): boolean {
  return canonical === "localhost" || isIP(canonical) !== 0;
}

function listInterfaceAddresses(): readonly string[] {
  return Object.values(networkInterfaces()).flatMap((addresses = []) =>
    addresses.map(({ address }) => canonicalHost(address)),
  );
}

/** One spelling for one address: without brackets and zone, compressed, IPv4-mapped IPv6 as IPv4. */
function canonicalHost(host: string): string {
  const bare = host
    .replace(/^\[(.*)\]$/, "$1")
    .replace(/%.*$/, "")
    .toLowerCase();
  if (isIP(bare) !== 6) return bare;
  const compressed = URL.parse(`http://[${bare}]`)?.hostname.slice(1, -1) ?? bare;
  const [, high, low] = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(compressed) ?? [];
  if (high === undefined || low === undefined) return compressed;
  const bytes = [high, low].flatMap((pair) => [
    Number.parseInt(pair, 16) >> 8,
    Number.parseInt(pair, 16) & 0xff,
  ]);
  return bytes.join(".");
}
