import { answerTargets } from "./answer-targets.ts";
import { framingTargets } from "./framing-targets.ts";
import { intakeTargets } from "./intake-target.ts";
import type { Target } from "./target.ts";

/** Everything that reads bytes which come over a network. */
export const targets: readonly Target[] = [...intakeTargets, ...framingTargets, ...answerTargets];
