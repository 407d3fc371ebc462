import {
  type Cluster,
  ClusterKind,
  type DevMachine,
  DevMachineKind,
  type Machine,
  MachineKind,
  SecretKind,
} from "#apis"
import { formatTime } from "#base"
import { clusterSecretName, label, pausedByCluster, readClusterKey } from "#contract"
import {
  type Controller,
  defineAccess,
  defineController,
  done,
  mapped,
  type Outcome,
  referenced,
  type ScopeOf,
  waitFor,
} from "#controller"
import { isConditionTrue, type ObjectKey } from "#meta"
import { readCertificate } from "#pki"
import type { SimulatedOptions } from "./dev-cluster.controller.ts"
import { devMachineStatus } from "./dev-machine-status.ts"
import { clusterFacts, defaultVersion, isControlPlane, machineFacts } from "./machine-facts.ts"
import { startedAt, startedAtAnnotation, startupOf } from "./machine-startup.ts"
import type { ClusterKeys, SimulatedCluster } from "./simulated-cluster.ts"
import { UserObjects } from "./user-objects.ts"

const access = defineAccess({
  name: "devmachine",
  primary: DevMachineKind,
  reads: [ClusterKind, MachineKind, SecretKind],
})
export type DevMachineScope = ScopeOf<typeof access>

/** Brings a simulated machine up, part by part, and its Node with it. */
export function devMachineController(options: SimulatedOptions): Controller {
  const { fleet, directory } = options

  function waitForOwners(scope: DevMachineScope): Outcome {
    const machine = ownerMachine(scope, scope.object)
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

  /** From here on the time of the parts counts. The annotation outlives restarts and moves. */
  async function begin(scope: DevMachineScope): Promise<Outcome> {
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

  function comeUp(scope: DevMachineScope): Outcome {
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

  async function join(scope: DevMachineScope): Promise<Outcome> {
    const machine = ownerMachine(scope, scope.object)
    const cluster = machine && clusterOf(scope, machine)
    const running = cluster && (await runningCluster(scope, cluster))
    if (!running) {
      return waitFor("WaitingForControlPlane", {
        message: `no control plane machine of Cluster ${machine?.spec.clusterName} is up`,
      })
    }
    await running.addMachine(machineFacts(scope.object, machine))
    return done
  }

  /**
   * The cluster, which starts with its first control plane machine; after a restart with any
   * machine.
   */
  async function runningCluster(
    scope: DevMachineScope,
    cluster: Cluster,
  ): Promise<SimulatedCluster | undefined> {
    const key = cluster.metadata
    const running = await fleet.find(key)
    if (running) return running
    const controlPlane = [scope.object, ...machinesOf(scope, cluster)].find((candidate) =>
      candidate === scope.object
        ? isControlPlane(candidate, ownerMachine(scope, candidate))
        : isUpControlPlane(scope, candidate),
    )
    if (!controlPlane) return undefined
    const { host = "127.0.0.1", port = 0 } = cluster.spec.controlPlaneEndpoint ?? {}
    return await fleet.ensure(
      key,
      async () => {
        const keys = await keysOf(scope, cluster)
        const { notBeforeMs } = readCertificate(keys.caCertificatePem)
        return {
          facts: clusterFacts(cluster, keys.caCertificatePem, formatTime(notBeforeMs)),
          keys,
          version: ownerMachine(scope, controlPlane)?.spec.version ?? defaultVersion,
          host,
          port,
          userObjects: new UserObjects(directory, key),
          clock: scope.clock,
          log: scope.log,
        }
      },
      () =>
        machinesOf(scope, cluster)
          .filter((machine) => isConditionTrue(machine, "NodeProvisioned"))
          .map((machine) => machineFacts(machine, ownerMachine(scope, machine))),
    )
  }

  async function leave(scope: DevMachineScope): Promise<Outcome> {
    const { namespace, labels } = scope.object.metadata
    const machine = ownerMachine(scope, scope.object)
    const name = labels?.[label.clusterName] ?? machine?.spec.clusterName
    if (name === undefined) return done
    const running = await fleet.find({ namespace, name })
    await running?.removeMachine(machineFacts(scope.object, machine))
    if (!isControlPlane(scope.object, machine)) return done
    const cluster = { metadata: { namespace, name } }
    const others = machinesOf(scope, cluster).filter((other) => isUpControlPlane(scope, other))
    if (others.length === 0) await fleet.remove({ namespace, name })
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
    conditions: [
      "Ready",
      "Paused",
      "VMProvisioned",
      "EtcdProvisioned",
      "APIServerProvisioned",
      "NodeProvisioned",
    ],
    pausedBy: (scope) => {
      const machine = ownerMachine(scope, scope.object)
      return machine && pausedByCluster(clusterOf(scope, machine))
    },
    reconcile: [waitForOwners, begin, comeUp, join],
    teardown: [leave],
    observe: (scope, result) =>
      devMachineStatus({
        object: scope.object,
        machine: ownerMachine(scope, scope.object),
        nowMs: scope.clock.now(),
        isUp: result.outcomeOf(join) === done,
        result,
      }),
  })
}

function ownerMachine(scope: DevMachineScope, devMachine: DevMachine): Machine | undefined {
  const { ownerReferences, namespace } = devMachine.metadata
  const owner = ownerReferences?.find(({ kind }) => kind === MachineKind.kind)
  return owner && scope.read(MachineKind).get(namespace, owner.name)
}

function clusterOf(scope: DevMachineScope, machine: Machine): Cluster | undefined {
  return scope.read(ClusterKind).get(machine.metadata.namespace, machine.spec.clusterName)
}

/** The machines of a cluster that are to stay. */
function machinesOf(
  scope: DevMachineScope,
  { metadata: { namespace, name } }: { readonly metadata: ObjectKey },
): readonly DevMachine[] {
  return scope
    .read(DevMachineKind)
    .labelled(label.clusterName, name, namespace)
    .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
}

function isUpControlPlane(scope: DevMachineScope, devMachine: DevMachine): boolean {
  return (
    isConditionTrue(devMachine, "APIServerProvisioned") &&
    isControlPlane(devMachine, ownerMachine(scope, devMachine))
  )
}

function devMachineOf(machine: Machine): readonly ObjectKey[] {
  const { kind, name } = machine.spec.infrastructureRef
  return kind === DevMachineKind.kind ? [{ namespace: machine.metadata.namespace, name }] : []
}

/** A control plane that is up lets the cluster's workers join. */
function siblings(
  changed: DevMachine,
  cache: { labelled(label: string, value: string, namespace?: string): readonly DevMachine[] },
): readonly ObjectKey[] {
  const { namespace, labels, name: own } = changed.metadata
  const cluster = labels?.[label.clusterName]
  if (cluster === undefined || !isConditionTrue(changed, "APIServerProvisioned")) return []
  return cache
    .labelled(label.clusterName, cluster, namespace)
    .filter((machine) => machine.metadata.name !== own && !isConditionTrue(machine, "Ready"))
    .map(({ metadata: { name } }) => ({ namespace, name }))
}

async function keysOf(scope: DevMachineScope, cluster: Cluster): Promise<ClusterKeys> {
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
