/** What about our own certificates and keys is no error of the configuration, and will be one of connections. */
import { X509Certificate } from "node:crypto";
import { statSync } from "node:fs";

/** Time to get another certificate, in ms. */
const SOON_MS = 14 * 86_400_000;

/** Those that live for days or hours are renewed by machines, which begin later than this part of their life. */
const SOON_PART = 1 / 3;

/** What is wrong with the time of a certificate that peers are shown; `undefined` when nothing is. */
export function describeCertificateTime(pem: string, nowMs: number): string | undefined {
  // The first one is shown as our own; those after it are its authorities.
  const { validFrom, validTo } = new X509Certificate(pem);
  const [from, to] = [Date.parse(validFrom), Date.parse(validTo)];
  if (to <= nowMs) return `expired at ${formatTime(to)}: peers will refuse it`;
  if (from > nowMs) return `is not valid before ${formatTime(from)}: peers will refuse it until then`;
  const left = to - nowMs;
  return left < SOON_MS && left < (to - from) * SOON_PART ? `expires soon, at ${formatTime(to)}` : undefined;
}

/** What is wrong with who may read the file of a private key; `undefined` when nothing is. */
export function describeKeyFile(file: string): string | undefined {
  // On Windows a mode says nothing.
  if (process.platform === "win32") return undefined;
  const mode = statSync(file, { throwIfNoEntry: false })?.mode ?? 0;
  if ((mode & 0o007) === 0) return undefined;
  const shown = (mode & 0o777).toString(8).padStart(4, "0");
  return `every user of this machine may read or change the file of the private key (mode ${shown})`;
}

function formatTime(ms: number): string {
  return Number.isNaN(ms) ? "a time that cannot be read" : `${new Date(ms).toISOString().slice(0, 19)}Z`;
}
