import { badRequest } from "#meta"

/** What a path asks for. */
export type Route =
  | {
      readonly kind: "resource"
      readonly group: string
      readonly version: string
      readonly plural: string
      readonly namespace: string | undefined
      readonly name: string | undefined
      readonly subresource: string | undefined
      /** What follows the subresource, for proxies. */
      readonly rest: string | undefined
      /** The legacy `/watch/` form. */
      readonly watches: boolean
    }
  | { readonly kind: "path"; readonly path: string }

/** Splits a path into what the API serves. Errors: `BadRequest` for broken percent escapes. */
export function routeOf(path: string): Route {
  const parts = path.split("/").slice(1).map(decodePart)
  if (parts.at(-1) === "") parts.pop()
  const [root, ...below] = parts
  if (root === "api" && below.length >= 2) return resourceRoute("", below[0] ?? "", below.slice(1))
  if (root === "apis" && below.length >= 3) {
    return resourceRoute(below[0] ?? "", below[1] ?? "", below.slice(2))
  }
  return { kind: "path", path: `/${parts.join("/")}` }
}

function decodePart(part: string): string {
  if (!part.includes("%")) return part
  try {
    return decodeURIComponent(part)
  } catch {
    throw badRequest(`the path segment ${JSON.stringify(part)} has a broken escape`)
  }
}

const namespaceSubresources = new Set(["status", "finalize"])

function resourceRoute(group: string, version: string, parts: readonly string[]): Route {
  const watches = parts[0] === "watch" && parts.length > 1
  const [first, second, third, ...others] = watches ? parts.slice(1) : parts
  const base = { kind: "resource", group, version, watches } as const
  const isScoped =
    first === "namespaces" && third !== undefined && !namespaceSubresources.has(third)
  if (isScoped) {
    const [name, subresource, ...rest] = others
    return {
      ...base,
      plural: third,
      namespace: second,
      name,
      subresource,
      rest: rest.length > 0 ? rest.join("/") : undefined,
    }
  }
  return {
    ...base,
    plural: first ?? "",
    namespace: first === "namespaces" ? second : undefined,
    name: second,
    subresource: third,
    rest: others.length > 0 ? others.join("/") : undefined,
  }
}
