import {
  claimAnnotation,
  hostKeyAnnotation,
  isControlPlane,
  type Machine,
  type MachineAddress,
  type RemoteMachineBootstrap,
  retryAnnotation,
  SecretKind,
} from "#apis"
import { formatTime } from "#base"
import { readBootstrapData } from "#contract"
import { done, type Outcome, type Phase, waitFor } from "#controller"
import { isIP } from "node:net"

import { ArtifactError } from "../artifacts/artifact-error.ts"
import type { ArtifactManifest } from "../artifacts/manifest.ts"
import { targetOf } from "../host-target.ts"
import {
  clusterOf,
  holderOf,
  isProvisioned,
  type MachineScope,
  ownerMachine,
  waitForProblem,
} from "./remote-machine-access.ts"
import { ProvisionError } from "../plan/provision-error.ts"
import type { RemoteOptions } from "../remote-options.ts"
import { parseRetry } from "../retry-request.ts"
import type { BootstrapInput, BootstrapWork } from "../session/bootstrap-work.ts"
import type { HostSession } from "../session/host-session.ts"
import type { SessionProblem, SessionState } from "../session/session-state.ts"

type BootstrapSession = HostSession<BootstrapWork>

/** Has the host made a node, in the background, and tells how that stands. */
export function bootstrapHostPhase(options: RemoteOptions): Phase<MachineScope> {
  return async function bootstrapHost(scope) {
    const claim = scope.object.metadata.annotations?.[claimAnnotation]
    if (isProvisioned(scope.object)) {
      if (claim !== undefined) await options.sessions.forget(claim)
      dropRetry(scope, "the machine is bootstrapped already")
      return done
    }
    if (claim === undefined) return waitFor("WaitingForClaim")
    try {
      return await attend(scope, options, claim)
    } catch (error) {
      return waitForProblem(error)
    }
  }
}

async function attend(
  scope: MachineScope,
  options: RemoteOptions,
  claim: string,
): Promise<Outcome> {
  const session = await openSession(scope, options, claim)
  await answerRetry(scope, session)
  const { state, work } = session
  const summary = work.summary()
  if (summary) {
    scope.editStatus((status) => {
      status.bootstrap = summary
    })
  }
  if (state.kind === "reached") {
    scope.edit((draft) => {
      draft.metadata.annotations = {
        ...draft.metadata.annotations,
        [hostKeyAnnotation]: state.fingerprint,
      }
    })
    await scope.flush()
    session.update(targetOf(scope.object, keySecret(scope)))
    return waitFor("Bootstrapping", { message: "the host was reached for the first time" })
  }
  if (state.kind === "done" && work.isWhole) return finish(scope, work)
  if (state.kind === "problem") return waitFor(state.reason, { message: messageOf(state, scope) })
  const { reason, message } = doingOf(state, scope, summary)
  if (work.input.data) return waitFor(reason, { message })
  const wait = missingData(scope)
  return waitFor(wait.reason, { message: `${wait.message}; ${message}` })
}

interface Doing {
  readonly reason: string
  readonly message: string
}

/** What goes on on the host, in one line. */
function doingOf(
  { kind }: SessionState,
  scope: MachineScope,
  summary: RemoteMachineBootstrap | undefined,
): Doing {
  if (kind === "queued") {
    return { reason: "Bootstrapping", message: "waits until the work on other hosts leaves room" }
  }
  if (kind === "connecting") {
    const { user = "root", address, port = 22 } = scope.object.spec ?? {}
    return { reason: "Connecting", message: `connecting to ${user}@${address}:${port}` }
  }
  const { stepsDone, stepsTotal, message } = summary ?? {}
  const count = stepsTotal === undefined ? "" : ` (${stepsDone} of ${stepsTotal} steps done)`
  const unsaid = kind === "done" ? "there is nothing to install" : "looking at the host"
  return { reason: "Bootstrapping", message: `${message ?? unsaid}${count}` }
}

async function openSession(
  scope: MachineScope,
  options: RemoteOptions,
  claim: string,
): Promise<BootstrapSession> {
  const target = targetOf(scope.object, keySecret(scope))
  const input = await inputOf(scope, options, claim)
  const { key, clock, log } = scope
  return options.sessions.bootstrap({ key, target, clock, log }, input)
}

function keySecret(scope: MachineScope) {
  const { sshKeyRef } = scope.object.spec ?? {}
  const { namespace } = scope.object.metadata
  return sshKeyRef && scope.read(SecretKind).get(namespace, sshKeyRef.name)
}

