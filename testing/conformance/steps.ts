/** What the sentences of the features mean. */
import assert from "node:assert/strict";
import { type CloudEvent, CloudEventError } from "@coresdk/cloudevents";
import * as http from "@coresdk/cloudevents/http";
import * as kafka from "@coresdk/cloudevents/kafka";
import type { Scenario, Step } from "./gherkin.ts";

/** What the steps of one scenario hand on. */
interface State {
  request: http.HttpMessageInit | undefined;
  payload: Uint8Array | null;
  headers: Record<string, Uint8Array>;
  outcome: CloudEvent | CloudEventError | undefined;
}

type Action = (state: State, step: Step, argument: string) => void;

const encoder = new TextEncoder();

const actions: readonly (readonly [RegExp, Action])[] = [
  [/^(?:HTTP|Kafka) Protocol Binding is supported$/, () => undefined],
  [
    /^an HTTP request$/,
    (state, step) => {
      state.request = parseRequest(step.docString ?? "");
    },
  ],
  [
    /^a Kafka message with payload:$/,
    (state, step) => {
      state.payload = encoder.encode(step.docString ?? "");
    },
  ],
  [
    /^a Kafka message without a payload$/,
    (state) => {
      state.payload = null;
    },
  ],
  [
    /^Kafka headers:$/,
    (state, step) => {
      for (const [name = "", value = ""] of rows(step)) state.headers[name] = encoder.encode(value);
    },
  ],
  [
    /^parsed as HTTP request$/,
    (state) => {
      const { request } = state;
      state.outcome = attempt(() => http.decode(request ?? { headers: {} }));
    },
  ],
  [
    /^parsed as Kafka message$/,
    (state) => {
      state.outcome = attempt(() => kafka.decode({ headers: state.headers, value: state.payload }));
    },
  ],
  [
    /^the attributes are:$/,
    (state, step) => {
      const { data, ...attributes } = eventOf(state);
      assert.deepEqual({ ...attributes }, Object.fromEntries(rows(step)));
    },
  ],
  [
    /^the data is equal to the following JSON:$/,
    (state, step) => assert.deepEqual(eventOf(state).data, JSON.parse(step.docString ?? "")),
  ],
  [/^there is no data$/, (state) => assert.ok(!Object.hasOwn(eventOf(state), "data"))],
  [
    /^it is refused for the attribute (\S+)$/,
    (state, _step, attribute) => {
      assert.ok(state.outcome instanceof CloudEventError, "an event came out");
      assert.equal(state.outcome.attribute, attribute);
    },
  ],
];

/** Runs a scenario; a step that is not known fails it. */
export function runScenario(scenario: Scenario): void {
  const state: State = { request: undefined, payload: null, headers: {}, outcome: undefined };
  for (const step of scenario.steps) {
    const found = actions.find(([pattern]) => pattern.test(step.text));
    assert.ok(found, `no step for "${step.text}"`);
    found[1](state, step, found[0].exec(step.text)?.[1] ?? "");
  }
}

/** The rows of a table without its heading. */
function rows(step: Step): [string, string][] {
  return step.table.slice(1).map(([name = "", value = ""]) => [name, value]);
}

function attempt(decode: () => CloudEvent): CloudEvent | CloudEventError {
  try {
    return decode();
  } catch (error) {
    if (error instanceof CloudEventError) return error;
    throw error;
  }
}

function eventOf(state: State): CloudEvent {
  const { outcome } = state;
  if (outcome instanceof CloudEventError) throw outcome;
  assert.ok(outcome, "nothing was parsed");
  return outcome;
}

function parseRequest(text: string): http.HttpMessageInit {
  const end = text.indexOf("\n\n");
  const [, ...lines] = (end < 0 ? text : text.slice(0, end)).split("\n");
  const headers = lines.map((line): [string, string] => {
    const colon = line.indexOf(":");
    return [line.slice(0, colon), line.slice(colon + 1).trim()];
  });
  return { headers, body: end < 0 ? undefined : encoder.encode(text.slice(end + 2)) };
}
