/** The process `coresdk-sidecar`: what `bin/` starts once it knows that Node is new enough. */
import { endWith } from "./cli/end-process.ts";
import { runProgram } from "./cli/program.ts";
import { limitHeapGrowth } from "./heap-growth.ts";

limitHeapGrowth();
await endWith(runProgram(process.argv.slice(2)));