async function inputOf(
  scope: MachineScope,
  options: RemoteOptions,
  claim: string,
): Promise<BootstrapInput> {
  const { object } = scope
  const machine = ownerMachine(scope)
  const name = machine?.spec.bootstrap.dataSecretName ?? ""
  const secret = scope.read(SecretKind).get(object.metadata.namespace, name)
  const data = secret && readBootstrapData(secret)
  if (!data && object.spec?.artifacts === undefined) throw missingData(scope)
  const artifacts = await artifactsOf(scope, options, machine)
  return {
    claim,
    epoch: options.epoch,
    holder: holderOf(object),
    data,
    commandsAsScript: object.spec?.commandsAsScript ?? false,
    artifacts,
    role: machine && isControlPlane(machine) ? "control-plane" : "worker",
    rootDir: options.layout.rootDir,
    sentinel: options.sentinel,
    openArtifact: (sha256) => {
      const file = artifacts?.files.find((candidate) => candidate.sha256 === sha256)
      return options.artifacts.openFile(artifacts?.name ?? "", file?.path ?? sha256)
    },
  }
}

/** Whose turn it is while there is no bootstrap data. */
function missingData(scope: MachineScope): ProvisionError {
  const machine = ownerMachine(scope)
  const name = machine?.spec.bootstrap.dataSecretName
  const message =
    name === undefined
      ? `Machine ${machine?.metadata.name} has no bootstrap data yet`
      : `Secret ${name} with the bootstrap data is not there, or has no "value"`
  return new ProvisionError("WaitingForBootstrapData", message)
}

async function artifactsOf(
  scope: MachineScope,
  options: RemoteOptions,
  machine: Machine | undefined,
): Promise<ArtifactManifest | undefined> {
  const name = scope.object.spec?.artifacts
  if (name === undefined) return undefined
  const set = await options.artifacts.find(name).catch((error: unknown) => {
    if (!(error instanceof ArtifactError)) throw error
    throw new ProvisionError("ArtifactsMissing", `${error.message}; add it again`)
  })
  if (!set) {
    const known = await options.artifacts.names()
    const has = known.length === 0 ? "there are none" : `there are ${known.join(", ")}`
    const message = `artifact set ${name} is not there (${has}); add it with: mothership artifacts add`
    throw new ProvisionError("ArtifactsMissing", message)
  }
  const version = machine?.spec.version
  if (version !== undefined && version !== set.kubernetesVersion) {
    const message = `artifact set ${name} is for Kubernetes ${set.kubernetesVersion}, the Machine wants ${version}`
    throw new ProvisionError("ArtifactsMissing", message)
  }
  return set
}

/** The identity goes into the spec first: with it the machine is never bootstrapped again. */
async function finish(scope: MachineScope, work: BootstrapWork): Promise<Outcome> {
  const { address = "", port = 22 } = scope.object.spec ?? {}
  scope.edit((draft) => {
    if (draft.spec) draft.spec.providerID = `remote-machine://${address}:${port}`
  })
  await scope.flush()
  const isAddress = isIP(address) !== 0
  const addresses: readonly MachineAddress[] = [
    ...(work.hostname ? [{ type: "Hostname", address: work.hostname } as const] : []),
    { type: isAddress ? "InternalIP" : "InternalDNS", address },
    { type: isAddress ? "ExternalIP" : "ExternalDNS", address },
  ]
  scope.editStatus((status) => {
    status.initialization = { provisioned: true }
    status.addresses = [...addresses]
  })
  scope.event("Normal", "Bootstrapped", `${clusterOf(scope)?.metadata.name} has the host now`)
  return done
}

function messageOf(problem: SessionProblem, { object }: MachineScope): string {
  const { reason, message, isFinal, sinceMs } = problem
  if (reason === "BootstrapFailed" || reason === "BootstrapInterrupted") {
    const { namespace, name } = object.metadata
    return `${message}\nrun "mothership retry machine/${name} -n ${namespace}" to go on`
  }
  if (reason === "HostKeyChanged") {
    return `${message}; if the host was reinstalled, remove the annotation ${hostKeyAnnotation} or correct spec.hostKey`
  }
  return isFinal ? message : `${message} (since ${formatTime(sinceMs)}; tried again)`
}

/** Hands the request on; it is taken off the machine once the host has answered it. */
async function answerRetry(scope: MachineScope, session: BootstrapSession): Promise<void> {
  const text = scope.object.metadata.annotations?.[retryAnnotation]
  if (text === undefined) return
  const request = parseRetry(text)
  if (typeof request === "string") return dropRetry(scope, request)
  const { state, work } = session
  if (work.retryAnswer?.text === text) {
    dropRetry(scope, work.retryAnswer.error)
    await scope.flush()
    // From here on the same words are another request.
    work.retryAnswer = undefined
  } else {
    work.requestRetry(request)
    if (state.kind === "problem") session.wake()
  }
}

function dropRetry(scope: MachineScope, problem: string | undefined): void {
  if (scope.object.metadata.annotations?.[retryAnnotation] === undefined) return
  scope.edit((draft) => {
    delete draft.metadata.annotations?.[retryAnnotation]
  })
  if (problem !== undefined) scope.event("Warning", "RetryRefused", problem)
}
