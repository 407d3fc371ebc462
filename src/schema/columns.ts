import { type JsonValue, unreachable } from "#base"
import { formatAge } from "./duration-text.ts"
import { escapedJson, type FieldError, invalidError, requiredError } from "./field-error.ts"
import { compileJsonPath } from "./json-path.ts"
import { isDateTime } from "./time-format.ts"

/** A column of a kind's table, as a CustomResourceDefinition writes it. */
export interface Column {
  readonly name: string
  readonly type: "integer" | "number" | "string" | "boolean" | "date"
  readonly format?: string | undefined
  readonly description?: string | undefined
  /** Columns above 0 are shown in wide output only. */
  readonly priority?: number | undefined
  readonly jsonPath: string
}

/** The cells of one object; `nowMs` is what ages are counted from. */
export type RowRenderer = (object: unknown, nowMs: number) => readonly JsonValue[]

/** Prepares columns for rendering; a cell is null where the object has nothing to show. */
export function compileColumns(columns: readonly Column[]): RowRenderer {
  const cells = columns.map((column) => {
    const path = compileJsonPath(column.jsonPath)
    return (object: unknown, nowMs: number): JsonValue => {
      const [value] = path.find(object)
      return value === undefined ? null : cellOf(column.type, value, nowMs)
    }
  })
  return (object, nowMs) => cells.map((cell) => cell(object, nowMs))
}

function cellOf(type: Column["type"], value: unknown, nowMs: number): JsonValue {
  switch (type) {
    case "string":
      return textOf(value)
    case "integer":
      return typeof value === "number" ? Math.trunc(value) : null
    case "number":
      return typeof value === "number" ? value : null
    case "boolean":
      return typeof value === "boolean" ? value : null
    case "date":
      return typeof value === "string" ? ageOf(value, nowMs) : null
    default:
      return unreachable(type)
  }
}

function textOf(value: unknown): string {
  if (value === null) return "<no value>"
  return typeof value === "object" ? escapedJson(value) : String(value)
}

/** The age of an RFC 3339 timestamp as `kubectl` shows it; `<unknown>` for none. */
export function ageOf(timestamp: string | undefined, nowMs: number): string {
  if (timestamp === undefined || timestamp === "") return "<unknown>"
  if (!isDateTime(timestamp)) return "<invalid>"
  return formatAge(nowMs - Date.parse(timestamp.replace(",", ".")))
}

const types = ["boolean", "date", "integer", "number", "string"]
const formats = ["byte", "date", "date-time", "double", "float", "int32", "int64", "password"]

/** What is wrong with a user's column; `path` is where it stands. */
export function validateColumn(column: Column, path: string): readonly FieldError[] {
  const errors: FieldError[] = []
  if (!column.name) errors.push(requiredError(`${path}.name`))
  const typeDetail = `must be one of ${types.join(",")}`
  if (!column.type) errors.push(requiredError(`${path}.type`, typeDetail))
  else if (!types.includes(column.type)) {
    errors.push(invalidError(`${path}.type`, column.type, typeDetail))
  }
  if (column.format && !formats.includes(column.format)) {
    const detail = `must be one of ${formats.join(",")}`
    errors.push(invalidError(`${path}.format`, column.format, detail))
  }
  return [...errors, ...pathErrors(column.jsonPath, `${path}.JSONPath`)]
}

function pathErrors(jsonPath: string, path: string): readonly FieldError[] {
  if (!jsonPath) return [requiredError(path)]
  if (!jsonPath.startsWith(".")) {
    return [invalidError(path, jsonPath, "must be a simple json path starting with .")]
  }
  try {
    compileJsonPath(jsonPath)
    return []
  } catch (error) {
    return [invalidError(path, jsonPath, (error as Error).message)]
  }
}
