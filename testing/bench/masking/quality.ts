/** Runs the labelled corpus through intake and counts: what got through, and what went that should have stayed. */
import { BatchView, compileMask, createIntake, type IntakeResult } from "@coresdk/pipeline";
import { createMasker } from "@coresdk/pipeline/mask";
import { Draw } from "./draw.ts";
import { FLAG_KEYS, HARMLESS_KEYS, NEGATIVES, snowflake } from "./negatives.ts";
import { KEYED_PLACEMENTS, PLACEMENTS, type Source } from "./placements.ts";
import { BLOCKED_KEYS, disguise, MAKERS, type Sample } from "./secrets.ts";
import { WRITTEN_PLACEMENTS } from "./written.ts";

export interface Score {
  readonly found: number;
  readonly missed: number;
  /** Hard negatives that were masked as this, and samples around which too much went. */
  readonly wrong: number;
  readonly precision: number;
  readonly recall: number;
  readonly f2: number;
}

export interface Quality {
  readonly byCategory: ReadonlyMap<string, Score>;
  readonly byPlacement: ReadonlyMap<string, Score>;
  /** A few of what was missed or masked wrongly, for whoever mends a rule. All of it is made up. */
  readonly examples: readonly string[];
}

class Count {
  found = 0;
  missed = 0;
  wrong = 0;
}

class Counts {
  readonly #counts = new Map<string, Count>();

  of(name: string): Count {
    let count = this.#counts.get(name);
    if (count === undefined) {
      count = new Count();
      this.#counts.set(name, count);
    }
    return count;
  }

