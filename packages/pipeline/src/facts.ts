/**
 * Every observable fact of the pipeline, declared once: counted from here, and logged from here when it has
 * a level. Names follow OpenTelemetry's metric naming.
 */
export interface Fact {
  /** Metric name. */
  readonly name: string;
  readonly kind: "counter" | "gauge" | "histogram";
  /** UCUM unit. */
  readonly unit: string;
  readonly description: string;
  /** Logged at this level each time it is recorded, rate-limited by the recorder; never logged when absent. */
  readonly level?: "debug" | "info" | "warn" | "error";
  /**
   * `detail`: each different one is logged, at a rate of its own: there are few, and one does not stand for the others.
   * `time`: it is logged each time. It says what is so from now on, and is seldom; said later it would be wrong.
   */
  readonly logsEach?: "detail" | "time";
}

/** The names under which this project's code records the facts of the pipeline. */
export type FactName =
  | "eventsAccepted"
  | "eventsRefused"
  | "eventsDenied"
  | "eventsWouldBeDenied"
  | "policyLoaded"
  | "policyRefused"
  | "policyDoubtful"
  | "policyEvaluations"
  | "policyFailures"
  | "bodiesLeftOut"
  | "valuesMasked"
  | "maskFailures"
  | "extensionsLeftOut"
  | "extensionsIllegal"
  | "queueRefused"
  | "queueEvicted"
  | "queueDamaged"
  | "queueExposed"
  | "deadLettersEvicted"
  | "queueFailed"
  | "queueCommits"
  | "delivered"
  | "retried"
  | "deadLettered"
  | "sinkParked"
  | "sinkRecovered"
  | "sinkDegraded"
  | "sinkDeferred"
  | "sinkMissing"
  | "sinkSingle"
  | "sinkPermitted"
  | "sends"
  | "failed";

/** The facts of the pipeline; packages above declare their own in the same shape. */
export const facts: Readonly<Record<FactName, Fact>> = {
  eventsAccepted: counter("coresdk.events.accepted", "{event}", "Events committed to the queue"),
  eventsRefused: counter(
    "coresdk.events.refused",
    "{event}",
    "Events refused by name in a partial success",
    "warn",
  ),
  eventsDenied: counter("coresdk.events.denied", "{event}", "Events that the egress policy kept back"),
  eventsWouldBeDenied: counter(
    "coresdk.events.would_be_denied",
    "{event}",
    "Events that the egress policy would keep back, were it not on trial (policy.dry_run)",
    "info",
  ),
  policyLoaded: counter("coresdk.policy.loads", "{load}", "Egress policies that took force", "info", "time"),
  policyRefused: counter(
    "coresdk.policy.load_failures",
    "{load}",
    "Changed egress policies that could not be loaded",
    "error",
    "time",
  ),
  policyDoubtful: counter(
    "coresdk.policy.doubts",
    "{load}",
    "Egress policies in force that deny everything, as far as an example shows",
    "warn",
    "time",
  ),
  policyEvaluations: counter(
    "coresdk.policy.evaluations",
    "{evaluation}",
    "Decisions that the policy engine was asked for, because no earlier one was known",
  ),
  policyFailures: counter(
    "coresdk.policy.failures",
    "{evaluation}",
    "Evaluations of the egress policy that gave no decision, which denies, by kind",
    "warn",
    "detail",
  ),
  bodiesLeftOut: counter(
    "coresdk.attributes.bodies_left_out",
    "{attribute}",
    "Attributes left out because they hold a request or response body",
  ),
  valuesMasked: counter(
    "coresdk.mask.values",
    "{value}",
    "Values and keys of events in which something personal or secret was replaced",
  ),
  maskFailures: counter(
    "coresdk.mask.failures",
    "{value}",
    "Values that were replaced whole because masking them failed or would have taken too much",
    "warn",
  ),
  extensionsLeftOut: counter(
    "coresdk.extensions.left_out",
    "{attribute}",
    "Extension attributes left out of events because their names or values are illegal",
  ),
  extensionsIllegal: counter(
    "coresdk.extensions.illegal",
    "{name}",
    "Names of extension attributes that were left out, each told once",
    "warn",
    "detail",
  ),
  queueRefused: counter(
    "coresdk.queue.refused",
    "{event}",
    "Events refused because the queue could not take them",
    "warn",
  ),
  queueEvicted: counter("coresdk.queue.evicted", "{event}", "Oldest events that left the local store's ring"),
  deadLettersEvicted: counter(
    "coresdk.queue.dead_letters.evicted",
    "{event}",
    "Oldest dead letters that the queue of a process let go for want of room",
    "warn",
  ),
  queueDamaged: counter(
    "coresdk.queue.damaged",
    "{file}",
    "Store files set aside because they were damaged",
    "error",
  ),
  queueExposed: counter(
    "coresdk.queue.exposed",
    "{directory}",
    "Queue directories that others could reach into when they were opened",
    "warn",
  ),
  queueFailed: counter(
    "coresdk.queue.failures",
    "{failure}",
    "Steps of the queue that failed and will be tried again",
    "error",
  ),
  queueCommits: histogram("coresdk.queue.commit.duration", "s", "Time of one commit, sync included"),
  delivered: counter("coresdk.events.delivered", "{event}", "Events that a sink took"),
  retried: counter("coresdk.events.retried", "{event}", "Attempts that will be made again", "debug"),
  deadLettered: counter("coresdk.events.dead_lettered", "{event}", "Events kept as dead letters", "warn"),
  sinkParked: counter("coresdk.sink.parked", "{sink}", "Sinks set aside as misconfigured", "error"),
  sinkRecovered: counter("coresdk.sink.recovered", "{sink}", "Sinks that answered again", "info"),
  sinkDegraded: counter("coresdk.sink.degraded", "{sink}", "Sinks that stopped answering", "warn"),
  sinkDeferred: counter("coresdk.sink.deferred", "{sink}", "Sinks that asked for a long wait", "warn"),
  sinkMissing: counter(
    "coresdk.sink.missing",
    "{sink}",
    "Sinks that are not configured and for which the store keeps events, at each opening",
    "warn",
  ),
  sinkSingle: counter(
    "coresdk.sink.single",
    "{sink}",
    "Sinks that turned down batches and get single events",
    "warn",
  ),
  sinkPermitted: counter(
    "coresdk.sink.permissions",
    "{permission}",
    "Permissions to send that a webhook target gave when it was asked",
    "info",
  ),
  sends: histogram("coresdk.sink.send.duration", "s", "Time of one send"),
  failed: counter(
    "coresdk.pipeline.failures",
    "{failure}",
    "Failures that nothing was prepared for",
    "error",
  ),
};

function counter(
  name: string,
  unit: string,
  description: string,
  level?: Fact["level"],
  logsEach?: Fact["logsEach"],
): Fact {
  const logged = level === undefined ? {} : { level };
  const each = logsEach === undefined ? {} : { logsEach };
  return { name, kind: "counter", unit, description, ...logged, ...each };
}

function histogram(name: string, unit: string, description: string): Fact {
  return { name, kind: "histogram", unit, description };
}
