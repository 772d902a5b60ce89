/** Posts an event to the endpoint given, trusting the PEM text given or what Node.js trusts, and says what came of it. */
import { NO_TLS, post } from "./open-sink.ts";

const [endpoint = "", ca] = process.argv.slice(2);
const { kind } = await post(endpoint, { tls: { ...NO_TLS, ca } });
process.stdout.write(kind);
