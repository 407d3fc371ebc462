import { type Clock, formatMicroTime, type Logger, messageOf, sleep } from "#base"
import { type Lease, LeaseKind } from "#apis"
import type { Client } from "#client"
import { isAlreadyExists, isConflict, type ObjectKey } from "#meta"

export interface LeaseElectionOptions {
  readonly client: Client
  readonly key: ObjectKey
  /** Distinguishes this process from every other candidate. */
  readonly identity: string
  readonly clock: Clock
  readonly log: Logger
}

/** A lease that is ours. */
export interface HeldLease {
  /** Aborts when the lease is not ours any more; whoever relies on it must stop at once. */
  readonly lost: AbortSignal
  /** Gives the lease back, so that the next candidate need not wait for it to run out. */
  release(): Promise<void>
}

/** client-go's usual times: others may take over after the first, we give up after the second. */
const leaseSeconds = 15
const renewDeadlineMs = 10_000
const retryMs = 2_000

/** One of many processes at a time, by a `coordination.k8s.io/v1` Lease, as client-go elects. */
export class LeaseElection {
  readonly #options: LeaseElectionOptions
  /** The version that another holder's lease had when we first saw it, and when that was. */
  #observed: { readonly resourceVersion: string | undefined; readonly atMs: number } | undefined

  constructor(options: LeaseElectionOptions) {
    this.#options = options
  }

  /** Resolves when the lease is ours; rejects with the signal's reason when it aborts before. */
  async acquire(signal: AbortSignal): Promise<HeldLease> {
    const { clock, log, key } = this.#options
    for (;;) {
      signal.throwIfAborted()
      try {
        const lease = await this.#take()
        if (lease) return new Held(this.#options, lease)
      } catch (error) {
        log.warn("lease not acquired", { lease: key, error: messageOf(error) })
      }
      await sleep(clock, retryMs, signal)
    }
  }

  /** Another holder's lease counts as run out by our clock, from when we saw it last change. */
  async #take(): Promise<Lease | undefined> {
    const { client, key, identity, clock } = this.#options
    const current = await client.find(LeaseKind, key)
    const nowMs = clock.now()
    try {
      if (!current) {
        const { namespace, name } = key
        const spec = heldSpec(undefined, identity, nowMs)
        return await client.create(LeaseKind, { metadata: { namespace, name }, spec })
      }
      const { resourceVersion } = current.metadata
      if (this.#observed?.resourceVersion !== resourceVersion) {
        this.#observed = { resourceVersion, atMs: nowMs }
      }
      const { holderIdentity, leaseDurationSeconds = leaseSeconds } = current.spec ?? {}
      const freeAtMs = (this.#observed?.atMs ?? nowMs) + leaseDurationSeconds * 1000
      if (holderIdentity && holderIdentity !== identity && freeAtMs > nowMs) return undefined
      return await client.update(LeaseKind, {
        ...current,
        spec: heldSpec(current, identity, nowMs),
      })
    } catch (error) {
      if (isAlreadyExists(error) || isConflict(error)) return undefined
      throw error
    }
  }
}

class Held implements HeldLease {
  readonly #options: LeaseElectionOptions
  readonly #lost = new AbortController()
  #lease: Lease
  #renewedMs: number
  #renewal: Promise<void>

  constructor(options: LeaseElectionOptions, lease: Lease) {
    this.#options = options
    this.#lease = lease
    this.#renewedMs = options.clock.now()
    this.#renewal = this.#renewUntilLost()
  }

  get lost(): AbortSignal {
    return this.#lost.signal
  }

  async release(): Promise<void> {
    const { client, log, clock } = this.#options
    if (this.#lost.signal.aborted) return
    this.#lost.abort()
    await this.#renewal
    const spec = {
      ...this.#lease.spec,
      holderIdentity: "",
      leaseDurationSeconds: 1,
      renewTime: formatMicroTime(clock.now()),
    }
    try {
      await client.update(LeaseKind, { ...this.#lease, spec })
    } catch (error) {
      log.debug("lease not released", { error: messageOf(error) })
    }
  }

  async #renewUntilLost(): Promise<void> {
    const { clock, log, key } = this.#options
    const { signal } = this.#lost
    while (!signal.aborted) {
      await sleep(clock, retryMs, signal).catch(() => {})
      if (signal.aborted) return
      try {
        await this.#renew()
      } catch (error) {
        log.warn("lease not renewed", { lease: key, error: messageOf(error) })
        if (isConflict(error) || clock.now() - this.#renewedMs >= renewDeadlineMs) {
          this.#lost.abort()
        }
      }
    }
  }

  /** Rejects with `Conflict` when somebody else holds the lease. */
  async #renew(): Promise<void> {
    const { client, key, identity, clock } = this.#options
    const nowMs = clock.now()
    const current = await client.get(LeaseKind, key)
    if (current.spec?.holderIdentity === identity) this.#lease = current
    const spec = heldSpec(this.#lease, identity, nowMs)
    this.#lease = await client.update(LeaseKind, { ...this.#lease, spec })
    this.#renewedMs = nowMs
  }
}

function heldSpec(current: Lease | undefined, identity: string, nowMs: number): Lease["spec"] {
  const { holderIdentity, acquireTime, leaseTransitions = 0 } = current?.spec ?? {}
  const now = formatMicroTime(nowMs)
  const isOurs = holderIdentity === identity
  const isTransition = current !== undefined && !isOurs
  return {
    holderIdentity: identity,
    leaseDurationSeconds: leaseSeconds,
    acquireTime: isOurs && acquireTime ? acquireTime : now,
    renewTime: now,
    leaseTransitions: isTransition ? leaseTransitions + 1 : leaseTransitions,
  }
}
