import { readdirSync, readFileSync } from "node:fs"
import { extname, join, posix, relative } from "node:path"
import { maskCode } from "./mask-code.ts"

/** An import or re-export, with what is in its quotes. */
export interface ImportSite {
  readonly specifier: string
  readonly line: number
}

/** A text file of the project; `path` is relative to the root, with forward slashes. */
export interface SourceFile {
  readonly path: string
  readonly lines: readonly string[]
  /** The lines with comments and strings blanked; as they are for what is not TypeScript. */
  readonly codeLines: readonly string[]
  readonly imports: readonly ImportSite[]
}

const skippedDirectories = new Set([".git", "node_modules", "dist", "coverage", ".mothership"])
const textEnds = new Set([".ts", ".json", ".md", ".yaml", ".yml", ".sh", ".toml", ".html", ".css"])
const importPattern =
  /(?:^\s*(?:import|export)\b[^"'`;]*?\bfrom\s+|^\s*import\s+|\bimport\(\s*)"([^"]+)"/gm

/** Every text file below the root, in the order of their paths. */
export function readSourceTree(root: string): readonly SourceFile[] {
  return filesBelow(root, root).map((path) =>
    sourceFile(path, readFileSync(join(root, path), "utf8")),
  )
}

export function sourceFile(path: string, text: string): SourceFile {
  const lines = text.split("\n")
  if (!path.endsWith(".ts")) return { path, lines, codeLines: lines, imports: [] }
  return { path, lines, codeLines: maskCode(text).split("\n"), imports: importsOf(text) }
}

/** Tests, and what modules ship for the tests of others. */
export function isTestFile({ path }: Pick<SourceFile, "path">): boolean {
  return path.endsWith(".test.ts") || path.includes("/testing/") || path.startsWith("test/")
}

export function isGenerated({ path }: Pick<SourceFile, "path">): boolean {
  return /\.gen\.(ts|json)$/.test(path)
}

/** The path that a relative specifier means, seen from the file it stands in. */
export function resolveRelative(file: SourceFile, specifier: string): string {
  return posix.join(posix.dirname(file.path), specifier)
}

function filesBelow(root: string, directory: string): readonly string[] {
  const found: string[] = []
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name)
    if (entry.isDirectory() && !skippedDirectories.has(entry.name)) {
      found.push(...filesBelow(root, path))
    }
    if (entry.isFile() && isText(entry.name)) found.push(relative(root, path).replaceAll("\\", "/"))
  }
  return found.sort()
}

/** By its ending; a file without one, such as the launcher, is text too. */
function isText(name: string): boolean {
  const end = extname(name)
  return end === "" || textEnds.has(end)
}

function importsOf(text: string): readonly ImportSite[] {
  return [...text.matchAll(importPattern)].map((match) => ({
    specifier: match[1] ?? "",
    line: text.slice(0, (match.index ?? 0) + match[0].length).split("\n").length,
  }))
}
