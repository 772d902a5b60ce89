/** Rego policies in process: regorus as WebAssembly, in the caller's thread or in a guarded one. */
import "./require-node.ts";

export type {
  Answer,
  Engine,
  EngineLimits,
  EngineOptions,
  EvaluationOptions,
  GuardedEngine,
  GuardedEngineOptions,
  InputReads,
  PolicyFacts,
  PolicySet,
  QueryAnswer,
  QueryResult,
  RegoDocument,
  RegoModule,
  RegoValue,
} from "./contracts.ts";
export { readPolicyDirectory } from "./directory.ts";
export { createEngine } from "./engine.ts";
export { RegoError, type RegoErrorCode, type RegoErrorOptions, type RegoPlace } from "./errors.ts";
export { createGuardedEngine } from "./guarded-engine.ts";
export { packagePath, rulePath } from "./rule-path.ts";
