import type { Resource } from "../resource.ts"

interface Operation {
  readonly action: string
  readonly method: "get" | "post" | "put" | "patch" | "delete"
  readonly parameters: readonly object[]
}

function parameter(name: string, type: string): object {
  return { name, in: "query", schema: { type, uniqueItems: true } }
}

const writeParameters = [
  parameter("dryRun", "string"),
  parameter("fieldManager", "string"),
  parameter("fieldValidation", "string"),
]

const collection: readonly Operation[] = [
  { action: "list", method: "get", parameters: [] },
  { action: "post", method: "post", parameters: writeParameters },
  { action: "deletecollection", method: "delete", parameters: [parameter("dryRun", "string")] },
]

const single: readonly Operation[] = [
  { action: "get", method: "get", parameters: [] },
  { action: "put", method: "put", parameters: writeParameters },
  {
    action: "patch",
    method: "patch",
    parameters: [...writeParameters, parameter("force", "boolean")],
  },
  { action: "delete", method: "delete", parameters: [parameter("dryRun", "string")] },
]

const verbOfAction: Readonly<Record<string, string>> = { post: "create", put: "update" }

/** The paths of a resource, with what clients read from them: kind, action and query parameters. */
export function pathsOf(resource: Resource, schemaRef: string): readonly [string, object][] {
  const { group, version, plural, namespaced, kind } = resource
  const root = group === "" ? `/api/${version}` : `/apis/${group}/${version}`
  const base = namespaced ? `${root}/namespaces/{namespace}/${plural}` : `${root}/${plural}`
  const item = (path: string, operations: readonly Operation[]): [string, object] => {
    const served = operations.filter(({ action }) =>
      resource.verbs.includes(verbOfAction[action] ?? action),
    )
    const entries = served.map(({ action, method, parameters }) => [
      method,
      {
        operationId: `${action}${path.replaceAll(/[^A-Za-z]/g, "")}`,
        parameters,
        ...(method === "post" || method === "put"
          ? { requestBody: { content: { "*/*": { schema: { $ref: schemaRef } } } } }
          : {}),
        responses: {
          200: {
            description: "OK",
            content: { "application/json": { schema: { $ref: schemaRef } } },
          },
        },
        "x-kubernetes-action": action,
        "x-kubernetes-group-version-kind": { group, version, kind },
      },
    ])
    const places = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
      name,
      in: "path",
      required: true,
      schema: { type: "string", uniqueItems: true },
    }))
    return [path, { ...(Object.fromEntries(entries) as object), parameters: places }]
  }
  return [item(base, collection), item(`${base}/{name}`, single)]
}
