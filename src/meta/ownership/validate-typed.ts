import { type FieldProblem, FieldTypeError } from "./field-type-error.ts"
import type { ListShape, MapShape, MergeType, ScalarType } from "./merge-type.ts"
import { elementText, fieldElement } from "./path-element.ts"
import { isList, isMap, ListItemError, listItemElement, shapeFor } from "./typed-value.ts"

const maxDepth = 1000

/**
 * Checks that every field of an applied configuration is declared, has the declared type and can be
 * told from its neighbours. Throws `FieldTypeError` with all that is wrong.
 */
export function validateTyped(type: MergeType, value: unknown): void {
  const problems: FieldProblem[] = []
  new Validator(problems).visit(type, value, "", 0)
  if (problems.length > 0) throw new FieldTypeError(problems)
}

class Validator {
  readonly #problems: FieldProblem[]

  constructor(problems: FieldProblem[]) {
    this.#problems = problems
  }

  visit(type: MergeType, value: unknown, path: string, depth: number): void {
    if (depth > maxDepth) return this.#report(path, "nested too deeply")
    switch (shapeFor(type, value)) {
      case "map":
        return this.#map(type.map!, value, path, depth)
      case "list":
        return this.#list(type.list!, value, path, depth)
      case "scalar":
        return this.#scalar(type.scalar!, value, path)
    }
  }

  #report(path: string, message: string): void {
    this.#problems.push({ path, message })
  }

  #map(shape: MapShape, value: unknown, path: string, depth: number): void {
    if (value === null || value === undefined) return
    if (!isMap(value)) return this.#report(path, `expected map, got &{${goText(value)}}`)
    for (const [name, member] of Object.entries(value)) {
      if (member === undefined) continue
      const type = shape.fields.get(name)?.type ?? shape.rest
      if (!type) {
        const at = path + elementText(fieldElement(name))
        return this.#report(at, "field not declared in schema")
      }
      this.visit(type, member, path + elementText(fieldElement(name)), depth + 1)
    }
  }

  #list(shape: ListShape, value: unknown, path: string, depth: number): void {
    if (value === null || value === undefined) return
    if (!isList(value)) return this.#report(path, `expected list, got &{${goText(value)}}`)
    const seen = new Set<string>()
    for (const [index, item] of value.entries()) {
      let element = `i:${index}`
      if (!shape.atomic) {
        try {
          element = listItemElement(shape, item)
        } catch (error) {
          if (!(error instanceof ListItemError)) throw error
          return this.#report(path, `element ${index}: ${error.message}`)
        }
        if (seen.has(element)) {
          this.#report(path, `duplicate entries for key ${elementText(element)}`)
        }
        seen.add(element)
      }
      this.visit(shape.item, item, path + elementText(element), depth + 1)
    }
  }

  #scalar(type: ScalarType, value: unknown, path: string): void {
    if (value === null || value === undefined || typeof value === type) return
    if (type === "any") {
      if (typeof value !== "object") return
      this.#report(path, `expected any scalar, got &{${goText(value)}}`)
    } else if (type === "number") {
      this.#report(path, `expected numeric (int or float), got ${goType(value)}`)
    } else if (type === "string") {
      const shown = `&value.valueUnstructured{Value:${goSyntax(value)}}`
      this.#report(path, `expected string, got ${shown}`)
    } else {
      this.#report(path, `expected boolean, got &{${goText(value)}}`)
    }
  }
}

const goObject = "map[string]interface {}"
const goList = "[]interface {}"

function goType(value: unknown): string {
  if (isList(value)) return goList
  return isMap(value) ? goObject : typeof value === "boolean" ? "bool" : typeof value
}

/** A value as clients know it from a Go server's messages. */
function goText(value: unknown, depth = 0): string {
  if (value === null || value === undefined) return "<nil>"
  if (typeof value !== "object") return String(value)
  if (depth > maxDepth) return "..."
  if (isList(value)) return `[${value.map((item) => goText(item, depth + 1)).join(" ")}]`
  const members = Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1))
  return `map[${members.map(([name, member]) => `${name}:${goText(member, depth + 1)}`).join(" ")}]`
}

function goSyntax(value: unknown, depth = 0): string {
  if (value === null || value === undefined) return `interface {}(nil)`
  if (typeof value === "string") return JSON.stringify(value)
  if (typeof value !== "object") return String(value)
  if (depth > maxDepth) return "..."
  if (isList(value)) {
    return `${goList}{${value.map((item) => goSyntax(item, depth + 1)).join(", ")}}`
  }
  const members = Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1))
  const shown = members.map(
    ([name, member]) => `${JSON.stringify(name)}:${goSyntax(member, depth + 1)}`,
  )
  return `${goObject}{${shown.join(", ")}}`
}
