import { ApiError } from "../api-error.ts"
import { pathsOf } from "./field-set.ts"
import type { Manager } from "./managers.ts"
import { pathText } from "./path-element.ts"
import type { TakenFields } from "./settle-ownership.ts"

/** A field that an applied configuration sets to another value than a manager who owns it. */
export interface FieldConflict {
  readonly manager: Manager
  readonly path: readonly string[]
}

export function conflictsOver(taken: readonly TakenFields[]): FieldConflict[] {
  return taken.flatMap(({ manager, fields }) => pathsOf(fields).map((path) => ({ manager, path })))
}

/** `"name" using v1`; appliers, which are not bound to a version, by name alone. */
function managerText({ name, subresource, operation, apiVersion }: Manager): string {
  const quoted = JSON.stringify(name)
  const scoped =
    subresource === "" ? quoted : `${quoted} with subresource ${JSON.stringify(subresource)}`
  return operation === "Update" ? `${scoped} using ${apiVersion}` : scoped
}

/** 409 with one cause per field, as clients expect it from an apply without force. */
export function conflictError(conflicts: readonly FieldConflict[]): ApiError {
  const causes = conflicts.map(({ manager, path }) => ({
    reason: "FieldManagerConflict",
    message: `conflict with ${managerText(manager)}`,
    field: pathText(path),
  }))
  return new ApiError(409, "Conflict", conflictMessage(conflicts), { details: { causes } })
}

function conflictMessage(conflicts: readonly FieldConflict[]): string {
  const [first] = conflicts
  if (first && conflicts.length === 1) {
    const path = pathText(first.path)
    return `Apply failed with 1 conflict: conflict with ${managerText(first.manager)}: ${path}`
  }
  const byManager = new Map<string, string[]>()
  for (const { manager, path } of conflicts) {
    const text = managerText(manager)
    byManager.set(text, [...(byManager.get(text) ?? []), `- ${pathText(path)}`])
  }
  const lines = [...byManager]
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .flatMap(([manager, paths]) => [`conflicts with ${manager}:`, ...paths])
  return `Apply failed with ${conflicts.length} conflicts: ${lines.join("\n")}`
}
