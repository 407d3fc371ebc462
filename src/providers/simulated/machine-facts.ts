import type { Cluster, DevMachine, Machine } from "#apis"
import { label } from "#contract"
import type { ObjectKey } from "#meta"
import type { ClusterFacts, SimulatedMachine } from "./cluster-objects.ts"
import { derivedFraction } from "./deterministic.ts"
import { UserObjects } from "./user-objects.ts"

const defaultVersion = "v1.34.4"

/** What a Cluster says of its simulation. */
export function clusterFacts(cluster: Cluster): ClusterFacts {
  const { name, uid = "", creationTimestamp = "" } = cluster.metadata
  const { pods, services } = cluster.spec.clusterNetwork ?? {}
  return {
    name,
    uid,
    createdAt: creationTimestamp,
    podCidr: pods?.cidrBlocks?.[0],
    serviceCidr: services?.cidrBlocks?.[0],
  }
}

/** The machine that a DevMachine stands for; its Machine says which version it runs. */
export function machineFacts(
  devMachine: DevMachine,
  machine: Machine | undefined,
): SimulatedMachine {
  const { name, uid = "", creationTimestamp = "", labels = {} } = devMachine.metadata
  return {
    name,
    uid,
    isControlPlane: label.controlPlane in labels || isControlPlaneMachine(machine),
    version: machine?.spec.version ?? defaultVersion,
    providerId: `in-memory:///${name}`,
    address: addressOf(uid),
    createdAt: creationTimestamp,
  }
}

export function isControlPlaneMachine(machine: Machine | undefined): boolean {
  return label.controlPlane in (machine?.metadata.labels ?? {})
}

/** An address of 10.0.0.0/8 that nobody answers, always the same for a machine. */
function addressOf(uid: string): string {
  const number = Math.floor(derivedFraction("address", uid) * (2 ** 24 - 2)) + 1
  return `10.${number >>> 16}.${(number >>> 8) & 255}.${number & 255}`
}

export function userObjectsOf(directory: string, key: ObjectKey): UserObjects {
  return new UserObjects(directory, key.namespace ?? "", key.name)
}
