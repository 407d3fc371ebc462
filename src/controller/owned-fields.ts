import { deepEqual, isObject, type JsonObject } from "#base"
import type { ApiObject } from "#meta"

/** What one manager applied to the status, as the trie of `fieldsV1`; undefined when nothing. */
export function appliedStatusFields(object: ApiObject, manager: string): JsonObject | undefined {
  const entry = object.metadata.managedFields?.find(
    (candidate) =>
      candidate.manager === manager &&
      candidate.operation === "Apply" &&
      candidate.subresource === "status",
  )
  const fields = entry?.fieldsV1?.["f:status"]
  return isObject(fields) ? fields : undefined
}

interface Child {
  /** The member of the value that the trie's key names; undefined when it has none. */
  readonly member: unknown
  readonly fields: JsonObject
  readonly name: string | undefined
}

/** The part of a value that the trie covers. */
export function extractOwned(value: unknown, fields: JsonObject): unknown {
  const children = childrenOf(value, fields)
  if (children.length === 0) return isObject(value) && "." in fields ? {} : value
  if (Array.isArray(value)) {
    return children
      .filter((child) => child.member !== undefined)
      .map((child) => extractOwned(child.member, child.fields))
  }
  const part: Record<string, unknown> = {}
  for (const { name, member, fields: below } of children) {
    if (name !== undefined && member !== undefined) part[name] = extractOwned(member, below)
  }
  return part
}

/** True when the trie covers something that the value does not have. */
export function ownsBeyond(fields: JsonObject, value: unknown): boolean {
  if (value === undefined) return true
  return childrenOf(value, fields).some((child) => ownsBeyond(child.fields, child.member))
}

function childrenOf(value: unknown, fields: JsonObject): Child[] {
  const children: Child[] = []
  for (const [key, below] of Object.entries(fields)) {
    if (key === "." || !isObject(below)) continue
    const path = key.slice(2)
    children.push({
      member: memberOf(value, key.slice(0, 2), path),
      fields: below,
      name: key.startsWith("f:") ? path : undefined,
    })
  }
  return children
}

function memberOf(value: unknown, step: string, path: string): unknown {
  if (step === "f:") return isObject(value) && Object.hasOwn(value, path) ? value[path] : undefined
  if (!Array.isArray(value)) return undefined
  if (step === "i:") return value[Number(path)]
  const wanted: unknown = JSON.parse(path)
  if (step === "v:") return value.find((item) => deepEqual(item, wanted))
  return value.find(
    (item) =>
      isObject(item) &&
      isObject(wanted) &&
      Object.entries(wanted).every(([name, part]) => deepEqual(item[name], part)),
  )
}
