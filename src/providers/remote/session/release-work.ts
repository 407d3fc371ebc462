import { type Host, HostInUseError, type MachineIdentity, type PlanStep, release } from "#remote"

import { ProvisionError } from "../plan/provision-error.ts"
import type { SessionWork, WorkContext } from "./host-session.ts"
import { cleanOwnHostAnnotation } from "../annotations.ts"

export interface ReleaseInput {
  readonly claim: string
  readonly epoch: number
  readonly holder: string
  readonly steps: readonly PlanStep[]
  /** The host may be the one that the plane runs on. */
  readonly mayBeOwnHost: boolean
  readonly isOwnHost: (host: MachineIdentity) => Promise<boolean>
}

/** Cleans a host and gives it back. */
export class ReleaseWork implements SessionWork {
  readonly input: ReleaseInput
  /** The step that runs. */
  currentStep: string | undefined
  /** The host turned out to belong to somebody else, so it was left alone. */
  isForeign = false

  constructor(input: ReleaseInput) {
    this.input = input
  }

  async run(host: Host, { signal, changed }: WorkContext): Promise<void> {
    const { claim, epoch, holder, steps, mayBeOwnHost, isOwnHost } = this.input
    const facts = await host.facts()
    if (!mayBeOwnHost && (await isOwnHost(facts))) {
      const message = `this is the host that the plane itself runs on; annotate the RemoteMachine with ${cleanOwnHostAnnotation}=true to have it cleaned nevertheless`
      throw new ProvisionError("OwnHost", message)
    }
    changed()
    // Without our mark it is clean already, or in use by somebody who never asked us.
    this.isForeign = facts.owner === undefined && facts.statePaths.length > 0
    try {
      await release(host, {
        claim,
        epoch,
        holder,
        steps,
        signal,
        retry: true,
        onEvent: (event) => {
          if (event.type !== "journal" || event.event.type !== "started") return
          this.currentStep = event.event.step
          changed()
        },
      })
    } catch (error) {
      if (!(error instanceof HostInUseError)) throw error
      this.isForeign = true
    }
  }
}
