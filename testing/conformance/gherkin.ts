/**
 * The part of Gherkin that the CloudEvents features are written in: scenarios, outlines with examples, a
 * background, doc strings and tables.
 */

export interface Step {
  /** Without its keyword. */
  readonly text: string;
  readonly docString: string | undefined;
  readonly table: readonly (readonly string[])[];
}

export interface Scenario {
  readonly name: string;
  readonly steps: readonly Step[];
}

interface Block {
  readonly name: string;
  readonly steps: MutableStep[];
  readonly examples: string[][];
}

interface MutableStep {
  readonly text: string;
  docString: string | undefined;
  readonly table: string[][];
}

const STEP = /^(?:Given|When|Then|And|But)\s+(.*)$/;
const HEADING = /^(Feature|Background|Scenario Outline|Scenario|Examples):\s*(.*)$/;

/**
 * Reads a feature file; an outline becomes one scenario for each of its examples.
 *
 * @throws SyntaxError for a line that is none of what is known here, with its number
 */
export function parseFeature(text: string): readonly Scenario[] {
  const background: Block = { name: "background", steps: [], examples: [] };
  const scenarios: Block[] = [];
  let block: Block | undefined;
  let inExamples = false;
  const lines = text.split(/\r?\n/);
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i]?.trim() ?? "";
    const heading = HEADING.exec(line);
    const step = STEP.exec(line);
    if (heading !== null) {
      inExamples = heading[1] === "Examples";
      if (heading[1] === "Background") block = background;
      else if (heading[1]?.startsWith("Scenario")) {
        block = { name: heading[2] ?? "", steps: [], examples: [] };
        scenarios.push(block);
      }
    } else if (step !== null && block !== undefined) {
      block.steps.push({ text: step[1] ?? "", docString: undefined, table: [] });
    } else if (line.startsWith('"""')) {
      const end = lines.findIndex((other, at) => at > i && other.trim() === '"""');
      const last = block?.steps.at(-1);
      if (last === undefined || end < 0)
        throw new SyntaxError(`line ${i + 1}: a doc string without a step or an end`);
      last.docString = dedent(lines.slice(i + 1, end), lines[i] ?? "");
      i = end;
    } else if (line.startsWith("|") && block !== undefined) {
      (inExamples ? block.examples : block.steps.at(-1)?.table)?.push(cells(line));
    } else if (block !== undefined && line !== "" && !line.startsWith("#")) {
      throw new SyntaxError(`line ${i + 1}: ${line}`);
    }
  }
  return scenarios.flatMap((scenario) => expand(scenario, background.steps));
}

function cells(line: string): string[] {
  return line
    .split("|")
    .slice(1, -1)
    .map((cell) => cell.trim());
}

/** A doc string begins where its quotes stand. */
function dedent(lines: readonly string[], quotes: string): string {
  const indent = quotes.length - quotes.trimStart().length;
  return lines.map((line) => (line.slice(0, indent).trim() === "" ? line.slice(indent) : line)).join("\n");
}

function expand(scenario: Block, background: readonly MutableStep[]): Scenario[] {
  const [names, ...rows] = scenario.examples;
  const steps = [...background, ...scenario.steps];
  if (names === undefined) return [{ name: scenario.name, steps }];
  return rows.map((row) => {
    const fill = (text: string): string =>
      names.reduce((filled, name, i) => filled.replaceAll(`<${name}>`, row[i] ?? ""), text);
    return {
      name: fill(scenario.name),
      steps: steps.map(({ text, docString, table }) => ({
        text: fill(text),
        docString: docString === undefined ? undefined : fill(docString),
        table: table.map((line) => line.map(fill)),
      })),
    };
  });
}
