/** The project's own TypeScript, parsed by the compiler itself and boiled down to what the checks ask about. */
import { readFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import * as ast from "typescript/unstable/ast";
import { API } from "typescript/unstable/sync";
import { root } from "../run-program.ts";

/** One place where a file names another module. */
export interface Reference {
  readonly specifier: string;
  readonly line: number;
  /** Nothing of it is there at run time. */
  readonly typeOnly: boolean;
}

export interface Source {
  /** From the repository's root, with forward slashes. */
  readonly path: string;
  readonly text: string;
  /** How many lines the file has. */
  readonly length: number;
  readonly references: readonly Reference[];
  /** Lines with the type `any`. */
  readonly anys: readonly number[];
  /** Lines with `export *` or a default export. */
  readonly blanketExports: readonly number[];
}

/** Reads every file that `tsconfig.check.json` of a folder names, the project's unless told otherwise, except generated code. */
export function readSources(folder: string = root): Source[] {
  const api = new API({ cwd: folder });
  try {
    const config = join(folder, "tsconfig.check.json");
    const project = api.updateSnapshot({ openProjects: [config] }).getProject(config);
    if (project === undefined) throw new Error(`the compiler knows no project ${config}`);
    const files = project.rootFiles.filter((file) => !file.split("/").includes("gen"));
    return files.map((file) => {
      const parsed = project.program.getSourceFile(file);
      if (parsed === undefined) throw new Error(`the compiler did not parse ${file}`);
      return describe(relative(folder, file).split(sep).join("/"), readFileSync(file, "utf8"), parsed);
    });
  } finally {
    api.close();
  }
}

function describe(path: string, text: string, parsed: ast.SourceFile): Source {
  const references: Reference[] = [];
  const anys: number[] = [];
  const blanketExports: number[] = [];
  const lineOf = (node: ast.Node): number =>
    parsed.getLineAndCharacterOfPosition(ast.getTokenPosOfNode(node, parsed)).line + 1;

  const refer = (node: ast.Node, specifier: ast.Node | undefined, typeOnly: boolean): void => {
    if (specifier === undefined || !ast.isStringLiteral(specifier)) return;
    references.push({ specifier: specifier.text, line: lineOf(node), typeOnly });
  };
  const visit = (node: ast.Node): void => {
    if (ast.isImportDeclaration(node)) refer(node, node.moduleSpecifier, isTypeOnlyImport(node));
    else if (ast.isExportDeclaration(node)) {
      refer(node, node.moduleSpecifier, node.isTypeOnly);
      if (node.exportClause === undefined || ast.isNamespaceExport(node.exportClause)) {
        blanketExports.push(lineOf(node));
      }
    } else if (ast.isExportAssignment(node)) blanketExports.push(lineOf(node));
    else if (ast.isImportTypeNode(node) && ast.isLiteralTypeNode(node.argument)) {
      refer(node, node.argument.literal, true);
    } else if (ast.isCallExpression(node) && node.expression.kind === ast.SyntaxKind.ImportKeyword) {
      refer(node, node.arguments[0], false);
    } else if (node.kind === ast.SyntaxKind.AnyKeyword) anys.push(lineOf(node));
    else if (node.kind === ast.SyntaxKind.DefaultKeyword && !ast.isDefaultClause(node.parent)) {
      blanketExports.push(lineOf(node));
    }
    node.forEachChild(visit);
  };
  visit(parsed);
  const length = text.split("\n").length - (text.endsWith("\n") ? 1 : 0);
  return { path, text, length, references, anys, blanketExports };
}

function isTypeOnlyImport(node: ast.ImportDeclaration): boolean {
  const clause = node.importClause;
  if (clause === undefined) return false;
  if (clause.phaseModifier === ast.SyntaxKind.TypeKeyword) return true;
  const named = clause.namedBindings;
  if (clause.name !== undefined || named === undefined || !ast.isNamedImports(named)) return false;
  return named.elements.length > 0 && named.elements.every((element) => element.isTypeOnly);
}
