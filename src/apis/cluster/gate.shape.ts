import { s } from "#schema"
import { qualifiedNamePattern } from "./condition.shape.ts"

/** Conditions of others that a summary condition takes in. */
export function conditionGates(description: string) {
  return s.list(
    description,
    s.object("One condition to take in.", {
      conditionType: s.string("Type of the condition.", {
        minLength: 1,
        maxLength: 316,
        pattern: qualifiedNamePattern,
      }),
      polarity: s.optional(
        s.enum("Which status is good: True for Positive (the default), False for Negative.", [
          "Positive",
          "Negative",
        ]),
      ),
    }),
    { minItems: 1, maxItems: 32, key: ["conditionType"] },
  )
}
