import {
  type Cluster,
  ClusterKind,
  type DevMachine,
  DevMachineKind,
  type Machine,
  MachineKind,
  SecretKind,
} from "#apis"
import { clusterSecretName, label, readClusterKey } from "#contract"
import {
  type Controller,
  defineAccess,
  defineController,
  done,
  mapped,
  type Observation,
  type Observed,
  type Outcome,
  type ReconcileResult,
  referenced,
  type ScopeOf,
  waitFor,
} from "#controller"
import { findCondition, isConditionTrue } from "#meta"
import type { SimulatedOptions } from "./dev-cluster.controller.ts"
import {
  clusterFacts,
  isControlPlaneMachine,
  machineFacts,
  userObjectsOf,
} from "./machine-facts.ts"
import type { SimulatedCluster } from "./simulated-cluster.ts"
import { startupDelayMs } from "./startup-delay.ts"

const access = defineAccess({
  name: "devmachine",
  primary: DevMachineKind,
  reads: [ClusterKind, MachineKind, SecretKind],
})
type DevMachineScope = ScopeOf<typeof access>

const stages = [
  "VMProvisioned",
  "EtcdProvisioned",
  "APIServerProvisioned",
  "NodeProvisioned",
] as const
type Stage = (typeof stages)[number]

const parts = {
  VMProvisioned: "vm",
  EtcdProvisioned: "etcd",
  APIServerProvisioned: "apiServer",
  NodeProvisioned: "node",
} as const

