/** Forwarding to the upstream: over which protocol, what is counted, and how it ends. */
import type { Clock, FactRecorder } from "@coresdk/pipeline";
import {
  ACCEPTED,
  type ExportAnswer,
  type Forwarder,
  type Signal,
  type UpstreamState,
} from "../contracts.ts";
import { sidecarFacts } from "../facts.ts";
import { isRetryable, refuseUnavailable } from "../protocol/refusal.ts";
import { createGrpcTransport } from "./grpc/transport.ts";
import { createAnswerHider } from "./hide-answer.ts";
import { createHttpTransport } from "./http/transport.ts";
import type { ForwardSettings } from "./settings.ts";
import { TAKEN_UNREAD } from "./translate.ts";
import type { Sent } from "./transport.ts";

export interface ForwarderPorts {
  readonly clock: Clock;
  readonly facts: FactRecorder;
}

const labels: Readonly<Record<Signal, Readonly<Record<string, string>>>> = {
  logs: { signal: "logs" },
  traces: { signal: "traces" },
  metrics: { signal: "metrics" },
};

const closing: ExportAnswer = refuseUnavailable("the sidecar is shutting down", 5_000);

/**
 * A forwarder to the upstream of the settings. Without settings there is none: everything is accepted,
 * counted and dropped.
 * @throws when the endpoint or a header is illegal
 */
export function createForwarder(settings: ForwardSettings | undefined, ports: ForwarderPorts): Forwarder {
  return settings === undefined ? createDropper(ports.facts) : createUpstream(settings, ports);
}

function createDropper(facts: FactRecorder): Forwarder {
  return {
    forward(signal, message) {
      facts.record(sidecarFacts.dropped, 1, labels[signal]);
      facts.record(sidecarFacts.droppedBytes, message.length, labels[signal]);
      return Promise.resolve(ACCEPTED);
    },
    state: () => ({ state: "none", reason: "" }),
    close: () => Promise.resolve(),
  };
}

function createUpstream(settings: ForwardSettings, ports: ForwarderPorts): Forwarder {
  const transport =
    settings.protocol === "grpc"
      ? createGrpcTransport(settings, ports)
      : createHttpTransport(settings, ports);
  const hideSecrets = createAnswerHider(settings);
  const underWay = new Set<Promise<ExportAnswer>>();
  let state: UpstreamState = { state: "untried", reason: "" };
  let closed: Promise<void> | undefined;

  function record(sent: Sent, signal: Signal, bytes: number): ExportAnswer {
    const { answer, unreachable, advice, remark } = sent;
    if (unreachable !== undefined) {
      state = { state: "failing", reason: unreachable };
      ports.facts.record(sidecarFacts.forwardUnreachable, 1, labels[signal], unreachable);
    } else if (answer.kind === "refused") {
      const kind = isRetryable(answer) ? "retryable" : "permanent";
      // An upstream that refuses one request for good may well take the next.
      if (advice !== undefined) state = { state: "failing", reason: advice };
      else if (kind === "retryable") state = { state: "failing", reason: `HTTP status ${answer.httpStatus}` };
      ports.facts.record(
        sidecarFacts.forwardRefused,
        1,
        { signal, kind },
        advice ?? remark ?? `status ${answer.httpStatus} or its gRPC counterpart ${answer.grpcCode}`,
      );
    } else {
      if (state.state !== "ready") state = { state: "ready", reason: "" };
      ports.facts.record(sidecarFacts.forwarded, 1, labels[signal]);
      ports.facts.record(sidecarFacts.forwardedBytes, bytes, labels[signal]);
      if (answer === TAKEN_UNREAD) ports.facts.record(sidecarFacts.forwardUnread, 1, labels[signal]);
    }
    return answer;
  }

  async function end(deadlineMs: number): Promise<void> {
    let cancel = (): void => undefined;
    const deadline = new Promise<void>((resolve) => {
      cancel = ports.clock.schedule(deadlineMs, resolve);
    });
    await Promise.race([Promise.allSettled(underWay), deadline]);
    cancel();
    await transport.close();
  }

  return {
    async forward(signal, message, encoding) {
      if (closed !== undefined) return closing;
      const forwarding = transport
        .send(signal, message, encoding)
        .then((sent) => hideSecrets(record(sent, signal, message.length), signal, encoding));
      underWay.add(forwarding);
      try {
        return await forwarding;
      } finally {
        underWay.delete(forwarding);
      }
    },
    state: () => state,
    close(deadlineMs) {
      closed ??= end(deadlineMs);
      return closed;
    },
  };
}
