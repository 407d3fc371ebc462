import { type Clock, deepEqual, type Logger } from "#base"
import type { Enqueue } from "#controller"
import type { ObjectKey } from "#meta"
import type { HostLayout } from "#remote"

import { type BootstrapInput, BootstrapWork } from "./bootstrap-work.ts"
import { HostSession, type SessionWork } from "./host-session.ts"
import { type ReleaseInput, ReleaseWork } from "./release-work.ts"
import type { SessionTarget } from "./session-state.ts"
import { Slots } from "./slots.ts"
import { Uplink } from "./uplink.ts"

export interface SessionRequest {
  /** The RemoteMachine that hears of changes. */
  readonly key: ObjectKey
  readonly target: SessionTarget
  readonly clock: Clock
  readonly log: Logger
}

export interface HostSessionsOptions {
  readonly layout: HostLayout
  /** How many hosts are worked on at once. */
  readonly sessionsMax: number
}

/** What goes on on hosts right now, by claim. Ending it loses nothing: the hosts go on. */
export class HostSessions {
  readonly #layout: HostLayout
  readonly #slots: Slots
  readonly #uplink = new Uplink()
  readonly #sessions = new Map<string, HostSession>()
  #enqueue: Enqueue = () => {}

  constructor(options: HostSessionsOptions) {
    this.#layout = options.layout
    this.#slots = new Slots(options.sessionsMax)
  }

  /** Makes changes of sessions known; all of them end with the subscription. */
  subscribe(enqueue: Enqueue): () => void {
    this.#enqueue = enqueue
    return () => {
      this.#enqueue = () => {}
      for (const session of this.#sessions.values()) void session.stop()
      this.#sessions.clear()
    }
  }

  /**
   * The bootstrap of a claim's host, which begins with the first request; one that only prepared
   * the host begins again once there is more to do.
   */
  async bootstrap(
    request: SessionRequest,
    input: BootstrapInput,
  ): Promise<HostSession<BootstrapWork>> {
    const known = this.#sessions.get(input.claim)
    if (known?.work instanceof BootstrapWork) {
      const { data, artifacts } = known.work.input
      const isSame = deepEqual(
        { data, artifacts },
        { data: input.data, artifacts: input.artifacts },
      )
      if (isSame || known.state.kind !== "done" || known.work.isWhole) {
        known.work.input = input
        known.update(request.target)
        if (!isSame) known.wake()
        return known as HostSession<BootstrapWork>
      }
    }
    await this.forget(input.claim)
    return this.#begin(request, input.claim, new BootstrapWork(input, this.#uplink))
  }

  /** The release of a claim's host; whatever else went on there for the claim is given up first. */
  async release(request: SessionRequest, input: ReleaseInput): Promise<HostSession<ReleaseWork>> {
    const known = this.#sessions.get(input.claim)
    const isSame =
      known?.work instanceof ReleaseWork && known.work.input.mayBeOwnHost === input.mayBeOwnHost
    if (known && isSame) {
      known.update(request.target)
      return known as HostSession<ReleaseWork>
    }
    await this.forget(input.claim)
    return this.#begin(request, input.claim, new ReleaseWork(input))
  }

  async forget(claim: string): Promise<void> {
    const session = this.#sessions.get(claim)
    this.#sessions.delete(claim)
    await session?.stop()
  }

  /** Ends what goes on for claims that nobody has any more. */
  prune(isKnown: (claim: string) => boolean): void {
    for (const claim of this.#sessions.keys()) {
      if (!isKnown(claim)) void this.forget(claim)
    }
  }

  #begin<W extends SessionWork>(request: SessionRequest, claim: string, work: W): HostSession<W> {
    const { key, target, clock, log } = request
    const session = new HostSession({
      target,
      work,
      clock,
      log: log.child({ host: target.address.address, claim }),
      slots: this.#slots,
      layout: this.#layout,
      onChange: () => this.#enqueue(key),
    })
    this.#sessions.set(claim, session)
    return session
  }
}
