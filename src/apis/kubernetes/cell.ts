import { isObject } from "#base"
import type { ApiObject } from "#meta"
import type { BuiltinColumn, Cell } from "./builtin-kind.ts"
import { humanDuration } from "./human-duration.ts"

/** The value at a dotted path of plain field names; undefined when any step is missing. */
export function valueAt(value: unknown, path: string): unknown {
  let current = value
  for (const step of path.split(".")) {
    if (!isObject(current) || !Object.hasOwn(current, step)) return undefined
    current = current[step]
  }
  return current
}

/** The text at a path; `fallback` for anything that is no text, or an empty one. */
export function textAt(value: unknown, path: string, fallback = ""): string {
  const found = valueAt(value, path)
  return typeof found === "string" && found !== "" ? found : fallback
}

export function numberAt(value: unknown, path: string): number {
  const found = valueAt(value, path)
  return typeof found === "number" ? found : 0
}

export function listAt(value: unknown, path: string): readonly unknown[] {
  const found = valueAt(value, path)
  return Array.isArray(found) ? found : []
}

export function mapAt(value: unknown, path: string): Readonly<Record<string, unknown>> {
  const found = valueAt(value, path)
  return isObject(found) ? found : {}
}

/** The element of a list of conditions with that type. */
export function conditionAt(value: unknown, path: string, type: string): unknown {
  return listAt(value, path).find((condition) => valueAt(condition, "type") === type)
}

/** How long ago an RFC 3339 time was; `<unknown>` without one. */
export function timeSince(time: string, nowMs: number): string {
  const thenMs = Date.parse(time)
  return Number.isNaN(thenMs) ? "<unknown>" : humanDuration(nowMs - thenMs)
}

/** `a=b,c=d` in the order of the keys; `<none>` for no labels. */
export function formatLabels(labels: Readonly<Record<string, unknown>>): string {
  const pairs = Object.keys(labels).sort()
  return pairs.map((key) => `${key}=${labels[key]}`).join(",") || "<none>"
}

/** A label selector in the form that `kubectl -l` takes; empty when it selects everything. */
export function formatSelector(selector: unknown): string {
  const labels = Object.entries(mapAt(selector, "matchLabels")).map(([key, value]) => ({
    key,
    text: `${key}=${value}`,
  }))
  const expressions = listAt(selector, "matchExpressions").map((expression) => {
    const key = textAt(expression, "key")
    return { key, text: formatExpression(expression, key) }
  })
  return [...labels, ...expressions]
    .sort((left, right) => (left.key < right.key ? -1 : left.key > right.key ? 1 : 0))
    .map(({ text }) => text)
    .join(",")
}

function formatExpression(expression: unknown, key: string): string {
  const values = [...listAt(expression, "values")].sort().join(",")
  switch (textAt(expression, "operator")) {
    case "In":
      return `${key} in (${values})`
    case "NotIn":
      return `${key} notin (${values})`
    case "DoesNotExist":
      return `!${key}`
    default:
      return key
  }
}

/** At most three items, and how many more there are. */
export function firstThree(items: readonly string[], fallback: string): string {
  const shown = items.slice(0, 3).join(",")
  return items.length > 3 ? `${shown} + ${items.length - 3} more...` : shown || fallback
}

export const nameColumn: BuiltinColumn = {
  name: "Name",
  type: "string",
  format: "name",
  cell: (object) => object.metadata.name,
}

export const ageColumn = column("Age", (object, nowMs) =>
  timeSince(object.metadata.creationTimestamp ?? "", nowMs),
)

/** A column of text. */
export function column(name: string, cell: BuiltinColumn["cell"]): BuiltinColumn {
  return { name, type: "string", cell }
}

export function textColumn(name: string, path: string, fallback = ""): BuiltinColumn {
  return column(name, (object) => textAt(object, path, fallback))
}

export function numberColumn(name: string, path: string): BuiltinColumn {
  return { name, type: "integer", cell: (object) => numberAt(object, path) }
}

export function booleanColumn(name: string, path: string, fallback = false): BuiltinColumn {
  const cell = (object: ApiObject): Cell => {
    const value = valueAt(object, path)
    return typeof value === "boolean" ? value : fallback
  }
  return { name, type: "boolean", cell }
}

/** The length of a list. */
export function countColumn(name: string, path: string): BuiltinColumn {
  return { name, type: "integer", cell: (object) => listAt(object, path).length }
}

/** The same columns, shown with `-o wide` only. */
export function wide(...columns: readonly BuiltinColumn[]): readonly BuiltinColumn[] {
  return columns.map((each) => ({ ...each, priority: 1 }))
}
