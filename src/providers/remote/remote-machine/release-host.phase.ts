import {
  claimAnnotation,
  hostKeyAnnotation,
  PooledRemoteMachineKind,
  type RemoteMachine,
  SecretKind,
} from "#apis"
import { formatTime } from "#base"
import { done, type Outcome, type Phase, waitFor } from "#controller"

import {
  cleanOwnHostAnnotation,
  forceReleaseAnnotation,
  pooledMachineAnnotation,
} from "../annotations.ts"
import { targetOf } from "../host-target.ts"
import { holderOf, isProvisioned, type MachineScope } from "./remote-machine-access.ts"
import { cleanupSteps } from "../plan/cleanup-steps.ts"
import { ProvisionError } from "../plan/provision-error.ts"
import { hostOf, isReservedBy, noMachine, withReservation } from "../pool.ts"
import type { RemoteOptions } from "../remote-options.ts"

interface Problem {
  readonly reason: string
  readonly message: string
}

/**
 * Has the host cleaned and gives it back. A host that cannot be cleaned in time keeps the machine,
 * which says so until somebody forces it; a pool keeps the host reserved instead, so the machine
 * can go.
 */
export function releaseHostPhase(options: RemoteOptions): Phase<MachineScope> {
  return async function releaseHost(scope) {
    const { object } = scope
    const { annotations = {} } = object.metadata
    const claim = annotations[claimAnnotation]
    if (annotations[forceReleaseAnnotation] === "true") {
      if (claim !== undefined) await options.sessions.forget(claim)
      const message = "the machine was deleted without cleaning its host"
      return leave(scope, { reason: "Forced", message })
    }
    if (claim === undefined || !wasReached(object)) {
      if (claim !== undefined) await options.sessions.forget(claim)
      return isProvisioned(object)
        ? leave(scope, {
            reason: "NotOurs",
            message: "the machine came as a node, so its host was left as it is",
          })
        : giveBack(scope, "nothing was ever done on it")
    }
    const problem = await clean(scope, options, claim)
    if (problem === "cleaned" || problem === "foreign") {
      await options.sessions.forget(claim)
      const message = "the host is in use by somebody else, so it was left as it is"
      return problem === "cleaned"
        ? giveBack(scope, "cleaned")
        : leave(scope, { reason: "NotOurs", message })
    }
    return decide(scope, options, problem)
  }
}

/** Where the release stands: over, under way, or kept from going on. */
async function clean(
  scope: MachineScope,
  options: RemoteOptions,
  claim: string,
): Promise<"cleaned" | "foreign" | Outcome | Problem> {
  const { object, key, clock, log } = scope
  const { annotations = {}, namespace } = object.metadata
  try {
    const { sshKeyRef, cleanUpCommands, pool } = object.spec ?? {}
    const secret = sshKeyRef && scope.read(SecretKind).get(namespace, sshKeyRef.name)
    const isUsual = cleanUpCommands === undefined
    const session = await options.sessions.release(
      { key, target: targetOf(object, secret), clock, log },
      {
        claim,
        epoch: options.epoch,
        holder: holderOf(object),
        steps: cleanupSteps({
          commands: cleanUpCommands,
          statePaths: isUsual || pool !== undefined ? options.layout.statePaths : [],
        }),
        mayBeOwnHost: annotations[cleanOwnHostAnnotation] === "true",
        isOwnHost: options.isOwnHost,
      },
    )
    const { state, work } = session
    if (state.kind === "done") return work.isForeign ? "foreign" : "cleaned"
    if (state.kind === "problem") {
      const since = `since ${formatTime(state.sinceMs)}`
      return { reason: state.reason, message: `${state.message} (${since})` }
    }
    const step = work.currentStep === undefined ? "" : `: ${work.currentStep}`
    return waitFor("Cleaning", { message: `the host is being cleaned${step}` })
  } catch (error) {
    if (!(error instanceof ProvisionError)) throw error
    return { reason: error.reason, message: error.message }
  }
}

async function decide(
  scope: MachineScope,
  options: RemoteOptions,
  problem: Outcome | Problem,
): Promise<Outcome> {
  if ("kind" in problem) return problem
  const { deletionTimestamp, annotations = {} } = scope.object.metadata
  const dueMs = Date.parse(deletionTimestamp ?? "") + options.releaseTimeoutMs
  const leftMs = dueMs - scope.clock.now()
  const { reason, message } = problem
  if (leftMs > 0) {
    const text = `${message}; tried again until ${formatTime(dueMs)}`
    return waitFor(reason, { message: text, afterMs: leftMs })
  }
  if (annotations[pooledMachineAnnotation] !== undefined) {
    await options.sessions.forget(annotations[claimAnnotation] ?? "")
    return leave(scope, problem)
  }
  const text = `${message}; to let the machine go without cleaning its host, annotate it with ${forceReleaseAnnotation}=true`
  return waitFor(reason, { message: text })
}

/** A trace of work on the host: before the first contact is noted nothing is done there. */
function wasReached({ metadata, status }: RemoteMachine): boolean {
  return metadata.annotations?.[hostKeyAnnotation] !== undefined || status?.bootstrap !== undefined
}

/** The host is free for the next machine. */
async function giveBack(scope: MachineScope, how: string): Promise<Outcome> {
  const host = pooledHost(scope)
  if (!host) return done
  const clean = { status: "True", reason: "Cleaned", message: how } as const
  const next = withReservation(host, { reserved: false, machineRef: noMachine, clean }, scope.clock)
  await scope.update(PooledRemoteMachineKind, next, { subresource: "status" })
  scope.event("Normal", "HostReleased", `gave ${host.metadata.name} back to its pool`)
  return done
}

/** The machine goes; a host of a pool stays reserved, with the reason. */
async function leave(scope: MachineScope, { reason, message }: Problem): Promise<Outcome> {
  scope.event("Warning", "HostNotCleaned", message)
  const host = pooledHost(scope)
  if (!host?.status) return done
  const { machineRef } = host.status
  const text = `${message}; see that the host is clean, then annotate it with ${forceReleaseAnnotation}=true`
  const clean = { status: "False", reason, message: text.slice(0, 8_192) } as const
  const next = withReservation(host, { reserved: true, machineRef, clean }, scope.clock)
  await scope.update(PooledRemoteMachineKind, next, { subresource: "status" })
  return done
}

function pooledHost(scope: MachineScope) {
  const { object } = scope
  const pool = scope.read(PooledRemoteMachineKind).list(object.metadata.namespace)
  const host = hostOf(object, pool)
  return host && isReservedBy(host, object) ? host : undefined
}
