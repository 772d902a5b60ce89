/** `npm run fuzz -- [--minutes N] [--seed S] [--only NAME]`: every decoder in turn, with a new seed each round. */
import "./freeze.ts";
import { parseArgs } from "node:util";
import { fuzz } from "./target.ts";
import { targets } from "./targets.ts";

const RUNS_A_ROUND = 2000;

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "1" },
    seed: { type: "string" },
    only: { type: "string", default: "" },
  },
});
const endAtMs = Date.now() + Number(values.minutes) * 60_000;
const chosen = targets.filter(({ name }) => name.includes(values.only));
if (chosen.length === 0 || !(Number(values.minutes) > 0)) {
  console.error(`--only takes part of one of these names: ${targets.map(({ name }) => name).join(", ")}`);
  process.exit(2);
}
const totals = new Map(chosen.map(({ name }) => [name, { taken: 0, refused: 0 }]));
let seed = Number(values.seed ?? Date.now() % 2 ** 31);
console.log(`first seed ${seed}; a failure names its own`);
do {
  for (const target of chosen) {
    const { taken, refused } = await fuzz(target, seed, RUNS_A_ROUND);
    const total = totals.get(target.name);
    if (total !== undefined) {
      total.taken += taken;
      total.refused += refused;
    }
  }
  seed += 1;
} while (Date.now() < endAtMs);
for (const [name, { taken, refused }] of totals) {
  console.log(
    `${name.padEnd(36)} ${String(taken).padStart(10)} taken ${String(refused).padStart(10)} refused`,
  );
}
console.log(`next seed ${seed}`);
