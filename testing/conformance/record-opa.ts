/** Asks OPA itself what `opa-answers.json` says: `node --conditions=coresdk-source testing/conformance/record-opa.ts`. */
import { writeFileSync } from "node:fs";
import { buildOracle } from "../opa.ts";
import { askOracle, SEEDS } from "./opa-answers.ts";

const oracle = buildOracle();
if (oracle instanceof Error) throw oracle;
try {
  const answers = askOracle(
    oracle.command,
    Array.from({ length: SEEDS }, (_, seed) => seed),
  );
  writeFileSync(new URL("opa-answers.json", import.meta.url), `${JSON.stringify(answers, undefined, 1)}\n`);
} finally {
  oracle.remove();
}
