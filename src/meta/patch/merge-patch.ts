import { isObject, setOwn } from "#base"
import { assertShallow } from "./json-depth.ts"

/**
 * Applies a JSON merge patch (RFC 7386): members of the patch replace those of the document, nulls
 * remove them, lists are replaced whole. Neither argument is changed; unchanged parts are shared.
 * Throws `PatchError` for a patch that is nested too deeply.
 */
export function applyMergePatch(document: unknown, patch: unknown): unknown {
  assertShallow(patch, "the patch")
  return merge(document, patch)
}

function merge(document: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return patch
  const result: Record<string, unknown> = isObject(document) ? { ...document } : {}
  for (const [name, value] of Object.entries(patch)) {
    if (value === undefined) continue
    if (value === null) delete result[name]
    else setOwn(result, name, merge(Object.hasOwn(result, name) ? result[name] : undefined, value))
  }
  return result
}
