import { type RemoteMachine, RemoteMachineKind } from "#apis"
import type { ExplainedObject } from "./object-view.ts"

/** How far the bootstrap of a machine is, and in which step; undefined when none is under way. */
export function progressOf(object: ExplainedObject): string | undefined {
  if (object.kind !== RemoteMachineKind.kind) return undefined
  const { bootstrap, initialization } = (object as RemoteMachine).status ?? {}
  if (!bootstrap || initialization?.provisioned) return undefined
  const { stepsDone = 0, stepsTotal, currentStep = "" } = bootstrap
  return stepsTotal === undefined ? currentStep : `${stepsDone}/${stepsTotal} ${currentStep}`.trim()
}
