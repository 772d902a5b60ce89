/** The service on OTel JS 2.x. */
import "./otel-2.ts";

await import("../testing/e2e/service-program.ts");
