/** The process `coresdk-sidecar`: what `bin/` starts once it knows that Node is new enough. */
import { runProgram } from "./cli/program.ts";
import { limitYoungGeneration } from "./young-generation.ts";

limitYoungGeneration();
process.exitCode = await runProgram(process.argv.slice(2));
