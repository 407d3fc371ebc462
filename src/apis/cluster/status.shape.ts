import { type Fields, s } from "#schema"
import { failureMessage, failureReason } from "./condition.shape.ts"

export const observedGeneration = s.int64("Generation that the controller has seen.", {
  minimum: 1,
})

/** `status.deprecated`: what v1beta1 reports, and nobody reports any more. */
export function deprecated<const F extends Fields>(fields: F) {
  return s.object("What older versions reported.", {
    v1beta1: s.optional(s.object("What v1beta1 reported.", fields)),
  })
}

/** Among it: problems that v1beta1 called terminal. */
export const terminalFailure = {
  failureReason: s.optional(failureReason),
  failureMessage: s.optional(failureMessage),
}
