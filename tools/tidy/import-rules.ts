import type { Finding } from "./finding.ts"
import { type Layer, layers, moduleOf } from "./layers.ts"
import { type ImportSite, isTestFile, resolveRelative, type SourceFile } from "./source-file.ts"

const table = "tools/tidy/layers.ts"

/** Every import against the layer table: rooms, relative paths and Node built-ins. */
export function checkImports(files: readonly SourceFile[]): readonly Finding[] {
  return files.flatMap((file) => {
    const module = moduleOf(file.path)
    return file.imports.flatMap((site) => {
      const message = module
        ? checkInside(file, site, module)
        : checkOutside(site, resolveRelative(file, site.specifier))
      return message ? [{ rule: "imports", file: file.path, line: site.line, message }] : []
    })
  })
}

/** Every module has its row, every row its module, and rows name only what is below them. */
export function checkLayers(files: readonly SourceFile[]): readonly Finding[] {
  const found = new Set(files.flatMap((file) => moduleOf(file.path) ?? []))
  const absent = Object.keys(layers).filter((name) => !found.has(name))
  const unlisted = [...found].filter((name) => !layers[name])
  const upward = Object.entries(layers).flatMap(([name, { level, imports }]) =>
    imports.filter((room) => (layers[room]?.level ?? level) >= level).map((room) => [name, room]),
  )
  return [
    ...absent.map((name) => `module ${name} has no files: remove its row`),
    ...unlisted.map((name) => `src/${name} is in no row: give it one, or move its files`),
    ...upward.map(([name, room]) => `row ${name} names ${room}, which is not below it: remove it`),
  ].map((message) => ({ rule: "layers", file: table, line: 0, message }))
}

function checkInside(
  file: SourceFile,
  { specifier }: ImportSite,
  module: string,
): string | undefined {
  const layer = layers[module]
  if (!layer) return undefined
  if (specifier.startsWith("#")) return checkRoom(file, specifier.slice(1), module, layer)
  if (specifier.startsWith("node:")) return checkBuiltin(file, specifier.slice(5), module, layer)
  if (!specifier.startsWith(".")) return undefined
  if (module === "main" && specifier === "../package.json") return undefined
  const target = resolveRelative(file, specifier)
  if (isTestFile(file) && target.startsWith("lab/")) return undefined
  if (moduleOf(target) !== module) {
    const room = moduleOf(target)
    return `${specifier} leaves the module: import ${room ? `#${room}` : "only what is in src/"}`
  }
  if (target.includes("/testing/") && !isTestFile(file)) {
    return `${specifier} is for tests: move what the code needs out of testing/`
  }
  if (target === `src/${module}/index.ts` && !isTestFile(file)) {
    return `${specifier} is the module's door for others: import the file that defines it`
  }
  return undefined
}

function checkRoom(
  file: SourceFile,
  room: string,
  module: string,
  layer: Layer,
): string | undefined {
  const isTest = isTestFile(file)
  if (room.endsWith("/testing")) {
    return isTest ? undefined : `#${room} is for tests: only tests and testing/ may import it`
  }
  const target = layers[room]
  if (!target) return `#${room} is no module: see the rows of ${table}`
  if (room === module && !isTest) return `#${room} is this module: import the file, relatively`
  if (layer.imports.includes(room) || room === module) return undefined
  if (isTest && target.level <= layer.level) return undefined
  return target.level < layer.level
    ? `${module} may not import #${room}: do without, or add it to its row in ${table} and say why`
    : `${module} (level ${layer.level}) may not import #${room} (level ${target.level}): ` +
        "move what both need to a level below"
}

function checkBuiltin(
  file: SourceFile,
  builtin: string,
  module: string,
  layer: Layer,
): string | undefined {
  if (isTestFile(file) || layer.builtins === "any" || layer.builtins.includes(builtin)) {
    return undefined
  }
  return (
    `${module} may not import node:${builtin}: take what it gives as an option, ` +
    `or add it to its row in ${table} and say why`
  )
}

/** Outside `src/`, modules are used through their doors too. */
function checkOutside({ specifier }: ImportSite, target: string): string | undefined {
  if (!specifier.startsWith(".")) return undefined
  const module = moduleOf(target)
  if (module === undefined || module === "main") return undefined
  return `${specifier} reaches into a module: import #${module}`
}
