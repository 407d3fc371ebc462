import { isObject } from "#base"
import { type Draft, draft, draftOf } from "./draft.ts"
import { requiredError } from "./field-error.ts"

/** Checks that an embedded object says what it is and that its metadata can be one. */
export function checkResource(object: Readonly<Record<string, unknown>>, drafts: Draft[]): void {
  for (const name of ["apiVersion", "kind"]) {
    if (object[name] === undefined) {
      drafts.push({ ...draftOf(requiredError("")), check: "resource", path: `.${name}` })
    }
  }
  report(drafts, ".apiVersion", object["apiVersion"], apiVersionProblem)
  report(drafts, ".kind", object["kind"], kindProblem)
  report(drafts, ".metadata", object["metadata"], metadataProblem)
}

function report(
  drafts: Draft[],
  path: string,
  value: unknown,
  problemOf: (value: unknown) => string | undefined,
): void {
  const problem = value === undefined ? undefined : problemOf(value)
  if (problem === undefined) return
  drafts.push({ ...draft("FieldValueInvalid", value, problem), check: "resource", path })
}

function apiVersionProblem(value: unknown): string | undefined {
  if (typeof value !== "string") return "must be a string"
  if (value === "") return "must not be empty"
  return value.split("/").length > 2 ? `unexpected GroupVersion string: ${value}` : undefined
}

function kindProblem(value: unknown): string | undefined {
  if (typeof value !== "string") return "must be a string"
  if (value === "") return "must not be empty"
  if (value.length <= 63 && /^[a-z][a-z\d-]*$/i.test(value) && !value.endsWith("-"))
    return undefined
  return "may have mixed case, but must otherwise be a DNS-1035 label"
}

const textFields = ["name", "generateName", "namespace", "uid", "resourceVersion"]
const textMaps = ["labels", "annotations"]

function metadataProblem(value: unknown): string | undefined {
  if (!isObject(value)) return "must be an object"
  for (const name of textFields) {
    const text = value[name]
    if (text !== undefined && typeof text !== "string") return `${name} must be a string`
  }
  for (const name of textMaps) {
    const map = value[name] ?? {}
    if (!isObject(map) || !Object.values(map).every((text) => typeof text === "string")) {
      return `${name} must be a map of strings`
    }
  }
  return undefined
}
