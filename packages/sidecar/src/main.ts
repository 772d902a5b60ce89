/** The process `coresdk-sidecar`: what `bin/` starts once it knows that Node is new enough. */
import { runProgram } from "./cli/program.ts";

process.exitCode = await runProgram(process.argv.slice(2));
