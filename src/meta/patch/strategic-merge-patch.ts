import { isObject, setOwn } from "#base"
import type { Definitions, Schema } from "#schema"
import { objectMetaSchema } from "../ownership/object-meta-schema.ts"
import { assertShallow } from "./json-depth.ts"
import { PatchError } from "./patch-error.ts"
import { type PatchSchema, patchSchema } from "./patch-schema.ts"
import { deleteScalars, mergeList, orderList } from "./strategic-list.ts"
import {
  cleanPatch,
  deleteListPrefix,
  directive,
  type Members,
  orderListPrefix,
  retainKeys,
} from "./strategic-value.ts"

/**
 * Applies a strategic merge patch: like a merge patch, but lists merge by the keys that the schema
 * names, and directives in the patch delete, replace, retain and order. Neither argument is
 * changed. Throws `PatchError`.
 */
export function applyStrategicMergePatch(
  original: object,
  patch: unknown,
  schema: Schema,
  definitions: Definitions = {},
): object {
  if (!isObject(patch)) throw new PatchError(400, "invalid JSON document")
  assertShallow(patch, "the patch")
  return mergeMap(original as Members, patch, rootSchema(schema, definitions))
}

/**
 * The schema of an object, with Kubernetes' own `metadata` where the schema does not spell it out.
 */
function rootSchema(schema: Schema, definitions: Definitions): PatchSchema {
  const root = patchSchema(schema, definitions)
  const metadata = patchSchema(objectMetaSchema, {})
  return {
    strategies: [],
    mergeKey: undefined,
    member: (name) => (name === "metadata" ? metadata : root.member(name)),
    items: root.items,
  }
}

/** Merges one object; `original` is undefined where there was none. */
function mergeMap(original: Members | undefined, patch: Members, schema: PatchSchema): Members {
  const instruction = directive(patch)
  if (instruction === "replace") return withoutDirective(patch)
  if (instruction === "delete") return {}
  if (instruction !== undefined) {
    throw new PatchError(422, `unknown patch type: ${String(instruction)}`)
  }
  const result: Record<string, unknown> = { ...retained(original ?? {}, patch) }
  const done = new Set([retainKeys])
  for (const name of Object.keys(patch)) {
    if (!name.startsWith(orderListPrefix)) continue
    const list = name.slice(orderListPrefix.length)
    mergeOrdered(result, patch, { list, order: patch[name] }, schema.member(list))
    done.add(name).add(list)
  }
  for (const [name, value] of Object.entries(patch)) {
    if (!name.startsWith(deleteListPrefix)) continue
    done.add(name)
    const list = name.slice(deleteListPrefix.length)
    const before = ownMember(result, list)
    if (value === null) delete result[list]
    else if (Array.isArray(before) && Array.isArray(value)) {
      setOwn(result, list, deleteScalars(before, value))
    }
  }
  for (const [name, value] of Object.entries(patch)) {
    if (!done.has(name)) mergeMember(result, name, value, schema.member(name))
  }
  return result
}

function ownMember(object: Members, name: string): unknown {
  return Object.hasOwn(object, name) ? object[name] : undefined
}

function withoutDirective(patch: Members): Members {
  const { $patch: _, ...members } = patch
  return cleanPatch(members).value as Members
}

function mergeMember(
  result: Record<string, unknown>,
  name: string,
  value: unknown,
  schema: PatchSchema,
): void {
  if (value === null || value === undefined) {
    delete result[name]
    return
  }
  const before = ownMember(result, name)
  if (isObject(before) && isObject(value) && !schema.strategies.includes("replace")) {
    return setOwn(result, name, mergeMap(before, value, schema))
  }
  if (Array.isArray(before) && Array.isArray(value) && schema.strategies.includes("merge")) {
    return setOwn(result, name, mergeItems(before, value, schema))
  }
  const { keep, value: cleaned } = cleanPatch(value)
  if (keep) setOwn(result, name, cleaned)
  else delete result[name]
}

function mergeItems(
  before: readonly unknown[],
  patch: readonly unknown[],
  schema: PatchSchema,
): readonly unknown[] {
  return mergeList(before, patch, schema.mergeKey, (left, right) =>
    mergeMap(left, right, schema.items),
  )
}

/** What `$retainKeys` leaves of the original; every member of the patch must be among the keys. */
function retained(original: Members, patch: Members): Members {
  const keys = patch[retainKeys]
  if (keys === undefined) return original
  if (!Array.isArray(keys)) throw new PatchError(400, "invalid patch format of retainKeys")
  const kept = new Set<unknown>(keys)
  for (const [name, value] of Object.entries(patch)) {
    const isDirective = name.startsWith(deleteListPrefix) || name.startsWith(orderListPrefix)
    if (name === retainKeys || value === null || isDirective || kept.has(name)) continue
    throw new PatchError(400, "invalid patch format of retainKeys")
  }
  return Object.fromEntries(Object.entries(original).filter(([name]) => kept.has(name)))
}

/** Merges a list whose order the patch gives with `$setElementOrder`. */
function mergeOrdered(
  result: Record<string, unknown>,
  patch: Members,
  { list, order }: { readonly list: string; readonly order: unknown },
  schema: PatchSchema,
): void {
  if (!Array.isArray(order))
    throw new PatchError(400, "invalid patch format of setElementOrder list")
  const before = ownMember(result, list)
  const changes = ownMember(patch, list)
  const lists = [before, changes].filter((value) => value !== undefined)
  if (lists.length === 0) return
  if (!lists.every((value) => Array.isArray(value))) {
    throw new PatchError(422, `cannot order "${list}": it is not a list`)
  }
  const items = changes === undefined ? before : mergeListMember(before, changes, schema)
  const ordered = orderList(items as readonly unknown[], {
    order,
    before: Array.isArray(before) ? before : [],
    changes: Array.isArray(changes) ? changes : [],
    mergeKey: schema.mergeKey,
  })
  setOwn(result, list, ordered)
}

function mergeListMember(before: unknown, changes: unknown, schema: PatchSchema): unknown {
  if (!Array.isArray(before) || !schema.strategies.includes("merge")) {
    return cleanPatch(changes).value
  }
  return mergeItems(before, changes as readonly unknown[], schema)
}
