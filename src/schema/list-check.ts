import { type Draft, draft, draftOf, leadByIndex } from "./draft.ts"
import { identityOf, keyOf, keyValues, repeatedPositions } from "./equality.ts"
import { duplicateError, tooManyError } from "./field-error.ts"
import { type Check, typeName } from "./scalar-check.ts"
import type { Schema } from "./schema.ts"

type List = readonly unknown[]

/** The checks of a list as a whole; its items are the caller's. */
export function listCheck(schema: Schema): Check<List> | undefined {
  const checks = [sizeCheck(schema), uniqueCheck(schema), listTypeCheck(schema)].filter(
    (check) => check !== undefined,
  )
  if (checks.length === 0) return undefined
  return (list, drafts) => {
    for (const check of checks) check(list, drafts)
  }
}

function sizeCheck({ minItems, maxItems }: Schema): Check<List> | undefined {
  if (minItems === undefined && maxItems === undefined) return undefined
  return (list, drafts) => {
    if (minItems !== undefined && list.length < minItems) {
      const detail = `should have at least ${minItems} items`
      drafts.push(draft("FieldValueInvalid", list.length, detail, "body"))
    }
    if (maxItems !== undefined && list.length > maxItems) {
      drafts.push(draftOf(tooManyError("", list.length, maxItems)))
    }
  }
}

function uniqueCheck({ uniqueItems }: Schema): Check<List> | undefined {
  if (!uniqueItems) return undefined
  return (list, drafts) => {
    if (list.length < 2 || repeatedPositions(list.map(identityOf)).length === 0) return
    drafts.push(draft("FieldValueInvalid", "", "shouldn't contain duplicates", "body"))
  }
}

function listTypeCheck(schema: Schema): Check<List> | undefined {
  const listType = schema["x-kubernetes-list-type"]
  if (listType === "set") return setCheck
  const keys = schema["x-kubernetes-list-map-keys"] ?? []
  return listType === "map" && keys.length > 0 ? mapCheck(keys) : undefined
}

function setCheck(list: List, drafts: Draft[]): void {
  if (list.length < 2) return
  for (const index of repeatedPositions(list.map(identityOf))) {
    drafts.push(listDraft(index, list[index]))
  }
}

function mapCheck(keys: readonly string[]): Check<List> {
  return (list, drafts) => {
    const odd = list.findIndex((item) => item !== null && typeName(item) !== "object")
    if (odd >= 0) {
      const detail = "must be an object for an array of list-type map"
      drafts.push({ ...draft("FieldValueInvalid", list[odd], detail), check: "list" })
      leadByIndex(drafts, drafts.length - 1, odd)
      return
    }
    if (list.length < 2) return
    const identities =
      keys.length === 1
        ? singleKeyIdentities(list, keys[0] ?? "")
        : list.map((item) => keyOf(item, keys))
    for (const index of repeatedPositions(identities)) {
      drafts.push(listDraft(index, keyValues(list[index], keys)))
    }
  }
}

function singleKeyIdentities(list: List, key: string): readonly string[] {
  return list.map((item) => {
    const record = item as Readonly<Record<string, unknown>> | null
    const value = record !== null && Object.hasOwn(record, key) ? record[key] : undefined
    return value === undefined ? "" : identityOf(value)
  })
}

function listDraft(index: number, badValue: unknown): Draft {
  return { ...draftOf(duplicateError("", badValue)), check: "list", path: `[${index}]` }
}
