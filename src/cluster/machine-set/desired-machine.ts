import { finalizer, label, type Machine, type MachineSet, MachineSetKind } from "#apis"
import type { Manifest } from "#client"
import { clonedKind, ownerReference } from "#contract"
import type { WantedFields } from "../own-fields.ts"
import { nodeDeletionTimeoutSeconds } from "../rules/machine-defaults.ts"
import { setNameValue } from "../stable-hash.ts"

/** What changes on Machines, and on what they refer to, without replacing them. */
export function wantedOfMachine(machineSet: MachineSet, machine: Machine): WantedFields {
  const { spec } = machineSet.spec.template
  return {
    ...wantedOfClone(machineSet, machine),
    spec: {
      minReadySeconds: spec.minReadySeconds,
      readinessGates: spec.readinessGates,
      deletion: {
        nodeDrainTimeoutSeconds: spec.deletion?.nodeDrainTimeoutSeconds,
        nodeVolumeDetachTimeoutSeconds: spec.deletion?.nodeVolumeDetachTimeoutSeconds,
        nodeDeletionTimeoutSeconds:
          spec.deletion?.nodeDeletionTimeoutSeconds ?? nodeDeletionTimeoutSeconds,
      },
    },
  }
}

/** Labels and annotations of a Machine's bootstrap config and infrastructure. */
export function wantedOfClone(
  machineSet: MachineSet,
  machine: Machine | undefined,
): Pick<WantedFields, "labels" | "annotations"> {
  const deployment = machineSet.metadata.labels?.[label.deploymentName]
  const { metadata } = machineSet.spec.template
  return {
    labels: {
      ...metadata?.labels,
      [label.setName]:
        machine?.metadata.labels?.[label.setName] ?? setNameValue(machineSet.metadata.name),
      [label.clusterName]: machineSet.spec.clusterName,
      ...(deployment === undefined ? {} : { [label.deploymentName]: deployment }),
    },
    annotations: metadata?.annotations ?? {},
  }
}

/** A new Machine of the set; what it refers to gets its name. */
export function newMachine(machineSet: MachineSet, name: string): Manifest<Machine> {
  const { template } = machineSet.spec
  const { bootstrap, infrastructureRef } = template.spec
  const { labels, annotations } = wantedOfClone(machineSet, undefined)
  const { configRef } = bootstrap
  return {
    metadata: {
      name,
      namespace: machineSet.metadata.namespace,
      labels,
      annotations,
      finalizers: [finalizer.machine],
      ownerReferences: [ownerReference(MachineSetKind, machineSet, { controller: true })],
    },
    spec: {
      ...template.spec,
      bootstrap: configRef
        ? { configRef: { ...configRef, kind: clonedKind(configRef.kind), name } }
        : bootstrap,
      infrastructureRef: {
        ...infrastructureRef,
        kind: clonedKind(infrastructureRef.kind),
        name,
      },
    },
  }
}
