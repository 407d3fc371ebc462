import type { Document } from "./documents.ts"

type Node = Record<string, unknown>

const keptKeys = [
  "type",
  "format",
  "required",
  "enum",
  "x-kubernetes-list-type",
  "x-kubernetes-list-map-keys",
  "x-kubernetes-map-type",
  "x-kubernetes-patch-strategy",
  "x-kubernetes-patch-merge-key",
] as const

/** Types whose OpenAPI form says less than what the API accepts. */
const replaced: Readonly<Record<string, Node>> = {
  "io.k8s.apimachinery.pkg.util.intstr.IntOrString": { "x-kubernetes-int-or-string": true },
  "io.k8s.apimachinery.pkg.api.resource.Quantity": {
    format: "quantity",
    oneOf: [{ type: "string" }, { type: "number" }],
  },
}

/**
 * The schemas of the named types and of all they refer to: structure, formats, list and patch
 * keys and defaults that are not zero values, without the sentences. Texts in lists and maps have a
 * default all the same: Go reads a null among them as an empty one.
 */
export function makeDefinitions(
  roots: readonly string[],
  schemas: ReadonlyMap<string, Document>,
): Readonly<Record<string, Node>> {
  const made = new Map<string, Node>()
  const waiting = [...roots]
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (made.has(name)) continue
    const schema = schemas.get(name)
    if (!schema) throw new Error(`make definitions: no OpenAPI schema for ${name}`)
    made.set(name, replaced[name] ?? open(name, reduce(schema, waiting)))
  }
  return Object.fromEntries([...made].sort(([left], [right]) => (left < right ? -1 : 1)))
}

/** Types without described fields hold any JSON. */
function open(name: string, node: Node): Node {
  const isData = node.properties === undefined && (node.type === "object" || !node.type)
  if (!isData || name.endsWith(".CustomResourceSubresourceStatus")) return node
  return { ...node, "x-kubernetes-preserve-unknown-fields": true }
}

function reduce(schema: Document, references: string[]): Node {
  const node: Node = {}
  const reference = referenceOf(schema)
  if (reference) {
    node["$ref"] = `#/definitions/${reference}`
    references.push(reference)
  }
  for (const key of keptKeys) if (schema[key] !== undefined) node[key] = schema[key]
  if (isMeaningful(schema["default"])) node["default"] = schema["default"]
  if (schema["properties"]) {
    node["properties"] = Object.fromEntries(
      Object.entries(schema["properties"] as Record<string, Document>).map(([name, member]) => [
        name,
        reduce(member, references),
      ]),
    )
  }
  for (const key of ["items", "additionalProperties"]) {
    if (!schema[key]) continue
    const element = reduce(schema[key] as Document, references)
    node[key] = element["type"] === "string" ? { default: "", ...element } : element
  }
  return node
}

function referenceOf(schema: Document): string | undefined {
  const [wrapped] = (schema["allOf"] ?? []) as readonly Document[]
  const text = (schema["$ref"] ?? wrapped?.["$ref"]) as string | undefined
  return text?.slice("#/components/schemas/".length)
}

function isMeaningful(value: unknown): boolean {
  return Boolean(value) && !(typeof value === "object" && Object.keys(value as object).length === 0)
}
