import { isObject } from "#base"
import type { Schema } from "#schema"

/** Numbers in [0, 1) from a seed, the same sequence every time (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Says that a field is to be left out. */
export const omitted = Symbol("omitted")

export interface RandomOptions {
  readonly random: () => number
  /** Chance that an optional field is there. */
  readonly density?: number | undefined
  /** Whether a field that the schema leaves optional is always there. */
  readonly always?: ((path: string) => boolean) | undefined
  /** The value at a dotted path, `omitted`, or undefined for a random one. */
  readonly override?: ((path: string, schema: Schema) => unknown) | undefined
}

/** A random value that a schema accepts; objects with fields and lists are never empty. */
export function randomValue(schema: Schema, options: RandomOptions, path = ""): unknown {
  const given = options.override?.(path, schema)
  if (given !== undefined) return given
  if (schema.enum) return pick(schema.enum, options)
  if (schema["x-kubernetes-int-or-string"]) {
    return schema.pattern || options.random() < 0.5 ? randomInteger(schema, options) : "25%"
  }
  switch (schema.type) {
    case "object":
      return randomObject(schema, options, path)
    case "array":
      return randomList(schema, options, path)
    case "string":
      return randomString(schema, options)
    case "boolean":
      return options.random() < 0.5
    case "integer":
    case "number":
      return randomInteger(schema, options)
    case undefined:
      return pick<unknown>([true, 7, "text", ["a", 1], { a: { b: "c" } }], options)
  }
}

function pick<T>(values: readonly T[], { random }: RandomOptions): T {
  return values[Math.floor(random() * values.length)] as T
}

function randomInteger({ minimum = 1, maximum }: Schema, { random }: RandomOptions): number {
  const low = Math.max(1, minimum)
  return low + Math.floor(random() * Math.min(5000, (maximum ?? Infinity) - low))
}

const letters = "abcdefghijklmnopqrstuvwxyz"

function randomWord(length: number, { random }: RandomOptions): string {
  return Array.from({ length }, () => letters[Math.floor(random() * letters.length)]).join("")
}

/** Makers of strings; the first whose result fits the pattern is taken. */
const makers: readonly ((word: string) => string)[] = [
  (word) => word,
  (word) => word[0]?.toUpperCase() + word.slice(1),
  (word) => `${word}.example.com/v1`,
  (word) => `[${word.length}-${word.length + 3}]`,
  (word) => `SHA256:${word.padEnd(43, "x").slice(0, 43)}`,
]

function randomString(schema: Schema, options: RandomOptions): string {
  if (schema.format === "date-time") {
    return `20${20 + Math.floor(options.random() * 9)}-03-04T05:06:07Z`
  }
  if (schema.format === "byte") return btoa(randomWord(6, options))
  const word = randomWord(Math.min(8, schema.maxLength ?? 8), options)
  const pattern = new RegExp(schema.pattern ?? "")
  const text = makers.map((make) => make(word)).find((candidate) => pattern.test(candidate))
  if (text === undefined) throw new Error(`make random string: none fits ${schema.pattern}`)
  return text
}

function randomObject(schema: Schema, options: RandomOptions, path: string): unknown {
  const { random, density = 0.5 } = options
  const { additionalProperties, properties } = schema
  const result: Record<string, unknown> = {}
  if (isObject(additionalProperties)) {
    for (let count = 1 + Math.floor(random() * 3); count > 0; count--) {
      result[randomWord(5, options)] = randomValue(additionalProperties, options, `${path}.{}`)
    }
    return result
  }
  if (!properties) return { [randomWord(5, options)]: "kept" }
  const pathOf = (name: string) => (path === "" ? name : `${path}.${name}`)
  const add = (name: string, part: Schema): void => {
    const value = randomValue(part, options, pathOf(name))
    if (value !== omitted) result[name] = value
  }
  for (const [name, part] of Object.entries(properties)) {
    const isNeeded = schema.required?.includes(name) || options.always?.(pathOf(name))
    if (isNeeded || random() < density) add(name, part)
  }
  for (const [name, part] of Object.entries(properties)) {
    if (Object.keys(result).length > 0) break
    add(name, part)
  }
  return result
}

/** Lists that merge by keys are in the order of their keys, each key once. */
function randomList(schema: Schema, options: RandomOptions, path: string): unknown {
  const count = Math.min(1 + Math.floor(options.random() * 3), schema.maxItems ?? 3)
  const items = Array.from({ length: count }, () =>
    randomValue(schema.items as Schema, options, `${path}.[]`),
  )
  const keys = schema["x-kubernetes-list-map-keys"]
  if (!keys) return items
  const byKey = new Map(
    items.filter(isObject).map((item) => [JSON.stringify(keys.map((key) => item[key])), item]),
  )
  return [...byKey].sort(([left], [right]) => (left < right ? -1 : 1)).map(([, item]) => item)
}