/** Brings a simulated machine up, stage by stage, and its Node with it. */
export function devMachineController(options: SimulatedOptions): Controller {
  const { fleet, directory } = options

  function waitForOwners(scope: DevMachineScope): Outcome {
    const machine = ownerMachine(scope)
    if (!machine) {
      return waitFor("WaitingForMachine", { message: "no Machine owns this DevMachine yet" })
    }
    const cluster = clusterOf(scope, machine)
    if (!cluster) {
      return waitFor("WaitingForCluster", {
        message: `Cluster ${machine.spec.clusterName} is not there`,
      })
    }
    if (!scope.object.spec?.backend.inMemory) {
      return waitFor("BackendNotSupported", {
        message: "only spec.backend.inMemory is simulated here; there are no containers to run",
      })
    }
    if (!cluster.status?.initialization?.infrastructureProvisioned) {
      return waitFor("WaitingForClusterInfrastructureReady", {
        message: `infrastructure of Cluster ${cluster.metadata.name} is not provisioned`,
      })
    }
    if (!machine.spec.bootstrap.dataSecretName) {
      return waitFor("WaitingForBootstrapData", {
        message: `Machine ${machine.metadata.name} has no bootstrap data`,
      })
    }
    return done
  }

  /** Walks through the stages; a stage that takes time is waited for from when the one before was up. */
  async function provision(scope: DevMachineScope): Promise<Outcome> {
    const machine = ownerMachine(scope)
    const cluster = machine && clusterOf(scope, machine)
    if (!machine || !cluster) return waitFor("WaitingForMachine")
    for (const stage of stagesOf(machine)) {
      const remainingMs = remainingMsOf(scope, stage, machine)
      if (remainingMs > 0) {
        return waitFor(`${stage}Starting`, {
          message: `${parts[stage]} comes up in ${Math.ceil(remainingMs / 1000)} s`,
          afterMs: remainingMs,
        })
      }
      if (stage === "NodeProvisioned") {
        const joined = await join(scope, cluster, machine)
        if (joined !== done) return joined
      }
    }
    const { providerId } = machineFacts(scope.object, machine)
    if (scope.object.spec?.providerID !== providerId) {
      scope.edit((draft) => {
        if (draft.spec) draft.spec.providerID = providerId
      })
    }
    return done
  }

  async function join(
    scope: DevMachineScope,
    cluster: Cluster,
    machine: Machine,
  ): Promise<Outcome> {
    const running = await clusterFor(scope, cluster, machine)
    if (!running) {
      return waitFor("WaitingForControlPlane", {
        message: `no control plane machine of Cluster ${cluster.metadata.name} is up`,
        afterMs: isConditionTrue(scope.object, "NodeProvisioned") ? 1_000 : undefined,
      })
    }
    await running.addMachine(machineFacts(scope.object, machine))
    return done
  }

  /** The running cluster; a control plane machine starts it. */
  async function clusterFor(
    scope: DevMachineScope,
    cluster: Cluster,
    machine: Machine,
  ): Promise<SimulatedCluster | undefined> {
    if (!isControlPlaneMachine(machine)) return await fleet.find(cluster.metadata)
    const { host = "127.0.0.1", port = 0 } = cluster.spec.controlPlaneEndpoint ?? {}
    return await fleet.ensure(
      cluster.metadata,
      async () => ({
        facts: clusterFacts(cluster),
        keys: await keysOf(scope, cluster),
        version: machine.spec.version ?? "v1.34.4",
        host,
        port,
        userObjects: userObjectsOf(directory, cluster.metadata),
        clock: scope.clock,
        log: scope.log,
      }),
      () => machinesThatWereUp(scope, cluster),
    )
  }

  async function leave(scope: DevMachineScope): Promise<Outcome> {
    const machine = ownerMachine(scope)
    const clusterName =
      scope.object.metadata.labels?.[label.clusterName] ?? machine?.spec.clusterName
    const { namespace } = scope.object.metadata
    if (clusterName === undefined) return done
    const key = { namespace, name: clusterName }
    const running = await fleet.find(key)
    await running?.removeMachine(machineFacts(scope.object, machine))
    const isLast = !scope
      .read(DevMachineKind)
      .labelled(label.clusterName, clusterName, namespace)
      .some(
        (other) =>
          other.metadata.name !== scope.object.metadata.name && isUpControlPlane(scope, other),
      )
    if (isLast && isControlPlaneMachine(machine)) await fleet.remove(key)
    return done
  }

  return defineController(access, {
    triggers: [
      mapped(MachineKind, (machine) => devMachineOf(machine)),
      mapped(ClusterKind, (cluster, reader) =>
        reader
          .read(DevMachineKind)
          .labelled(label.clusterName, cluster.metadata.name, cluster.metadata.namespace)
          .map(({ metadata: { namespace, name } }) => ({ namespace, name })),
      ),
      mapped(DevMachineKind, (machine, reader) => siblings(machine, reader.read(DevMachineKind))),
      referenced(SecretKind),
    ],
    finalizer: "devmachine.infrastructure.cluster.x-k8s.io",
    conditions: ["Ready", "Paused", ...stages],
    pausedBy: (scope) => {
      const machine = ownerMachine(scope)
      const cluster = machine && clusterOf(scope, machine)
      return cluster?.spec.paused ? `Cluster ${cluster.metadata.name} is paused` : undefined
    },
    reconcile: [waitForOwners, provision],
    teardown: [leave],
    observe: devMachineStatus,
  })

  function devMachineStatus(scope: DevMachineScope, result: ReconcileResult): Observed<DevMachine> {
    const machine = ownerMachine(scope)
    const isUp = result.outcomeOf(provision) === done
    const wasProvisioned = scope.object.status?.initialization?.provisioned === true
    const { address, name } = machineFacts(scope.object, machine)
    const addresses = [
      { type: "Hostname", address: name },
      { type: "InternalIP", address },
      { type: "ExternalIP", address },
    ] as const
    return {
      ...(isUp || wasProvisioned ? { initialization: { provisioned: true }, addresses } : {}),
      conditions: [
        ...stagesOf(machine).map((stage) => stageCondition(scope, stage, { isUp, result })),
        readyCondition(result, isUp),
      ],
    }
  }
}

function stagesOf(machine: Machine | undefined): readonly Stage[] {
  return isControlPlaneMachine(machine) ? stages : ["VMProvisioned", "NodeProvisioned"]
}

function ownerMachine(scope: DevMachineScope): Machine | undefined {
  const { ownerReferences, namespace } = scope.object.metadata
  const owner = ownerReferences?.find(({ kind }) => kind === MachineKind.kind)
  return owner && scope.read(MachineKind).get(namespace, owner.name)
}

function clusterOf(scope: DevMachineScope, machine: Machine): Cluster | undefined {
  return scope.read(ClusterKind).get(machine.metadata.namespace, machine.spec.clusterName)
}

function devMachineOf(
  machine: Machine,
): readonly { namespace: string | undefined; name: string }[] {
  const { kind, name } = machine.spec.infrastructureRef
  return kind === DevMachineKind.kind ? [{ namespace: machine.metadata.namespace, name }] : []
}

/** A control plane that comes up lets the cluster's workers join. */
function siblings(
  changed: DevMachine,
  cache: { labelled(label: string, value: string, namespace?: string): readonly DevMachine[] },
): readonly { namespace: string | undefined; name: string }[] {
  const { namespace, labels, name: own } = changed.metadata
  const cluster = labels?.[label.clusterName]
  if (cluster === undefined || !isConditionTrue(changed, "APIServerProvisioned")) return []
  return cache
    .labelled(label.clusterName, cluster, namespace)
    .map(({ metadata: { name } }) => ({ namespace, name }))
    .filter(({ name }) => name !== own)
}

