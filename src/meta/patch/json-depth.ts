import { PatchError } from "./patch-error.ts"

/** How deep the objects and lists of a document may be nested. */
export const maxJsonDepth = 1000

/** True when the value is nested no deeper than `limit`. Takes no stack, however deep it is. */
export function isShallow(value: unknown, limit = maxJsonDepth): boolean {
  let level = [value]
  for (let depth = 0; level.length > 0; depth += 1) {
    const next: unknown[] = []
    for (const item of level) {
      if (typeof item !== "object" || item === null) continue
      if (depth >= limit) return false
      for (const member of Array.isArray(item) ? item : Object.values(item)) {
        if (typeof member === "object" && member !== null) next.push(member)
      }
    }
    level = next
  }
  return true
}

/** Throws `PatchError` 413 for what recursive code could not walk. */
export function assertShallow(value: unknown, subject: string): void {
  if (isShallow(value)) return
  throw new PatchError(413, `${subject} is nested deeper than ${maxJsonDepth} levels`)
}