  scores(): ReadonlyMap<string, Score> {
    return new Map(Array.from(this.#counts, ([name, count]) => [name, scoreOf(count)]));
  }
}

function scoreOf({ found, missed, wrong }: Count): Score {
  const precision = found + wrong === 0 ? 1 : found / (found + wrong);
  const recall = found + missed === 0 ? 1 : found / (found + missed);
  const f2 = precision + recall === 0 ? 0 : (5 * precision * recall) / (4 * precision + recall);
  return { found, missed, wrong, precision, recall, f2 };
}

/** Takes events through the pipeline's intake and gives what would be stored of each. */
function openIntake(): (source: Source) => string {
  const intake = createIntake(
    {
      source: undefined,
      tenant: undefined,
      extensions: ["distributed-tracing", "severity", "partitioning", "authcontext"],
      fixedExtensions: {},
      data: "attributes",
      order: "subject",
    },
    {
      clock: { now: () => 1_773_930_900_000, elapsed: () => 0, schedule: () => () => undefined },
      random: { next: () => 0.5, fill: (bytes) => bytes.fill(7) },
      mask: compileMask(undefined),
    },
  );
  return (source) =>
    textOf(source.kind === "log" ? intake.intakeEvents([source.event]) : intake.intakeSpan(source.span));
}

function textOf(result: IntakeResult | Promise<IntakeResult>): string {
  if (result instanceof Promise) throw new TypeError("intake became asynchronous");
  if (result.batch === undefined) return "";
  const text = Buffer.from(new BatchView(new Uint8Array(result.batch.buffer)).event(0)).toString();
  // Bytes are base64 in the data.
  return text.replace(/"raw":"([A-Za-z0-9+/=]*)"/, (_, base64: string) =>
    Buffer.from(base64, "base64").toString(),
  );
}

/** So many characters of a secret, in a row, are too many. */
const READABLE = 4;

/** True when a part of the secret can still be read in the text, other than what is there without it. */
function isReadable(text: string, secret: string, known: string): boolean {
  const length = Math.min(READABLE, secret.length);
  for (let at = 0; at + length <= secret.length; at++) {
    const part = secret.slice(at, at + length);
    if (text.includes(part) && !known.includes(part)) return true;
  }
  return false;
}

const MAX_EXAMPLES = 20;

/**
 * @param rounds samples of each category in each placement; negatives come in proportion
 */
export function measureQuality(rounds: number, seed = 1): Quality {
  const draw = new Draw(seed);
  const take = openIntake();
  const byCategory = new Counts();
  const byPlacement = new Counts();
  const examples: string[] = [];
  const note = (example: string): void => {
    if (examples.length < MAX_EXAMPLES) examples.push(example);
  };

  const judge = (sample: Sample, placement: string, place: (text: string) => Source | undefined): void => {
    const source = place(sample.text);
    const without = place("tango");
    if (source === undefined || without === undefined) return;
    const text = take(source);
    const known = `${take(without)} ${sample.text.replaceAll(sample.secret, " ")} [REDACTED]`;
    const counts = [byCategory.of(sample.category), byPlacement.of(placement)];
    const isMissed = text === "" || isReadable(text, sample.secret, known);
    const isOverdone = !isMissed && source.keeps.some((kept) => !text.includes(kept));
    for (const count of counts) {
      if (isMissed) count.missed++;
      else count.found++;
      if (isOverdone) count.wrong++;
    }
    if (isMissed) note(`missed ${sample.category} in ${placement}: ${sample.text}`);
    if (isOverdone) note(`too much around ${sample.category} in ${placement}: ${sample.text} -> ${text}`);
  };

  for (const [category, make] of MAKERS) {
    for (let round = 0; round < rounds; round++) {
      if (category === "blocked_keys") {
        for (const [placement, place] of Object.entries(KEYED_PLACEMENTS)) {
          const sample = { category, ...make(draw) };
          const key = draw.pick(BLOCKED_KEYS);
          judge(sample, `key, ${placement}`, (text) => place(text, key));
        }
        continue;
      }
      for (const [placement, place] of Object.entries(PLACEMENTS)) {
        const sample = { category, ...make(draw) };
        judge(sample, placement, place);
      }
      for (const how of ["full-width", "arabic", "zero-width"] as const) {
        if (!["cards", "ssn", "email", "iban"].includes(category)) continue;
        const { text, secret } = make(draw);
        judge({ category, text: disguise(text, how), secret: disguise(secret, how) }, how, placeInSentence);
      }
    }
  }
  for (let round = 0; round < rounds; round++) {
    for (const [placement, place] of Object.entries(WRITTEN_PLACEMENTS)) {
      const secret = draw.token(14);
      judge({ category: "passwords", text: secret, secret }, `written, ${placement}`, place);
    }
  }
  judgeNegatives(rounds * 10, draw, byCategory, note);
  return { byCategory: byCategory.scores(), byPlacement: byPlacement.scores(), examples };
}

function placeInSentence(text: string): Source | undefined {
  return PLACEMENTS["in a sentence"]?.(text);
}

function judgeNegatives(
  rounds: number,
  draw: Draw,
  byCategory: Counts,
  note: (example: string) => void,
): void {
  const masker = createMasker();
  const judge = (kind: string, value: unknown): void => {
    const findings = masker.find(value);
    for (const category of new Set(findings.map((finding) => finding.kind))) byCategory.of(category).wrong++;
    if (findings.length > 0)
      note(`wrongly ${findings[0]?.kind}, ${kind}: ${JSON.stringify(value, showInteger)}`);
  };
  for (let round = 0; round < rounds; round++) {
    for (const [kind, make] of Object.entries(NEGATIVES)) {
      const value = make(draw);
      judge(kind, { value });
      if (typeof value !== "string") continue;
      judge(`${kind} in a sentence`, `saw ${value} and went on`);
      judge(`${kind} in JSON`, JSON.stringify({ note: value, list: [`saw ${value}`, value], count: 1 }));
    }
    judge("harmless key", { [draw.pick(HARMLESS_KEYS)]: draw.words(2) });
    judge("flag", { [draw.pick(FLAG_KEYS)]: draw.below(2) === 0 });
  }
}

/** How many of the ids of 64 bits pass for cards, by chance: nothing in them tells the two apart. */
export function measureSnowflakes(count: number, seed = 1): number {
  const draw = new Draw(seed);
  const masker = createMasker();
  let wrong = 0;
  for (let i = 0; i < count; i++) if (masker.maskValue(snowflake(draw)) === "[REDACTED]") wrong++;
  return wrong / count;
}

function showInteger(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? `${value}` : value;
}
