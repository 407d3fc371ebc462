import type { Condition } from "#meta"
import { s } from "#schema"

export const qualifiedNamePattern = String.raw`^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*/)?(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])$`

const condition = s.object("One observation about the object.", {
  type: s.string("What is observed, in CamelCase.", {
    maxLength: 316,
    pattern: qualifiedNamePattern,
  }),
  status: s.enum("Whether it holds.", ["True", "False", "Unknown"]),
  observedGeneration: s.optional(
    s.int64("Generation of the spec that the observation is about.", { minimum: 0 }),
  ),
  lastTransitionTime: s.time("When the status last changed."),
  reason: s.string("Why, as one CamelCase word for programs.", {
    minLength: 1,
    maxLength: 1024,
    pattern: "^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$",
  }),
  message: s.string("Why, for people.", { maxLength: 32768 }),
})

/** `status.conditions`, merged by type; at most 32 where the kind's CRD says so. */
export const conditions = s.typed<readonly Condition[]>(
  s.list("Observations about the object, one per type.", condition, {
    maxItems: 32,
    key: ["type"],
  }),
)

/** The same without a limit on their number. */
export const mergedConditions = s.typed<readonly Condition[]>(
  s.list("Observations about the object, one per type.", condition, { key: ["type"] }),
)

/** Conditions as v1beta1 had them: with a severity, without a generation. */
export const legacyConditions = s.list(
  "Observations in the form that v1beta1 had.",
  s.object("One observation about the object.", {
    type: s.string("What is observed, in CamelCase.", { minLength: 1, maxLength: 256 }),
    status: s.string("True, False or Unknown."),
    severity: s.optional(
      s.string("How bad it is when the status is False: Error, Warning or Info.", {
        maxLength: 32,
      }),
    ),
    lastTransitionTime: s.time("When the status last changed."),
    reason: s.optional(
      s.string("Why, as one CamelCase word for programs.", { minLength: 1, maxLength: 256 }),
    ),
    message: s.optional(s.string("Why, for people.", { minLength: 1, maxLength: 10240 })),
  }),
)

export const failureReason = s.string("Problem that v1beta1 called terminal, as one word.")

export const failureMessage = s.string("Problem that v1beta1 called terminal, for people.", {
  minLength: 1,
  maxLength: 10240,
})
