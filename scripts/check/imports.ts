import { findCycles } from "./cycles.ts";
import { type Check, count, type Finding } from "./finding.ts";
import { combinesStages, foreignStage, type Import, importRules, importsOf } from "./import-rules.ts";
import type { Source } from "./sources.ts";

/** Layers, stages, packages and cycles: the picture in ARCHITECTURE.md, held to. */
export function imports(sources: readonly Source[]): Check {
  return {
    name: "imports",
    async run() {
      const all = sources.flatMap(importsOf);
      const findings = all.flatMap(judge);
      findings.push(...stagesTogether(all), ...kafkaInOneFile(all), ...cycles(all));
      return { findings, summary: count(all.length, "import") };
    },
  };
}

function judge(it: Import): Finding[] {
  const objections = importRules.map((rule) => rule(it)).filter((objection) => objection !== undefined);
  return objections.map((objection) => ({ place: `${it.from}:${it.line}`, message: objection }));
}

/** Two stages meet in a few files only, which then read as the flow. */
function stagesTogether(all: readonly Import[]): Finding[] {
  const findings: Finding[] = [];
  for (const [place, imports] of Map.groupBy(all, (it) => it.from)) {
    const used = new Set(imports.map(foreignStage).filter((stage) => stage !== undefined));
    if (used.size < 2 || combinesStages(place)) continue;
    const message = `puts the stages ${[...used].join(" and ")} together, which intake.ts and delivery.ts do`;
    findings.push({ place, message });
  }
  return findings;
}

/** The client has traps (ARCHITECTURE.md): one file knows them. */
function kafkaInOneFile(all: readonly Import[]): Finding[] {
  const client = "@platformatic/kafka";
  const uses = all.filter((it) => it.dependency === client && /^packages\/[^/]+\/src\//.test(it.from));
  const files = [...new Set(uses.map((it) => it.from))];
  return files.slice(1).map((place) => ({ place, message: `${client} is already imported by ${files[0]}` }));
}

function cycles(all: readonly Import[]): Finding[] {
  const graph = new Map<string, string[]>();
  for (const { from, target } of all) {
    if (target === undefined) continue;
    const targets = graph.get(from);
    if (targets === undefined) graph.set(from, [target]);
    else targets.push(target);
  }
  return findCycles(graph).map((members) => ({
    place: members[0] ?? "",
    message: `import cycle (types count too): ${[...members, members[0]].join(" -> ")}`,
  }));
}
