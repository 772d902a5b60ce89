import "./require-node.ts";

export { BatchView, type EncodedBatch } from "./batch.ts";
export { compileMask, compileMasker } from "./compile-mask.ts";
export type {
  Appended,
  Clock,
  DeadLetter,
  FactRecorder,
  Flushed,
  Ingested,
  IntakeResult,
  OtlpEncoding,
  Outcome,
  Pipeline,
  PolicyFailure,
  PolicyHealth,
  Queue,
  QueueReader,
  QueueStats,
  Random,
  Refusal,
  Segment,
  Sender,
  SequenceRange,
  SinkHealth,
  StoredDeadLetter,
  TakeLimits,
} from "./contracts.ts";
export { OtlpDecodeError, OtlpTooLargeError } from "./contracts.ts";
export { isPrivateHost } from "./deliver/address-guard.ts";
export { acceptContinue } from "./deliver/http/accept-continue.ts";
export { checkHeaderName } from "./deliver/http/fixed-headers.ts";
export { createSecretHider, type SecretSources } from "./deliver/http/hide-secrets.ts";
export { InformationalLimit } from "./deliver/http/informational-limit.ts";
export { WebhookTargets } from "./deliver/http/webhook-targets.ts";
export { MAX_EVENT_VALUES, MAX_VALUES } from "./depth.ts";
export type { PolicyInput } from "./draft.ts";
export { type Fact, facts } from "./facts.ts";
export { freeBytes } from "./free-bytes.ts";
export { createIntake, type Intake, type IntakePorts } from "./intake.ts";
export type {
  AnyValue,
  EventNameOrigin,
  LogEvent,
  Resource,
  Scope,
  SpanRecord,
  UnixTime,
} from "./log-event.ts";
export { IntegralDouble, KeyValues } from "./log-event.ts";
export { REDACTED } from "./mask/categories.ts";
export type { MaskerCore } from "./mask/masker-core.ts";
export { divideRequest } from "./otlp/divide-request.ts";
export { hidePathTokens } from "./path-tokens.ts";
export { createPipeline, type PipelinePorts, preparePipeline } from "./pipeline.ts";
export { EgressPolicy } from "./policy/egress-policy.ts";
export { PolicyLoadError } from "./policy/load-error.ts";
export {
  checkPolicies,
  openPolicyTester,
  type PolicyTester,
  type TestedDecision,
} from "./policy/policy-tester.ts";
export { Secret } from "./secret.ts";
export { sendOnce } from "./send-once.ts";
export type {
  DiskQueueSettings,
  ExtensionName,
  HttpSinkSettings,
  KafkaKey,
  KafkaSinkSettings,
  MaskSettings,
  MemoryQueueSettings,
  PipelineSettings,
  PolicySettings,
  RetrySettings,
  SaslSettings,
  SinkSettings,
  TlsSettings,
  WrapSettings,
} from "./settings.ts";
export { EXTENSION_NAMES } from "./settings.ts";
export { holdProcess, systemClock, systemRandom } from "./system.ts";
export {
  fromPlainMaskSettings,
  type PlainMaskSettings,
  toPlainMaskSettings,
} from "./thread/plain-settings.ts";
export { findRequestFault } from "./thread/request-fault.ts";
export { serveTasks } from "./thread/serve-tasks.ts";
export { LARGE_BYTES, TaskAbandonedError, TaskFailedError, type TaskTerms } from "./thread/task-thread.ts";
export { TaskThreads } from "./thread/task-threads.ts";
export { isEnvelopeName } from "./wrap/envelope-names.ts";
export { checkFixedExtension } from "./wrap/extension-rules.ts";
