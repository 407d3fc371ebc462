import type { Machine, MachineStatus, Node } from "#apis"
import { formatTime, messageOf } from "#base"
import type { Observation, Observed, ReconcileResult } from "#controller"
import { findNodeByProviderId, type WorkloadClusters } from "#workload"
import { clusterOf } from "../cluster-of.ts"
import { deletingCondition } from "../deleting-condition.ts"
import { externalCondition } from "../external-condition.ts"
import { type ExternalLook, lookExternal } from "../external-object.ts"
import { templateDifferences } from "../template-comparison.ts"
import type { MachineScope } from "./machine-access.ts"
import { deploymentOf, machineSetOf } from "./machine-owners.ts"
import { nodeConditions } from "./node-conditions.ts"
import { availableCondition, readyCondition } from "./ready-condition.ts"

/** The condition types that the Machine controller owns. */
export const machineConditionTypes = [
  "Available",
  "Ready",
  "UpToDate",
  "BootstrapConfigReady",
  "InfrastructureReady",
  "NodeReady",
  "NodeHealthy",
  "Updating",
  "Deleting",
  "Paused",
]

const deletionStarted = { reason: "Deleting", message: "Deletion started" }

type ObserveMachine = (scope: MachineScope, result: ReconcileResult) => Promise<Observed<Machine>>

export function observeMachine(workloads: WorkloadClusters): ObserveMachine {
  return async (scope, result) => {
    const machine = scope.object
    const { bootstrap, infrastructureRef } = machine.spec
    const config = bootstrap.configRef && (await lookExternal(scope, bootstrap.configRef))
    const infrastructure = await lookExternal(scope, infrastructureRef)
    const nowMs = scope.clock.now()
    const conditions: Observation[] = [
      bootstrapCondition(machine, config),
      infrastructureCondition(machine, infrastructure),
      ...nodeConditions({
        cluster: clusterOf(scope),
        machine,
        ...nodeSight(workloads, machine),
        nowMs,
      }),
      deletingCondition(machine, result, deletionStarted),
      { type: "Updating", status: "False", reason: "NotUpdating" },
      ...upToDateCondition(scope),
    ]
    const ready = readyCondition(machine, conditions, nowMs)
    conditions.push(ready, availableCondition(machine, ready, nowMs))
    return { ...statusFields(machine, nowMs), conditions }
  }
}

/** What earlier phases and passes found out, with phase and time of its last change. */
function statusFields(machine: Machine, nowMs: number): Omit<MachineStatus, "conditions"> {
  const { conditions: _, observedGeneration: _generation, ...kept } = machine.status ?? {}
  const phase = phaseOf(machine)
  const isSame = phase === machine.status?.phase && machine.status.lastUpdated !== undefined
  return { ...kept, phase, ...(isSame ? {} : { lastUpdated: formatTime(nowMs) }) }
}

/** The furthest that the Machine has come. */
export function phaseOf(machine: Machine): NonNullable<MachineStatus["phase"]> {
  const { initialization, nodeRef } = machine.status ?? {}
  if (machine.metadata.deletionTimestamp !== undefined) return "Deleting"
  if (nodeRef && initialization?.infrastructureProvisioned) return "Running"
  if (machine.spec.providerID !== undefined) return "Provisioned"
  const isBootstrapped = initialization?.bootstrapDataSecretCreated === true
  if (isBootstrapped && !initialization.infrastructureProvisioned) return "Provisioning"
  return machine.status?.phase ?? "Pending"
}

function bootstrapCondition(machine: Machine, look: ExternalLook | undefined): Observation {
  const type = "BootstrapConfigReady"
  const { configRef } = machine.spec.bootstrap
  if (!configRef || !look) return { type, status: "True", reason: "DataSecretProvided" }
  return externalCondition({
    type,
    sourceType: "Ready",
    reference: configRef,
    look,
    wasProvided: machine.status?.initialization?.bootstrapDataSecretCreated === true,
    field: "status.initialization.dataSecretCreated",
    isDeleting: machine.metadata.deletionTimestamp !== undefined,
    subject: "Machine",
  })
}

function infrastructureCondition(machine: Machine, look: ExternalLook): Observation {
  return externalCondition({
    type: "InfrastructureReady",
    sourceType: "Ready",
    reference: machine.spec.infrastructureRef,
    look,
    wasProvided: machine.status?.initialization?.infrastructureProvisioned === true,
    field: "status.initialization.provisioned",
    isDeleting: machine.metadata.deletionTimestamp !== undefined,
    subject: "Machine",
  })
}

interface Seen {
  readonly isConnected: boolean
  readonly lastProbeMs: number | undefined
  readonly silentSinceMs: number
  readonly node: Node | undefined
  readonly problem: string | undefined
}

function nodeSight(workloads: WorkloadClusters, machine: Machine): Seen {
  const { namespace } = machine.metadata
  const { providerID, clusterName } = machine.spec
  const workload = workloads.cluster({ namespace, name: clusterName })
  const { state, lastProbeMs, silentSinceMs } = workload
  if (state.kind === "disconnected") {
    return { isConnected: false, lastProbeMs, silentSinceMs, node: undefined, problem: undefined }
  }
  const seen = { isConnected: true, lastProbeMs, silentSinceMs }
  try {
    const node =
      providerID === undefined ? undefined : findNodeByProviderId(state.nodes, providerID)
    return { ...seen, node, problem: undefined }
  } catch (error) {
    return { ...seen, node: undefined, problem: messageOf(error) }
  }
}

/** Only for Machines of a MachineDeployment: who owns others says it himself. */
function upToDateCondition(scope: MachineScope): readonly Observation[] {
  const machine = scope.object
  const machineSet = machineSetOf(scope)
  const deployment = deploymentOf(scope)
  if (!machineSet || !deployment) return []
  const type = "UpToDate"
  const differences = [...templateDifferences(machineSet.spec.template, deployment.spec.template)]
  const { after } = deployment.spec.rollout ?? {}
  const { creationTimestamp = "" } = machineSet.metadata
  if (
    after !== undefined &&
    Date.parse(after) <= scope.clock.now() &&
    Date.parse(creationTimestamp) < Date.parse(after)
  ) {
    differences.push("MachineDeployment spec.rollout.after expired")
  }
  if (differences.length > 0) {
    const message = differences.map((difference) => `* ${difference}`).join("\n")
    return [{ type, status: "False", reason: "NotUpToDate", message }]
  }
  const kubelet = machine.status?.nodeInfo?.kubeletVersion
  const { version } = machine.spec
  if (kubelet && version !== undefined && kubelet !== version) {
    const message = `* Node.status.nodeInfo.kubeletVersion ${kubelet}, ${version} required`
    return [{ type, status: "False", reason: "Updating", message }]
  }
  return [{ type, status: "True", reason: "UpToDate" }]
}
