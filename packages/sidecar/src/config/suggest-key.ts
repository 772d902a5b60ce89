/**
 * What is said about a key that there is not: the known one that was most likely meant. It repeats nothing of the key,
 * which may be a misplaced secret.
 */
import { isNearName, measureNames, normaliseName } from "./nearest.ts";
import { isTaken, listKeys, listPaths } from "./schema-walk.ts";
import { formatPath, type Path } from "./tree.ts";

/** Words that other programs have for a key of ours, where no spelling leads from one to the other. */
const SYNONYMS: ReadonlyMap<string, readonly string[]> = new Map([
  ...["url", "uri", "address", "addr", "host", "target", "destination", "listen", "bind", "port"].map(
    meaning("endpoint"),
  ),
  ...["path", "directory", "folder", "location"].map(meaning("dir")),
  ...["sink", "sinks", "output", "outputs", "exporter", "exporters", "events"].map(
    meaning("cloud_events", "http"),
  ),
  ...["opentelemetry", "upstream", "otlp", "forward"].map(meaning("otel", "otlp")),
  ...["receiver", "input", "inputs", "server"].map(meaning("receivers")),
  ...["webhook", "https"].map(meaning("webhook", "http")),
  ...["bootstrapservers", "servers", "hosts"].map(meaning("brokers")),
  ...["topics", "topicname"].map(meaning("topic")),
  ...["batching", "batchmax", "maxbatch", "maxbatchsize", "batchsizemax"].map(meaning("batch_size")),
  ...["interval", "batchtimeout", "flush"].map(meaning("flush_interval")),
  ...["mode", "encoding", "format"].map(meaning("content_mode", "format")),
  ...["retries", "backoff"].map(meaning("retry")),
  ...["user", "login"].map(meaning("username")),
  ...["pass", "passwd"].map(meaning("password")),
  ...["authorization", "authentication"].map(meaning("auth", "sasl", "headers")),
  ...["token", "bearertoken"].map(meaning("bearer")),
  ...["certificate", "certfile"].map(meaning("cert")),
  ...["privatekey", "keyfile"].map(meaning("key")),
  ...["cafile", "cacert", "cacertificate"].map(meaning("ca")),
  ...["ssl"].map(meaning("tls")),
  ...["logging", "logger"].map(meaning("log")),
  ...["redaction", "redact"].map(meaning("masking")),
  ...["egresspolicy", "package"].map(meaning("customer_egress_policy")),
  ...["policies", "rego", "opa"].map(meaning("policy")),
  ...["storage", "buffer", "store"].map(meaning("queue")),
  ...["maxsize", "size", "limit"].map(meaning("max_bytes", "batch_size", "max_request_size")),
  ...["fsync", "sync"].map(meaning("durability")),
  ...["health", "metrics"].map(meaning("admin")),
]);

function meaning(...keys: readonly string[]): (word: string) => [string, readonly string[]] {
  return (word) => [word, keys];
}

/** More places than this help nobody. */
const MOST_NAMED = 4;

/** What to do about a key that the mapping at `parent` does not have: `did you mean "batch_size"?` and the like. */
export function suggestKey(parent: Path, key: string): string {
  const own = listKeys(parent).filter(isTaken);
  const near = nearestOf(key, own);
  if (near.length > 0) return `did you mean ${near.map((name) => JSON.stringify(name)).join(" or ")}?`;
  const elsewhere = findElsewhere(parent, key);
  if (elsewhere.length > 0) {
    const paths = elsewhere.slice(0, MOST_NAMED).map(formatPath);
    const more = elsewhere.length > MOST_NAMED ? " and others" : "";
    return `there ${paths.length === 1 ? "is" : "are"} ${paths.join(", ")}${more}`;
  }
  return own.length === 0 ? "no key is known here" : `the keys here are ${own.join(", ")}`;
}

/** The sections and values elsewhere that such a key names; those that share most of the way with it alone. */
function findElsewhere(parent: Path, key: string): readonly Path[] {
  const paths = listPaths();
  const names = new Set(nearestOf(key, new Set(paths.flatMap((path) => path.slice(-1)))));
  const found = paths.filter((path) => names.has(path.at(-1) ?? ""));
  const shared = found.map((path) => countShared(parent, path));
  const most = Math.max(...shared);
  return found.filter((_, i) => shared[i] === most);
}

function countShared(a: Path, b: Path): number {
  const end = a.findIndex((part, i) => part !== b[i]);
  return end === -1 ? a.length : end;
}

/** Of the names those that a key stands for: the same letters, another word for it, a slip, or a part of it. */
function nearestOf(key: string, names: Iterable<string>): readonly string[] {
  const wanted = normaliseName(key);
  const known = [...names];
  const meant = SYNONYMS.get(wanted.replaceAll(".", "")) ?? [];
  const same = known.filter((name) => normaliseName(name) === wanted);
  if (same.length > 0) return same;
  const synonyms = meant.filter((name) => known.includes(name));
  if (synonyms.length > 0) return synonyms.slice(0, 1);
  const near = known.filter((name) => isNearName(key, name));
  if (near.length > 0) return closest(key, near);
  return known.filter((name) => name.split("_").some((part) => part.length > 3 && part === wanted));
}

function closest(key: string, names: readonly string[]): readonly string[] {
  const [first] = names.toSorted((a, b) => measureNames(key, a) - measureNames(key, b));
  return first === undefined ? [] : [first];
}
