import { deepEqual, isObject, setOwn } from "#base"
import { assertShallow, isShallow } from "./json-depth.ts"
import { parsePointer } from "./json-pointer.ts"
import { JsonPatchError } from "./patch-error.ts"

/** Where an operation works, and which one it is. */
export interface Place {
  readonly op: string
  readonly index: number
  readonly path: string
}

type Container = Record<string, unknown> | unknown[]

/**
 * Moving list items about costs time with every operation; this many steps take about a tenth of a
 * second.
 */
const maxShiftedItems = 100_000_000

/**
 * A document under a patch. Containers are copied when they are first changed, so that the
 * original stays as it is and values may stand in several places at once.
 */
export class PatchDocument {
  #root: unknown
  readonly #ours = new WeakSet<object>()
  #shiftedItems = 0

  constructor(document: unknown) {
    this.#root = document
  }

  /** The patched document; throws `PatchError` when the patch has nested it too deeply. */
  finish(): unknown {
    assertShallow(this.#root, "the patched object")
    return this.#root
  }

  add(place: Place, value: unknown): void {
    const { container, key } = this.#open(place)
    if (!Array.isArray(container)) return setOwn(container, key, value)
    const index = key === "-" ? container.length : this.#index(place, key, container.length + 1)
    this.#shift(place, container.length - index)
    container.splice(index, 0, value)
  }

  remove(place: Place): unknown {
    const { container, key } = this.#open(place)
    if (Array.isArray(container)) {
      const index = this.#index(place, key, container.length)
      this.#shift(place, container.length - index)
      return container.splice(index, 1)[0]
    }
    if (!Object.hasOwn(container, key)) {
      fail(place, `Unable to remove nonexistent key: ${key}: missing value`)
    }
    const value = container[key]
    delete container[key]
    return value
  }

  replace(place: Place, value: unknown): void {
    if (place.path === "") {
      if (typeof value !== "object" || value === null) {
        throw new JsonPatchError(422, place, "replace operation value must be object or array")
      }
      this.#root = value
      return
    }
    const { container, key } = this.#open(place)
    if (Array.isArray(container)) container[this.#index(place, key, container.length)] = value
    else setOwn(container, key, value)
  }

  /** The value at a place; undefined for a member that is not there. */
  read(place: Place): unknown {
    if (place.path === "" && place.op === "test") return this.#root
    const { container, key } = this.#find(place)
    if (Array.isArray(container)) return container[this.#index(place, key, container.length)]
    return Object.hasOwn(container, key) ? container[key] : undefined
  }

  matches(place: Place, value: unknown): boolean {
    // Comparing goes no deeper than the shallower of the two.
    if (!isShallow(value)) fail(place, "nested too deeply")
    return deepEqual(value, this.read(place) ?? null)
  }

  /** Bytes of a value as JSON. */
  sizeOf(place: Place, value: unknown): number {
    if (!isShallow(value)) fail(place, "nested too deeply")
    return new TextEncoder().encode(JSON.stringify(value)).length
  }

  /** The container of a place, for reading. */
  #find(place: Place): { container: Container; key: string } {
    const steps = parsePointer(place.path) ?? []
    const key = steps.pop()
    let node = this.#root
    for (const step of steps) node = this.#child(place, node, step)
    if (key === undefined || !isContainer(node)) missing(place)
    return { container: node, key }
  }

  /** The container of a place, for writing: every container on the way becomes ours. */
  #open(place: Place): { container: Container; key: string } {
    const steps = parsePointer(place.path) ?? []
    const key = steps.pop()
    if (key === undefined || !isContainer(this.#root)) missing(place)
    let node = this.#own(this.#root)
    this.#root = node
    for (const step of steps) {
      const child = this.#child(place, node, step)
      if (!isContainer(child)) missing(place)
      const owned = this.#own(child)
      if (owned !== child) {
        if (Array.isArray(node)) node[this.#index(place, step, node.length)] = owned
        else setOwn(node, step, owned)
      }
      node = owned
    }
    return { container: node, key }
  }

  #own(container: Container): Container {
    if (this.#ours.has(container)) return container
    const copy = Array.isArray(container) ? [...container] : { ...container }
    this.#ours.add(copy)
    return copy
  }

  #child(place: Place, node: unknown, step: string): unknown {
    if (Array.isArray(node)) {
      const index = toIndex(step, node.length)
      if (index !== undefined) return node[index]
    } else if (isObject(node) && Object.hasOwn(node, step)) return node[step]
    return missing(place)
  }

  #index(place: Place, key: string, length: number): number {
    const index = toIndex(key, length)
    if (index !== undefined) return index
    if (!/^[+-]?\d+$/.test(key)) fail(place, `value was not a proper array index: '${key}'`)
    return fail(place, `Unable to access invalid index: ${key}: invalid index referenced`)
  }

  #shift(place: Place, items: number): void {
    this.#shiftedItems += items
    if (this.#shiftedItems <= maxShiftedItems) return
    throw new JsonPatchError(413, place, "the patch moves too many list items")
  }
}

function isContainer(value: unknown): value is Container {
  return typeof value === "object" && value !== null
}

/** An index into a list; negative ones count from its end. */
function toIndex(text: string, length: number): number | undefined {
  if (!/^[+-]?\d+$/.test(text)) return undefined
  const number = Number(text)
  const index = number < 0 ? number + length : number
  return index >= 0 && index < length ? index : undefined
}

function fail(place: Place, problem: string): never {
  const message = `error in ${place.op} for path: '${place.path}': ${problem}`
  throw new JsonPatchError(422, place, message)
}

function missing(place: Place): never {
  const message = `${place.op} operation does not apply: doc is missing path: ${JSON.stringify(place.path)}: missing value`
  throw new JsonPatchError(422, place, message)
}
