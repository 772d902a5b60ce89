/**
 * `npm run bench:masking`: how much of a labelled corpus masking finds, how much it takes wrongly, and how fast it
 * goes over text in which there is nothing.
 *
 *   --check         ends with 1 when a target is missed
 *   --rounds N      samples of each category in each placement (40)
 *   --seed N        another corpus (1)
 */
import { parseArgs, styleText } from "node:util";
import { createMasker } from "@coresdk/pipeline/mask";
import { cleanTexts, cleanValues, cleanValuesByKind } from "./masking/clean-text.ts";
import { maskNaively } from "./masking/naive.ts";
import { measureQuality, measureSnowflakes, type Score } from "./masking/quality.ts";
import { TARGETS } from "./masking/targets.ts";
import { type CompareOptions, compare, keep, type Measured } from "./measure.ts";

const { values: flags } = parseArgs({
  options: {
    check: { type: "boolean", default: false },
    rounds: { type: "string", default: "40" },
    seed: { type: "string", default: "1" },
  },
});

/** Of the first column of the tables. */
const WIDTH = 34;

const misses: string[] = [];

printThroughput("clean text: sentences and words", cleanTexts(2_000), TARGETS.throughput);
printThroughput("clean values: ids, times, addresses", cleanValues(24_000), TARGETS.valueThroughput);
printKinds();
const { byCategory, byPlacement, examples } = measureQuality(Number(flags.rounds), Number(flags.seed));
print("category", byCategory);
print("placement", byPlacement);
console.log(
  `\nids of 64 bits that pass for cards by chance: ${(100 * measureSnowflakes(20_000)).toFixed(2)} %`,
);
for (const example of examples) console.log(styleText("dim", example));
if (flags.check) {
  console.log(misses.length === 0 ? "\nevery target is reached" : `\nmissed:\n  ${misses.join("\n  ")}`);
  if (misses.length > 0) process.exitCode = 1;
}

function print(title: string, scores: ReadonlyMap<string, Score>): void {
  console.log(
    `\n${title.padEnd(WIDTH)}${"samples".padStart(9)}${"precision".padStart(11)}${"recall".padStart(9)}${"F2".padStart(9)}`,
  );
  for (const [name, score] of scores) {
    const { found, missed, precision, recall, f2 } = score;
    const isGood = precision >= TARGETS.precision && recall >= TARGETS.recall;
    if (!isGood) misses.push(`${name}: precision ${precision.toFixed(4)}, recall ${recall.toFixed(4)}`);
    const figures = [precision, recall, f2].map((figure, i) => figure.toFixed(4).padStart(i === 0 ? 11 : 9));
    const row = `${name.padEnd(WIDTH)}${String(found + missed).padStart(9)}${figures.join("")}`;
    console.log(isGood ? row : styleText("red", row));
  }
}

function printThroughput(title: string, texts: readonly string[], least: number): void {
  const [ours, naive] = compareOver(texts);
  const characters = texts.reduce((sum, text) => sum + text.length, 0) / texts.length;
  console.log(`\n${title}`);
  for (const one of [ours, naive]) {
    const rate = Math.round((one.opsPerSecond * characters) / 1e6);
    console.log(`${one.peer.padEnd(26)}${String(rate).padStart(9)} million characters a CPU second`);
  }
  const verdict = `${naive.ratio.toFixed(1)}x, at least ${least}x wanted`;
  console.log(styleText(naive.ratio >= least ? "green" : "red", verdict));
  if (naive.ratio < least) misses.push(`${title}: ${verdict}`);
}

/** No target is set for a kind alone: what counts is what services send, which is a mixture. */
function printKinds(): void {
  for (const [kind, texts] of cleanValuesByKind(2_000)) {
    const [, naive] = compareOver(texts, { rounds: 9, roundMs: 20 });
    console.log(styleText("dim", `  ${kind.padEnd(24)}${naive.ratio.toFixed(1).padStart(9)}x`));
  }
}

function compareOver(texts: readonly string[], options: CompareOptions = {}): readonly [Measured, Measured] {
  const masker = createMasker();
  const changed = texts.filter((text) => masker.maskText(text) !== text);
  if (changed.length > 0) misses.push(`${changed.length} clean texts were changed, such as ${changed[0]}`);
  const over = (mask: (text: string) => string) => (n: number) => {
    for (let i = 0; i < n; i++) keep(mask(texts[i % texts.length] ?? ""));
  };
  const contenders = [
    { peer: "coresdk", run: over((text) => masker.maskText(text)) },
    { peer: "eight regular expressions", run: over(maskNaively) },
  ];
  const [ours, naive] = compare(contenders, options);
  if (ours === undefined || naive === undefined) throw new Error("nothing was measured");
  return [ours, naive];
}
