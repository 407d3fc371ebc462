import { isObject } from "#base"

/**
 * How deep values may nest. Everything here (and JSON.stringify itself, which gives up between
 * 3,000 and 5,000) recurses over values, so deeper ones are turned away instead of overflowing the
 * stack.
 */
export const maxNesting = 1000

/** True when objects and lists nest deeper than the limit; never recurses itself. */
export function exceedsNesting(value: unknown, limit = maxNesting): boolean {
  if (typeof value !== "object" || value === null) return false
  let level: readonly object[] = [value]
  for (let depth = 1; level.length > 0; depth += 1) {
    if (depth > limit) return true
    level = childContainers(level)
  }
  return false
}

function childContainers(level: readonly object[]): readonly object[] {
  const next: object[] = []
  for (const container of level) {
    if (Array.isArray(container)) {
      for (const item of container as readonly unknown[]) {
        if (typeof item === "object" && item !== null) next.push(item)
      }
    } else if (isObject(container)) {
      for (const name of Object.keys(container)) {
        const member = container[name]
        if (typeof member === "object" && member !== null) next.push(member)
      }
    }
  }
  return next
}
