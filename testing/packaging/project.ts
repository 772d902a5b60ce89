/** An empty project outside the workspace, into which packages are installed as a user would. */
import { copyFile, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { repositoryRoot } from "../components.ts";
import { createDirectory } from "../directory.ts";
import { type Installation, installAll, runAsUser } from "./installation.ts";

let installed: Promise<Installation> | undefined;

export async function removeInstallation(): Promise<void> {
  const installation = await installed?.catch(() => undefined);
  await installation?.remove();
}

export interface Project {
  readonly folder: string;
  /** Runs a program in it and gives what it printed. */
  run(program: string, args: readonly string[]): Promise<string>;
  /** Type-checks a consumer's program and runs it unbuilt; gives the JSON that it printed. */
  use<T>(consumer: string, args?: readonly string[]): Promise<T>;
}

/** Makes a project that has one of the packages, from its tarball, and further ones from the registry. */
export async function createProject(
  t: TestContext,
  name: string,
  others: readonly string[] = [],
): Promise<Project> {
  installed ??= installAll();
  const installation = await installed;
  const folder = createDirectory(t);
  await installation.project(folder, [`@coresdk/${name}`, ...others]);
  const run: Project["run"] = (program, args) => runAsUser(folder, program, args);
  return {
    folder,
    run,
    async use(consumer, args = []) {
      await copyFile(join(import.meta.dirname, "consumers", `${consumer}.ts`), join(folder, "use.ts"));
      await Promise.all(["nodenext", "bundler"].map((resolution) => checkTypes(folder, resolution, run)));
      return JSON.parse(await run(process.execPath, ["use.ts", ...args]));
    },
  };
}

async function checkTypes(folder: string, resolution: string, run: Project["run"]): Promise<void> {
  const config = {
    compilerOptions: {
      strict: true,
      exactOptionalPropertyTypes: true,
      noEmit: true,
      target: "es2023",
      lib: ["es2024", "dom"],
      module: resolution === "bundler" ? "esnext" : resolution,
      moduleResolution: resolution,
      types: ["node"],
      typeRoots: [join(repositoryRoot, "node_modules", "@types")],
      skipLibCheck: true,
    },
    files: ["../use.ts"],
  };
  const place = join(folder, resolution);
  await mkdir(place);
  await writeFile(join(place, "tsconfig.json"), JSON.stringify(config));
  await run(join(repositoryRoot, "node_modules", ".bin", "tsc"), ["-p", place]).catch((error: unknown) => {
    const said = error instanceof Error && "stdout" in error ? String(error.stdout) : String(error);
    throw new Error(`types with ${resolution}:\n${said}`);
  });
}
