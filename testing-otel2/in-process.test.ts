/** The in-process front door on OTel JS 2.x: the tests of 3.x once more. */
import "./otel-2.ts";

await import("../testing/e2e/in-process.test.ts");