/** Milliseconds until a stage is up: its delay counts from when the stage before was. */
function remainingMsOf(scope: DevMachineScope, stage: Stage, machine: Machine): number {
  const { object, clock } = scope
  if (isConditionTrue(object, stage)) return 0
  const provisioning = object.spec?.backend.inMemory?.[parts[stage]]?.provisioning
  const delayMs = startupDelayMs(provisioning, `${object.metadata.uid}/${stage}`)
  if (delayMs === 0) return 0
  const order = stagesOf(machine)
  const before = order[order.indexOf(stage) - 1]
  const since = before
    ? findCondition(object, before)?.lastTransitionTime
    : findCondition(object, stage)?.lastTransitionTime
  return since === undefined ? delayMs : Date.parse(since) + delayMs - clock.now()
}

async function keysOf(
  scope: DevMachineScope,
  cluster: Cluster,
): Promise<{ caCertificatePem: string; caPrivateKeyPem: string; serviceAccountKeyPem: string }> {
  const ca = await readClusterKey(scope, cluster, "ca")
  const serviceAccount = await readClusterKey(scope, cluster, "sa")
  if (!ca || !serviceAccount) {
    const missing = clusterSecretName(cluster.metadata.name, ca ? "sa" : "ca")
    throw new Error(`start simulated cluster: Secret ${missing} is not there`)
  }
  return {
    caCertificatePem: ca.certificatePem,
    caPrivateKeyPem: ca.privateKeyPem,
    serviceAccountKeyPem: serviceAccount.privateKeyPem,
  }
}

/** After a restart the cluster comes back with all the machines that it had. */
function machinesThatWereUp(
  scope: DevMachineScope,
  cluster: Cluster,
): ReturnType<typeof machineFacts>[] {
  const { namespace, name } = cluster.metadata
  return scope
    .read(DevMachineKind)
    .labelled(label.clusterName, name, namespace)
    .filter((machine) => isConditionTrue(machine, "NodeProvisioned"))
    .filter((machine) => !machine.metadata.deletionTimestamp)
    .map((devMachine) => machineFacts(devMachine, machineOf(scope, devMachine)))
}

function machineOf(scope: DevMachineScope, devMachine: DevMachine): Machine | undefined {
  const owner = devMachine.metadata.ownerReferences?.find(({ kind }) => kind === MachineKind.kind)
  return owner && scope.read(MachineKind).get(devMachine.metadata.namespace, owner.name)
}

function isUpControlPlane(scope: DevMachineScope, devMachine: DevMachine): boolean {
  return (
    isConditionTrue(devMachine, "APIServerProvisioned") &&
    isControlPlaneMachine(machineOf(scope, devMachine))
  )
}

function stageCondition(
  scope: DevMachineScope,
  stage: Stage,
  { isUp, result }: { readonly isUp: boolean; readonly result: ReconcileResult },
): Observation {
  if (isUp || isConditionTrue(scope.object, stage)) {
    return { type: stage, status: "True", reason: "Provisioned" }
  }
  const machine = ownerMachine(scope)
  const [wait] = result.waits
  const waitedFor = stages.find((candidate) => wait?.reason === `${candidate}Starting`)
  const order = stagesOf(machine)
  const isBehind = waitedFor !== undefined && order.indexOf(stage) < order.indexOf(waitedFor)
  if (isBehind) return { type: stage, status: "True", reason: "Provisioned" }
  const isRunning = wait?.reason === "WaitingForControlPlane" && stage !== "NodeProvisioned"
  if (isRunning) return { type: stage, status: "True", reason: "Provisioned" }
  return {
    type: stage,
    status: "False",
    reason: wait?.reason ?? "NotProvisioned",
    message: wait?.message ?? result.error?.message ?? "",
  }
}

function readyCondition(result: ReconcileResult, isUp: boolean): Observation {
  if (result.deleting) return { type: "Ready", status: "False", reason: "Deleting" }
  if (isUp) return { type: "Ready", status: "True", reason: "Ready" }
  const [wait] = result.waits
  return {
    type: "Ready",
    status: "False",
    reason: wait?.reason ?? "NotReady",
    message: wait?.message ?? result.error?.message ?? "",
  }
}
