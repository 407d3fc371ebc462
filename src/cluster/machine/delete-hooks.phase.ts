import { formatTime } from "#base"
import { annotation } from "#apis"
import { done, type Outcome, waitFor } from "#controller"
import { hooksOf } from "./deletion-rules.ts"
import { keepNode } from "./keep-node.ts"
import type { MachineScope } from "./machine-access.ts"

/** Waits until nobody objects to draining any more. */
export async function awaitPreDrainHooks(scope: MachineScope): Promise<Outcome> {
  const hooks = hooksOf(scope.object, annotation.preDrainHookPrefix)
  if (hooks.length === 0 || (await keepNode(scope)) !== undefined) return done
  const now = formatTime(scope.clock.now())
  scope.editStatus((status) => {
    status.deletion = { waitForPreDrainHookStartTime: now, ...status.deletion }
  })
  const message = `Waiting for pre-drain hooks to succeed (hooks: ${hooks.join(",")})`
  return waitFor("WaitingForPreDrainHook", { message })
}

/** Waits until nobody objects to the end of the machine any more. */
export function awaitPreTerminateHooks(scope: MachineScope): Outcome {
  const hooks = hooksOf(scope.object, annotation.preTerminateHookPrefix)
  if (hooks.length === 0) return done
  const now = formatTime(scope.clock.now())
  scope.editStatus((status) => {
    status.deletion = { waitForPreTerminateHookStartTime: now, ...status.deletion }
  })
  const message = `Waiting for pre-terminate hooks to succeed (hooks: ${hooks.join(",")})`
  return waitFor("WaitingForPreTerminateHook", { message })
}
