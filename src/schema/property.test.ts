import { expect, test } from "vitest"
import { deepFreeze } from "#base"
import { compileSchema } from "./compile.ts"
import { formatFieldError } from "./field-error.ts"
import { validateStructural } from "./structural.ts"
import { Dice, disturb, randomResource } from "./testing/random-schema.ts"

const seeds = Array.from({ length: 400 }, (_, index) => index + 1)

test("random structural schemas are structural", () => {
  for (const seed of seeds) {
    const { schema } = randomResource(new Dice(seed))
    expect(validateStructural(schema, "schema").map(formatFieldError), `seed ${seed}`).toEqual([])
  }
})

test("a valid value is left alone and found valid", () => {
  for (const seed of seeds) {
    const { schema, value } = randomResource(new Dice(seed))
    const compiled = compileSchema(schema)
    expect(compiled.prune(value).value, `seed ${seed}`).toBe(value)
    const defaulted = compiled.applyDefaults(value)
    expect(compiled.validate(defaulted).map(formatFieldError), `seed ${seed}`).toEqual([])
    expect(compiled.validate(value).map(formatFieldError), `seed ${seed}`).toEqual([])
  }
})

test("whatever the value, pruning and defaulting twice is the same as once and changes no input", () => {
  for (const seed of seeds) {
    const dice = new Dice(seed)
    const { schema, value } = randomResource(dice)
    const compiled = compileSchema(deepFreeze(schema))
    const odd = deepFreeze(disturb(value, dice))
    const pruned = compiled.prune(odd)
    expect(compiled.prune(pruned.value), `seed ${seed}`).toEqual({
      value: pruned.value,
      pruned: [],
    })
    const defaulted = deepFreeze(compiled.applyDefaults(pruned.value))
    expect(compiled.applyDefaults(defaulted), `seed ${seed}`).toBe(defaulted)
    expect(compiled.validate(defaulted, defaulted), `seed ${seed}`).toEqual([])
  }
})

test("an update is never wrong where the same object would be right", () => {
  for (const seed of seeds) {
    const dice = new Dice(seed)
    const { schema, value } = randomResource(dice)
    const compiled = compileSchema(schema)
    const [old, next] = [disturb(value, dice), disturb(value, dice)]
    const fresh = new Set(compiled.validate(next).map(formatFieldError))
    for (const error of compiled.validate(next, old)) {
      expect(fresh, `seed ${seed}`).toContain(formatFieldError(error))
    }
  }
})
