/** The process `coresdk-sidecar`: what `bin/` starts once it knows that Node is new enough. */
import { runProgram } from "./cli/program.ts";
import { limitHeapGrowth } from "./heap-growth.ts";

limitHeapGrowth();
process.exitCode = await runProgram(process.argv.slice(2));
