import { isObject, type JsonValue } from "#base"
import { childrenOf, type FieldSet, hasNoKeys } from "./field-set.ts"

/** `fieldsV1` that is not a trie of path elements. */
export class FieldSetFormatError extends Error {
  override readonly name = "FieldSetFormatError"
}

const cacheLimit = 4096
const canonicalElements = new Map<string, string>()
const maxDepth = 1000

/** The element for a member of an object. */
export function fieldElement(name: string): string {
  return `f:${name}`
}

/** The element for an item of a keyed list; `keys` in any order. */
export function keyElement(keys: readonly (readonly [name: string, value: unknown])[]): string {
  const sorted =
    keys.length < 2 ? keys : [...keys].sort(([left], [right]) => (left < right ? -1 : 1))
  let text = "k:{"
  for (const [name, value] of sorted) {
    if (text.length > 3) text += ","
    text += `${encode(name)}:${encode(value)}`
  }
  return `${text}}`
}

/** The element for an item of a set of scalars. */
export function valueElement(value: unknown): string {
  return `v:${encode(value)}`
}

/** JSON with the characters escaped that Go escapes, so that equal elements are equal strings. */
function encode(value: unknown): string {
  const text = JSON.stringify(value)
  return /[<>&\u2028\u2029]/.test(text)
    ? text.replaceAll(
        /[<>&\u2028\u2029]/g,
        (character) => `\\u${character.codePointAt(0)!.toString(16).padStart(4, "0")}`,
      )
    : text
}

/**
 * A trie as received, with every element in its one canonical spelling and elements of unknown
 * kinds left out, as upstream does. Returns the argument itself when there is nothing to change;
 * throws `FieldSetFormatError`.
 */
export function canonicalSet(trie: unknown): FieldSet {
  if (trie === undefined || trie === null) return {}
  if (!isObject(trie)) throw new FieldSetFormatError("parse fieldsV1: it is not an object")
  const set = canonicalNode(trie, 0)
  return childrenOf(set)
}

function canonicalNode(node: Record<string, unknown>, depth: number): FieldSet {
  if (depth > maxDepth) throw new FieldSetFormatError("parse fieldsV1: it is nested too deeply")
  let result: Record<string, FieldSet> | undefined
  let others = 0
  const keys = Object.keys(node)
  for (const [index, key] of keys.entries()) {
    const element = key === "." ? key : canonicalElement(key)
    if (element !== undefined && element !== ".") others += 1
    const child = node[key]
    const canonical = canonicalChild(element, child, depth + 1)
    if (!result && element === key && canonical === child) continue
    result ??= Object.fromEntries(
      keys.slice(0, index).map((known) => [known, node[known] as FieldSet]),
    )
    if (element === undefined) continue
    if (child !== null && !isObject(child)) {
      throw new FieldSetFormatError(`parse fieldsV1: ${JSON.stringify(key)} is not an object`)
    }
    result[element] = canonical
  }
  const set = result ?? (node as FieldSet)
  // A node that says nothing but "I am a member" is a leaf.
  return others === 0 && !hasNoKeys(set) ? {} : set
}

function canonicalChild(element: string | undefined, child: unknown, depth: number): FieldSet {
  if (element === undefined || !isObject(child)) return {}
  // Below the mark of membership there is nothing, whatever was sent.
  if (element === ".") return hasNoKeys(child as FieldSet) ? (child as FieldSet) : {}
  return canonicalNode(child, depth)
}

/** The canonical spelling; undefined for an element of a kind that we do not know. */
function canonicalElement(key: string): string | undefined {
  if (key.length < 2) throw new FieldSetFormatError("parse fieldsV1: a key is too short")
  if (key[1] !== ":") {
    throw new FieldSetFormatError(`parse fieldsV1: missing colon in ${JSON.stringify(key)}`)
  }
  if (key[0] === "f") return key
  const known = canonicalElements.get(key)
  if (known !== undefined) return known
  const element = spellElement(key)
  if (element !== undefined) {
    if (canonicalElements.size >= cacheLimit) canonicalElements.clear()
    canonicalElements.set(key, element)
  }
  return element
}

function spellElement(key: string): string | undefined {
  const content = key.slice(2)
  switch (key.charAt(0)) {
    case "k": {
      const keys = parseElement(key, content)
      if (!isObject(keys)) throw new FieldSetFormatError(`parse fieldsV1: bad key element ${key}`)
      return keyElement(Object.entries(keys))
    }
    case "v":
      return valueElement(parseElement(key, content))
    case "i":
      if (!/^[+-]?\d+$/.test(content)) {
        throw new FieldSetFormatError(`parse fieldsV1: bad index element ${key}`)
      }
      return `i:${Number(content)}`
    default:
      return undefined
  }
}

function parseElement(key: string, content: string): unknown {
  try {
    return JSON.parse(content)
  } catch (cause) {
    throw new FieldSetFormatError(`parse fieldsV1: bad element ${JSON.stringify(key)}`, { cause })
  }
}

/** One element as messages show it: `.spec`, `[name="a"]`, `[="x"]`, `[0]`. */
export function elementText(element: string): string {
  const content = element.slice(2)
  switch (element.charAt(0)) {
    case "f":
      return `.${content}`
    case "k": {
      const keys = Object.entries(JSON.parse(content) as Record<string, JsonValue>)
      return `[${keys.map(([name, value]) => `${name}=${JSON.stringify(value)}`).join(",")}]`
    }
    case "v":
      return `[=${JSON.stringify(JSON.parse(content))}]`
    default:
      return `[${content}]`
  }
}

/** A path as messages show it: `.spec.items[name="a"].v`. */
export function pathText(path: readonly string[]): string {
  return path.map(elementText).join("")
}
