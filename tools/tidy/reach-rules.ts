import { posix } from "node:path"
import type { Finding } from "./finding.ts"
import { isGenerated, resolveRelative, type SourceFile } from "./source-file.ts"

/** What is run by name: nothing imports it. */
const entries = /(^src\/main|\/main|\.test|\.worker|^vitest\.config)\.ts$/

/** TypeScript files that nothing imports, and no script or README tells how to run. */
export function checkReach(
  files: readonly SourceFile[],
  rooms: Readonly<Record<string, string>>,
): readonly Finding[] {
  const reached = new Set(Object.values(rooms).map((path) => posix.normalize(path)))
  for (const file of files) for (const path of referencesOf(file)) reached.add(path)
  const scripts = files.filter(({ path }) => !path.endsWith(".ts"))
  return files
    .filter(({ path }) => path.endsWith(".ts") && !entries.test(path) && !reached.has(path))
    .filter(({ path }) => !scripts.some((script) => mentions(script, path)))
    .map(({ path }) => finding(path, "nothing imports it: delete it, or use it"))
}

/** Each file under `examples/` is named by a test, so that it is known to work. */
export function checkExamples(files: readonly SourceFile[]): readonly Finding[] {
  const tests = files.filter(({ path }) => path.endsWith(".test.ts"))
  return files
    .filter(({ path }) => path.startsWith("examples/") && path.endsWith(".yaml"))
    .filter(
      ({ path }) =>
        !tests.some(({ lines }) => lines.some((line) => line.includes(posix.basename(path)))),
    )
    .map(({ path }) => finding(path, "no test applies it: write one that does, or delete it"))
}

/** Generated files say where they come from in the folder's README or their generator. */
export function checkGenerated(files: readonly SourceFile[]): readonly Finding[] {
  const makers = files.filter(({ path }) => path.startsWith("tools/") || path.endsWith("README.md"))
  return files
    .filter((file) => isGenerated(file))
    .filter(({ path }) => !makers.some((maker) => mentions(maker, path)))
    .map(({ path }) => finding(path, "nothing under tools/ names it: say how it is made"))
}

function referencesOf(file: SourceFile): readonly string[] {
  const imported = file.imports.map(({ specifier }) => specifier)
  const named = file.lines.flatMap((line) =>
    [...line.matchAll(/"(\.{1,2}\/[^"]+\.ts)"/g)].map(([, name]) => name ?? ""),
  )
  return [...imported, ...named]
    .filter((specifier) => specifier.startsWith("."))
    .map((specifier) => resolveRelative(file, specifier))
}

function mentions(maker: SourceFile, path: string): boolean {
  const name = posix.basename(path)
  return maker.lines.some((line) => line.includes(name))
}

function finding(file: string, message: string): Finding {
  return { rule: "reach", file, line: 0, message }
}
