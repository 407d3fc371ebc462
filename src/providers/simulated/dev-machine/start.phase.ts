import { formatTime } from "#base"
import { done, type Outcome, waitFor } from "#controller"
import { type DevMachineScope, ownerMachine } from "./dev-machine-access.ts"
import { isControlPlane, machineFacts } from "./machine-facts.ts"
import { startedAt, startedAtAnnotation, startupOf } from "./machine-startup.ts"

/** From here on the time of the parts counts. The annotation outlives restarts and moves. */
export async function begin(scope: DevMachineScope): Promise<Outcome> {
  const { providerId } = machineFacts(scope.object, ownerMachine(scope, scope.object))
  if (startedAt(scope.object) && scope.object.spec?.providerID === providerId) return done
  scope.edit((draft) => {
    const annotations = (draft.metadata.annotations ??= {})
    annotations[startedAtAnnotation] ??= formatTime(scope.clock.now())
    if (draft.spec) draft.spec.providerID = providerId
  })
  await scope.flush()
  return done
}

/** Waits for the parts, one after the other. */
export function comeUp(scope: DevMachineScope): Outcome {
  const machine = ownerMachine(scope, scope.object)
  const parts = startupOf(scope.object, isControlPlane(scope.object, machine), scope.clock.now())
  const late = parts.find(({ remainingMs }) => remainingMs > 0)
  if (!late) return done
  return waitFor(
    `${late.part}Starting`.replace(/^./, (letter) => letter.toUpperCase()),
    {
      message: `${late.part} comes up in ${Math.ceil(late.remainingMs / 1000)} s`,
      afterMs: late.remainingMs,
    },
  )
}
