/**
 * `npm run bench`: measures, prints a table, and with flags
 *
 *   --json FILE     writes the figures: an array of {name, peer, opsPerSecond, ratio}
 *   --check         ends with 1 when a target is missed; without --filter, --long is a part of it
 *   --filter NAME   only rows whose name contains NAME
 *   --long          a whole minute at saturation for the sidecar's memory
 */
import { writeFile } from "node:fs/promises";
import { parseArgs, styleText } from "node:util";
import * as cloudevents from "./cloudevents.ts";
import * as egress from "./egress.ts";
import * as intake from "./intake.ts";
import type { Figure, Target } from "./measure.ts";
import * as policy from "./policy.ts";
import * as sidecar from "./sidecar.ts";

const { values: flags } = parseArgs({
  options: {
    json: { type: "string" },
    check: { type: "boolean", default: false },
    filter: { type: "string", default: "" },
    long: { type: "boolean", default: false },
  },
});
const targets: readonly Target[] = [
  ...cloudevents.targets,
  ...policy.targets,
  ...egress.targets,
  ...sidecar.targets,
];
const figures: Figure[] = [];
const misses: string[] = [];

console.log(
  `${"name".padEnd(24)}${"peer".padEnd(18)}${"ours/CPU s".padStart(14)}${"ratio".padStart(9)}  target`,
);
add(await cloudevents.rows(flags.filter));
add(await intake.rows(flags.filter));
add(await policy.rows(flags.filter));
add(await egress.rows(flags.filter));
if ("sidecar http".includes(flags.filter)) {
  // The target for memory is one of a minute.
  const long = flags.long || (flags.check && flags.filter === "");
  const { figures: measured, peakMemoryMiB, notes } = await sidecar.measureSidecar({ long });
  add(measured);
  if (peakMemoryMiB !== undefined) addMemory(peakMemoryMiB);
  for (const note of notes) console.log(note);
}
if (figures.length === 0) {
  console.error(`no row has "${flags.filter}" in its name`);
  process.exitCode = 1;
}
for (const { name, peer } of targets) {
  const measured = figures.some((figure) => figure.name === name && figure.peer === peer);
  if (!measured && flags.filter === "") misses.push(`${name} against ${peer} was not measured`);
}
if (flags.json !== undefined) await writeFile(flags.json, `${JSON.stringify(figures, null, 2)}\n`);
if (flags.check) {
  console.log(misses.length === 0 ? "\nevery target is reached" : `\nmissed:\n  ${misses.join("\n  ")}`);
  if (misses.length > 0) process.exitCode = 1;
}

function add(measured: readonly Figure[]): void {
  for (const figure of measured) {
    figures.push(figure);
    const { name, peer, opsPerSecond, ratio } = figure;
    const rate = Math.round(opsPerSecond).toLocaleString("en");
    const verdict = judge(figure);
    console.log(
      `${name.padEnd(24)}${peer.padEnd(18)}${rate.padStart(14)}${ratio.toFixed(2).padStart(8)}x  ${verdict}`,
    );
  }
}

function judge({ name, peer, ratio }: Figure): string {
  const target = targets.find((one) => one.name === name && one.peer === peer);
  if (target === undefined) return "";
  const reached = ratio >= target.atLeast;
  if (!reached)
    misses.push(`${name} against ${peer}: ${ratio.toFixed(2)}x, at least ${target.atLeast}x wanted`);
  return styleText(reached ? "green" : "red", `at least ${target.atLeast}x${reached ? "" : ", missed"}`);
}

function addMemory(peakMiB: number): void {
  const limit = sidecar.memoryLimitMiB;
  const reached = peakMiB < limit;
  if (!reached) misses.push(`sidecar memory: ${peakMiB.toFixed(0)} MiB, less than ${limit} MiB wanted`);
  const verdict = styleText(reached ? "green" : "red", `below ${limit} MiB`);
  console.log(
    `${"sidecar memory, peak".padEnd(42)}${`${peakMiB.toFixed(0)} MiB`.padStart(14)}           ${verdict}`,
  );
}
