import type { Cluster } from "#apis"
import { formatTime } from "#base"
import { clusterSecretName, readClusterKey } from "#contract"
import { done, type Phase, waitFor } from "#controller"
import { isConditionTrue } from "#meta"
import { readCertificate } from "#pki"
import type { SimulatedOptions } from "../simulated-options.ts"
import type {
  ClusterKeys,
  SimulatedCluster,
  SimulatedClusterOptions,
} from "../simulated-cluster.ts"
import { UserObjects } from "../user-objects.ts"
import {
  clusterOf,
  type DevMachineScope,
  isUpControlPlane,
  machinesOf,
  ownerMachine,
} from "./dev-machine-access.ts"
import { clusterFacts, defaultVersion, isControlPlane, machineFacts } from "./machine-facts.ts"

/** Puts the machine's Node into its simulated cluster. */
export function join(options: SimulatedOptions): Phase<DevMachineScope> {
  return async function join(scope) {
    const machine = ownerMachine(scope, scope.object)
    const cluster = machine && clusterOf(scope, machine)
    const running = cluster && (await runningCluster(scope, cluster, options))
    if (!running) {
      return waitFor("WaitingForControlPlane", {
        message: `no control plane machine of Cluster ${machine?.spec.clusterName} is up`,
      })
    }
    await running.addMachine(machineFacts(scope.object, machine))
    return done
  }
}

/**
 * The cluster, which starts with its first control plane machine; after a restart with any machine.
 */
async function runningCluster(
  scope: DevMachineScope,
  cluster: Cluster,
  { fleet, directory }: SimulatedOptions,
): Promise<SimulatedCluster | undefined> {
  const key = cluster.metadata
  const running = await fleet.find(key)
  if (running) return running
  const controlPlane = [scope.object, ...machinesOf(scope, key)].find((candidate) =>
    candidate === scope.object
      ? isControlPlane(candidate, ownerMachine(scope, candidate))
      : isUpControlPlane(scope, candidate),
  )
  if (!controlPlane) return undefined
  const version = ownerMachine(scope, controlPlane)?.spec.version ?? defaultVersion
  return await fleet.ensure(
    key,
    () => startOptions(scope, cluster, { version, userObjects: new UserObjects(directory, key) }),
    () =>
      machinesOf(scope, key)
        .filter((machine) => isConditionTrue(machine, "NodeProvisioned"))
        .map((machine) => machineFacts(machine, ownerMachine(scope, machine))),
  )
}

async function startOptions(
  scope: DevMachineScope,
  cluster: Cluster,
  given: Pick<SimulatedClusterOptions, "version" | "userObjects">,
): Promise<SimulatedClusterOptions> {
  const keys = await keysOf(scope, cluster)
  const { notBeforeMs } = readCertificate(keys.caCertificatePem)
  const { host = "127.0.0.1", port = 0 } = cluster.spec.controlPlaneEndpoint ?? {}
  const facts = clusterFacts(cluster, keys.caCertificatePem, formatTime(notBeforeMs))
  return { ...given, facts, keys, host, port, clock: scope.clock, log: scope.log }
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
