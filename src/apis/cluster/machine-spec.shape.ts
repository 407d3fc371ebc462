import { s, type TypeOf } from "#schema"
import { conditionGates } from "./gate.shape.ts"
import { templateMetadata } from "./metadata.shape.ts"
import { contractRef } from "./reference.shape.ts"

export const clusterName = s.string("Cluster that the object belongs to.", {
  minLength: 1,
  maxLength: 63,
})

export const kubernetesVersion = s.string("Kubernetes version, with a leading v.", {
  minLength: 1,
  maxLength: 256,
})

export const providerId = s.string("Identity of the machine at its provider, as its Node has it.", {
  minLength: 1,
  maxLength: 512,
})

export const failureDomainName = s.string("Failure domain that the machine is placed in.", {
  minLength: 1,
  maxLength: 256,
})

export const minReadySeconds = s.int32(
  "Seconds that a Machine must be ready before it counts as available.",
  { minimum: 0 },
)

const seconds = (description: string) => s.optional(s.int32(description, { minimum: 0 }))

/** The three patience limits of a Machine's deletion; 0 waits for ever. */
export const deletionTimeouts = {
  nodeDrainTimeoutSeconds: seconds("How long draining the Node may take."),
  nodeVolumeDetachTimeoutSeconds: seconds("How long to wait for volumes to be detached."),
  nodeDeletionTimeoutSeconds: seconds("How long to try to delete the Node."),
}

export const machineDeletion = s.object("How Machines are deleted.", deletionTimeouts, {
  minProperties: 1,
})

const machineTaint = s.object("One taint.", {
  key: s.string("Taint key.", {
    minLength: 1,
    maxLength: 317,
    pattern: String.raw`^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\/)?([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$`,
  }),
  value: s.optional(
    s.string("Taint value.", {
      minLength: 1,
      maxLength: 63,
      pattern: "^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$",
    }),
  ),
  effect: s.enum("What happens to pods that do not tolerate it.", [
    "NoSchedule",
    "PreferNoSchedule",
    "NoExecute",
  ]),
  propagation: s.enum("Whether the taint is kept on the Node or set only once.", [
    "Always",
    "OnInitialization",
  ]),
})

export const machineTaints = s.list("Taints that the Machine's Node gets.", machineTaint, {
  minItems: 1,
  maxItems: 64,
  key: ["key", "effect"],
})

export const machineSpec = s.object("Desired state of a Machine.", {
  clusterName,
  bootstrap: s.object("Where the data that makes the machine a node comes from.", {
    configRef: s.optional(contractRef("Bootstrap configuration that produces the data.")),
    dataSecretName: s.optional(
      s.string("Secret that holds the data.", { minLength: 0, maxLength: 253 }),
    ),
  }),
  infrastructureRef: contractRef("Infrastructure object that stands for the machine."),
  version: s.optional(kubernetesVersion),
  providerID: s.optional(providerId),
  failureDomain: s.optional(failureDomainName),
  minReadySeconds: s.optional(minReadySeconds),
  readinessGates: s.optional(conditionGates("Further conditions that Ready takes in.")),
  deletion: s.optional(machineDeletion),
  taints: s.optional(machineTaints),
})

export const machineTemplate = s.object("What Machines are made from.", {
  metadata: s.optional(templateMetadata("Labels and annotations of the Machines.")),
  spec: machineSpec,
})

export type MachineSpec = TypeOf<typeof machineSpec>
export type MachineTemplate = TypeOf<typeof machineTemplate>
