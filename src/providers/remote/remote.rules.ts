import {
  claimAnnotation,
  type PooledRemoteMachine,
  PooledRemoteMachineKind,
  type RemoteMachine,
  RemoteMachineKind,
  retryAnnotation,
} from "#apis"
import type { AdmissionInput, Findings, KindRules } from "#meta"
import { type FieldError, forbiddenError, invalidError } from "#schema"

import { forceReleaseAnnotation } from "./annotations.ts"
import { parseRetry } from "./retry-request.ts"

const noFindings: Findings = { errors: [], warnings: [] }

const pooledRules: KindRules<PooledRemoteMachine> = {
  kind: PooledRemoteMachineKind,
  validate: ({ operation, object, old }) => {
    const before = operation === "DELETE" ? object : old
    if (before?.status?.reserved !== true) return noFindings
    const { name } = before.status.machineRef
    if (operation === "DELETE") {
      const detail = `RemoteMachine ${name} has the host; delete that first, or give the host up with the annotation ${forceReleaseAnnotation}=true once the machine is gone`
      return { errors: [forbiddenError("status.reserved", detail)], warnings: [] }
    }
    return { errors: changedHost(object, before), warnings: [] }
  },
}

/** The machine that has the host would be cut off from it, or another host taken for it. */
function changedHost(object: PooledRemoteMachine, old: PooledRemoteMachine): FieldError[] {
  const detail = `cannot be changed while RemoteMachine ${old.status?.machineRef.name} has the host`
  const before = old.spec
  const after = object.spec
  return [
    ...(after?.pool === before?.pool ? [] : [forbiddenError("spec.pool", detail)]),
    ...(after?.machine.address === before?.machine.address
      ? []
      : [forbiddenError("spec.machine.address", detail)]),
    ...((after?.machine.port ?? 22) === (before?.machine.port ?? 22)
      ? []
      : [forbiddenError("spec.machine.port", detail)]),
  ]
}

const machineRules: KindRules<RemoteMachine> = {
  kind: RemoteMachineKind,
  validate: (input) => (input.operation === "DELETE" ? noFindings : judgeMachine(input)),
}

function judgeMachine({ object, old }: AdmissionInput<RemoteMachine>): Findings {
  const { annotations = {} } = object.metadata
  const errors: FieldError[] = []
  const retry = annotations[retryAnnotation]
  if (retry !== undefined && retry !== old?.metadata.annotations?.[retryAnnotation]) {
    const request = parseRetry(retry)
    if (typeof request === "string") {
      errors.push(invalidError(`metadata.annotations[${retryAnnotation}]`, retry, request))
    }
  }
  const claim = old?.metadata.annotations?.[claimAnnotation]
  if (claim !== undefined && annotations[claimAnnotation] !== claim) {
    const detail = "is what the host is held by, and stays"
    errors.push(forbiddenError(`metadata.annotations[${claimAnnotation}]`, detail))
  }
  return { errors, warnings: [] }
}

/** What the API server refuses of this provider's kinds. */
export const remoteRules: readonly KindRules[] = [pooledRules, machineRules] as never
