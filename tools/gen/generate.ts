import { makeDefinitions } from "./definitions.ts"
import { readDiscovery, readOpenApiSchemas } from "./documents.ts"
import { makeResources } from "./kinds.ts"
import { type GoTables, makeMessages } from "./messages.ts"
import { kubernetesDirectory, type ModuleOptions, runGoProgram } from "./modules.ts"

/**
 * The text of every generated file, by its path from the root of the repository.
 * Errors: `ToolchainError` without Go or without the pinned modules.
 */
export async function generate(options: ModuleOptions = {}): Promise<ReadonlyMap<string, string>> {
  const kubernetes = await kubernetesDirectory(options)
  const tables = JSON.parse(await runGoProgram("tables", options)) as GoTables
  const schemas = readOpenApiSchemas(kubernetes)
  const roots = tables.kinds.map(({ message }) => message).filter((name) => schemas.has(name))
  const resources = makeResources(tables.kinds, (group, version) =>
    readDiscovery(kubernetes, group, version),
  )
  const { kinds, messages } = makeMessages(tables)
  const directory = "src/apis/kubernetes"
  return new Map([
    [`${directory}/definitions.gen.json`, lines(makeDefinitions(roots, schemas))],
    [`${directory}/messages.gen.json`, `{"kinds":${lines(kinds)},"messages":${lines(messages)}}\n`],
    [`${directory}/resources.gen.json`, lines(resources)],
    ["src/apiserver/protobuf/testdata/vectors.gen.json", await runGoProgram("vectors", options)],
  ])
}

/** JSON with one member of the outermost value a line, so that a change shows as one. */
function lines(value: object): string {
  const members = Object.entries(value).map(([name, member]) =>
    Array.isArray(value)
      ? JSON.stringify(member)
      : `${JSON.stringify(name)}:${JSON.stringify(member)}`,
  )
  const [open, close] = Array.isArray(value) ? ["[", "]"] : ["{", "}"]
  return `${open}\n${members.join(",\n")}\n${close}\n`
}
