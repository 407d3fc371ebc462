import { type Cluster, type DevMachine, isControlPlane as isMarked, type Machine } from "#apis"
import type { ClusterFacts, SimulatedMachine } from "../cluster-objects.ts"
import { derivedFraction } from "../deterministic.ts"
import { startedAt } from "./machine-startup.ts"

export const defaultVersion = "v1.34.4"

/** What a Cluster says of its simulation. `seed` is what outlives a move: its CA certificate. */
export function clusterFacts(cluster: Cluster, seed: string, createdAt: string): ClusterFacts {
  const { pods, services } = cluster.spec.clusterNetwork ?? {}
  return {
    name: cluster.metadata.name,
    seed,
    createdAt,
    podCidr: pods?.cidrBlocks?.[0],
    serviceCidr: services?.cidrBlocks?.[0],
  }
}

/** The machine that a DevMachine stands for; its Machine says which version it runs. */
export function machineFacts(
  devMachine: DevMachine,
  machine: Machine | undefined,
): SimulatedMachine {
  const { name, creationTimestamp = "" } = devMachine.metadata
  const createdAt = startedAt(devMachine) ?? creationTimestamp
  return {
    name,
    isControlPlane: isControlPlane(devMachine, machine),
    version: machine?.spec.version ?? defaultVersion,
    providerId: `in-memory:///${name}`,
    address: addressOf(name, createdAt),
    createdAt,
  }
}

export function isControlPlane(devMachine: DevMachine, machine: Machine | undefined): boolean {
  return isMarked(devMachine) || (machine !== undefined && isMarked(machine))
}

/** An address of 10.0.0.0/8 that nobody answers, always the same for a machine. */
function addressOf(name: string, createdAt: string): string {
  const number = Math.floor(derivedFraction("address", name, createdAt) * (2 ** 24 - 2)) + 1
  return `10.${number >>> 16}.${(number >>> 8) & 255}.${number & 255}`
}
