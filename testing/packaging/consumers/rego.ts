/** Uses @coresdk/rego as a user would, and prints what came of it. */
import { fileURLToPath } from "node:url";
import { createEngine, createGuardedEngine, RegoError, rulePath } from "@coresdk/rego";

const modules = [
  {
    file: "egress.rego",
    text: 'package acme["cloudevents-egress"]\nallow if input.event_type == "com.acme.order"',
  },
];
const rule = rulePath("acme/cloudevents-egress", "allow");
const input = { event_type: "com.acme.order" };

const allowed = createEngine({ modules }).evaluate(rule, input);
const guarded = await createGuardedEngine({ modules }, { deadlineMs: 10_000 });
const [answer] = await guarded.evaluate(rule, [input]);
await guarded.close();

let refused = "";
try {
  createEngine({ modules: [{ file: "broken.rego", text: "package broken\n} allow" }] });
} catch (error) {
  if (!(error instanceof RegoError) || error.place === undefined) throw error;
  refused = `${error.place.file}:${error.place.line}:${error.place.column}`;
}
console.log(
  JSON.stringify({
    entries: [fileURLToPath(import.meta.resolve("@coresdk/rego"))],
    allowed: allowed.kind === "value" && allowed.value,
    guarded: answer?.kind === "value" && answer.value,
    refused,
  }),
);
