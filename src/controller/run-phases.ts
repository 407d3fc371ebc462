import { isConflict } from "#meta"
import type { Phase } from "./define-controller.ts"
import type { Outcome, ReconcileResult, Wait } from "./outcome.ts"

/** What the phases came to, before it is told to `observe`. */
export interface PhaseRun extends ReconcileResult {
  /** True when every phase answered done. */
  readonly isComplete: boolean
  /** A write raced another: not a failure, simply to be tried again. */
  readonly hasConflict: boolean
}

/** Runs phases in order until one waits (and does not say `stop: false`) or throws. */
export async function runPhases<S>(
  phases: readonly Phase<S>[],
  scope: S,
  deleting: boolean,
): Promise<PhaseRun> {
  const outcomes = new Map<unknown, Outcome>()
  const waits: Wait[] = []
  const outcomeOf = (phase: unknown): Outcome | undefined => outcomes.get(phase)
  for (const phase of phases) {
    try {
      const outcome = await phase(scope)
      outcomes.set(phase, outcome)
      if (outcome.kind === "done") continue
      waits.push(outcome)
      if (outcome.stop) break
    } catch (thrown) {
      const error = asError(thrown)
      const hasConflict = isConflict(error)
      const failedPhase = phase.name
      return { deleting, waits, error, failedPhase, outcomeOf, hasConflict, isComplete: false }
    }
  }
  return {
    deleting,
    waits,
    error: undefined,
    failedPhase: undefined,
    outcomeOf,
    hasConflict: false,
    isComplete: waits.length === 0,
  }
}

/** Anything thrown as an `Error`. */
export function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown))
}
