import { isObject, setOwn } from "#base"

/** A JSON object that is being built and belongs to whoever builds it. */
export type Draft = Record<string, unknown>

/** The value at a dotted path, or undefined. */
export function valueAt(root: unknown, path: string): unknown {
  let current = root
  for (const name of path.split(".")) {
    if (!isObject(current) || !Object.hasOwn(current, name)) return undefined
    current = current[name]
  }
  return current
}

/** Removes and returns the value at a dotted path, and the objects that this leaves empty. */
export function takeAt(root: Draft, path: string): unknown {
  const names = path.split(".")
  const parents: Draft[] = [root]
  for (const name of names.slice(0, -1)) {
    const parent = parents.at(-1)?.[name]
    if (!isObject(parent)) return undefined
    parents.push(parent)
  }
  const taken = valueAt(parents.at(-1), names.at(-1) ?? "")
  if (taken === undefined) return undefined
  for (const [index, name] of [...names.entries()].reverse()) {
    const parent = parents[index]
    const child = parents[index + 1]
    if (!parent || (child && Object.keys(child).length > 0)) break
    delete parent[name]
  }
  return taken
}

/** Puts a value at a dotted path and makes the objects on the way. */
export function putAt(root: Draft, path: string, value: unknown): void {
  const names = path.split(".")
  let current = root
  for (const name of names.slice(0, -1)) {
    const next = valueAt(current, name)
    if (isObject(next)) {
      current = next
    } else {
      const made: Draft = {}
      setOwn(current, name, made)
      current = made
    }
  }
  setOwn(current, names.at(-1) ?? "", value)
}
