import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"

/** A JSON document as it was read; members are checked where they are used. */
export type Document = Readonly<Record<string, unknown>>

function readDocument(path: string): Document {
  return JSON.parse(readFileSync(path, "utf8")) as Document
}

/** Every schema of the published OpenAPI v3 documents, by name. */
export function readOpenApiSchemas(kubernetes: string): ReadonlyMap<string, Document> {
  const directory = join(kubernetes, "api/openapi-spec/v3")
  const schemas = new Map<string, Document>()
  for (const file of readdirSync(directory).sort()) {
    const { components } = readDocument(join(directory, file)) as {
      components?: { schemas?: Record<string, Document> }
    }
    for (const [name, schema] of Object.entries(components?.schemas ?? {})) {
      schemas.set(name, schema)
    }
  }
  return schemas
}

/** One line of a published discovery document. */
export interface DiscoveredResource {
  readonly name: string
  readonly singularName: string
  readonly kind: string
  readonly group?: string
  readonly version?: string
  readonly namespaced: boolean
  readonly verbs: readonly string[]
  readonly shortNames?: readonly string[]
  readonly categories?: readonly string[]
}

/** What a full API server's discovery says of one group version. */
export function readDiscovery(
  kubernetes: string,
  group: string,
  version: string,
): readonly DiscoveredResource[] {
  const file = group === "" ? `api__${version}.json` : `apis__${group}__${version}.json`
  const { resources } = readDocument(join(kubernetes, "api/discovery", file))
  return resources as readonly DiscoveredResource[]
}
