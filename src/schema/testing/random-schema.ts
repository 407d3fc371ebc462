import type { JsonObject, JsonValue } from "#base"
import type { Schema } from "../schema.ts"

/** Numbers that look random and are the same for the same seed. */
export class Dice {
  #state: number

  constructor(seed: number) {
    this.#state = seed >>> 0
  }

  /** A whole number from 0 up to, not including, `sides`. */
  roll(sides: number): number {
    this.#state = (Math.imul(this.#state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((this.#state / 2 ** 32) * sides)
  }

  pick<T>(choices: readonly T[]): T {
    return choices[this.roll(choices.length)] as T
  }

  chance(percent: number): boolean {
    return this.roll(100) < percent
  }
}

/** A structural schema with a value that is valid by it. */
export interface Sample {
  readonly schema: Schema
  readonly value: JsonValue
}

const names = ["a", "b", "c", "name", "kind", "x-y", "constructor"]
const words = ["", "a", "ab", "abc", "Ready", "x1", "\u{1F600}"]

/** An object schema as a CustomResourceDefinition may have it, and a valid object. */
export function randomResource(dice: Dice): Sample & { readonly value: JsonObject } {
  const spec = randomObject(dice, 3)
  return {
    schema: { type: "object", properties: { spec: spec.schema } },
    value: { spec: spec.value },
  }
}

function randomSample(dice: Dice, depth: number): Sample {
  const kind = dice.roll(depth > 0 ? 10 : 5)
  if (kind === 0) return randomText(dice)
  if (kind === 1) return randomInteger(dice)
  if (kind === 2) return { schema: { type: "boolean" }, value: dice.chance(50) }
  if (kind === 3) return randomNumber(dice)
  if (kind === 4) return randomIntOrString(dice)
  if (kind === 5) return randomList(dice, depth)
  if (kind === 6) return randomMapList(dice)
  if (kind === 7) return randomMap(dice, depth)
  if (kind === 8) {
    return {
      schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true },
      value: { any: [dice.roll(9), null, { thing: dice.pick(words) }] },
    }
  }
  return randomObject(dice, depth)
}

function randomText(dice: Dice): Sample {
  const value = dice.pick(words)
  if (dice.chance(30)) return { schema: { type: "string", enum: [...words] }, value }
  const length = Array.from(value).length
  return {
    schema: {
      type: "string",
      ...(dice.chance(30) ? { minLength: Math.max(0, length - dice.roll(2)) } : {}),
      ...(dice.chance(30) ? { maxLength: length + dice.roll(2) } : {}),
      ...(dice.chance(20) ? { pattern: "^[a-zA-Z0-9\u{1F600}]*$" } : {}),
      ...(dice.chance(20) ? { default: value } : {}),
      ...(dice.chance(20) ? { nullable: true } : {}),
    },
    value,
  }
}

function randomInteger(dice: Dice): Sample {
  const value = dice.roll(20) - 10
  return {
    schema: {
      type: "integer",
      ...(dice.chance(40) ? { minimum: value - dice.roll(3) } : {}),
      ...(dice.chance(40) ? { maximum: value + dice.roll(3) } : {}),
      ...(dice.chance(20) ? { default: value } : {}),
    },
    value,
  }
}

function randomNumber(dice: Dice): Sample {
  const value = dice.roll(40) / 4
  return { schema: { type: "number", ...(dice.chance(40) ? { minimum: value } : {}) }, value }
}

function randomIntOrString(dice: Dice): Sample {
  return {
    schema: { "x-kubernetes-int-or-string": true },
    value: dice.chance(50) ? dice.roll(9) : "10%",
  }
}

function randomList(dice: Dice, depth: number): Sample {
  const item = randomSample(dice, depth - 1)
  const value = Array.from({ length: dice.roll(3) }, () => item.value)
  return {
    schema: {
      type: "array",
      items: item.schema,
      ...(dice.chance(40) ? { maxItems: value.length + dice.roll(2) } : {}),
      ...(dice.chance(30) ? { minItems: Math.max(0, value.length - dice.roll(2)) } : {}),
    },
    value,
  }
}

function randomMapList(dice: Dice): Sample {
  const extra = randomSample(dice, 0)
  const keys = ["one", "two", "three"].slice(0, dice.roll(4))
  return {
    schema: {
      type: "array",
      "x-kubernetes-list-type": "map",
      "x-kubernetes-list-map-keys": ["key"],
      items: {
        type: "object",
        properties: { key: { type: "string" }, extra: extra.schema },
        required: ["key"],
      },
    },
    value: keys.map((key) => ({ key, extra: extra.value })),
  }
}

function randomMap(dice: Dice, depth: number): Sample {
  const member = randomSample(dice, depth - 1)
  const value = Object.fromEntries(
    ["k", "k.l/m", "toString"].slice(0, dice.roll(4)).map((name) => [name, member.value]),
  )
  return { schema: { type: "object", additionalProperties: member.schema }, value }
}

function randomObject(dice: Dice, depth: number): Sample {
  const properties: Record<string, Schema> = {}
  const value: Record<string, JsonValue> = {}
  const required: string[] = []
  for (const name of names) {
    if (dice.chance(50)) continue
    const member = randomSample(dice, depth - 1)
    properties[name] = member.schema
    const isRequired = dice.chance(30)
    if (isRequired) required.push(name)
    if (isRequired || dice.chance(70)) value[name] = member.value
  }
  const present = Object.keys(value)
  return {
    schema: {
      type: "object",
      properties,
      ...(required.length > 0 ? { required } : {}),
      ...(present.length > 0 && dice.chance(15)
        ? { anyOf: [{ required: [dice.pick(present)] }] }
        : {}),
      ...(dice.chance(10) ? { "x-kubernetes-preserve-unknown-fields": true } : {}),
    },
    value,
  }
}

/** The value with a few places changed into something that may be wrong there. */
export function disturb(value: JsonValue, dice: Dice): JsonValue {
  if (dice.chance(6))
    return dice.pick<JsonValue>([null, "odd", -99, 1.5, true, [], {}, ["odd"], { odd: 1 }])
  if (Array.isArray(value)) {
    const items = (value as readonly JsonValue[]).map((item) => disturb(item, dice))
    const [first] = items
    return first !== undefined && dice.chance(8) ? [...items, first] : items
  }
  if (typeof value !== "object" || value === null) return value
  const members = Object.entries(value as JsonObject).filter(() => !dice.chance(5))
  if (dice.chance(10)) members.push([dice.pick(["odd", "toString", "a"]), dice.roll(5)])
  return Object.fromEntries(members.map(([name, member]) => [name, disturb(member ?? null, dice)]))
}
