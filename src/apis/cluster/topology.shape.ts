import { s } from "#schema"
import { conditionGates } from "./gate.shape.ts"
import { controlPlaneHealthCheck, workerHealthCheck } from "./health-check.shape.ts"
import {
  deletionTimeouts,
  failureDomainName,
  kubernetesVersion,
  machineDeletion,
  machineTaints,
  minReadySeconds,
} from "./machine-spec.shape.ts"
import { templateMetadata } from "./metadata.shape.ts"
import { dnsSubdomainPattern, objectName } from "./reference.shape.ts"
import { deletionOrder, rollout, rolloutAfter } from "./scaling.shape.ts"

function variableList(description: string) {
  return s.list(
    description,
    s.object("Value of one variable.", {
      name: s.string("Name of the variable.", { minLength: 1, maxLength: 256 }),
      value: s.any("Value, of the type that the class declares."),
    }),
    { minItems: 1, maxItems: 1000, key: ["name"] },
  )
}

const overrides = s.object(
  "Variables that differ here from the rest of the cluster.",
  { overrides: s.optional(variableList("Values that take precedence here.")) },
  { minProperties: 1 },
)

const className = s.string("Class of the workers, as the ClusterClass names it.", {
  minLength: 1,
  maxLength: 256,
})

const topologyName = s.string("Name within the topology.", {
  minLength: 1,
  maxLength: 63,
  pattern: dnsSubdomainPattern,
})

const metadata = templateMetadata("Labels and annotations of the generated objects.")

const replicas = s.int32("How many Machines; absent when an autoscaler decides.")

const controlPlane = s.object(
  "The control plane.",
  {
    metadata: s.optional(metadata),
    replicas: s.optional(replicas),
    rollout: s.optional(
      s.object(
        "When control plane Machines are replaced.",
        { after: s.optional(rolloutAfter) },
        { minProperties: 1 },
      ),
    ),
    taints: s.optional(machineTaints),
    healthCheck: s.optional(controlPlaneHealthCheck),
    deletion: s.optional(machineDeletion),
    readinessGates: s.optional(
      conditionGates("Further conditions that a Machine's Ready takes in."),
    ),
    variables: s.optional(overrides),
  },
  { minProperties: 1 },
)

const machineDeployments = s.list(
  "MachineDeployments of the cluster.",
  s.object("One MachineDeployment.", {
    name: topologyName,
    class: className,
    metadata: s.optional(metadata),
    replicas: s.optional(replicas),
    failureDomain: s.optional(failureDomainName),
    minReadySeconds: s.optional(minReadySeconds),
    readinessGates: s.optional(
      conditionGates("Further conditions that a Machine's Ready takes in."),
    ),
    taints: s.optional(machineTaints),
    rollout: s.optional(rollout),
    deletion: s.optional(
      s.object(
        "How Machines are deleted.",
        { order: s.optional(deletionOrder), ...deletionTimeouts },
        { minProperties: 1 },
      ),
    ),
    healthCheck: s.optional(workerHealthCheck),
    variables: s.optional(overrides),
  }),
  { minItems: 1, maxItems: 2000, key: ["name"] },
)

const machinePools = s.list(
  "MachinePools of the cluster.",
  s.object("One MachinePool.", {
    name: topologyName,
    class: className,
    metadata: s.optional(metadata),
    replicas: s.optional(replicas),
    failureDomains: s.optional(
      s.list("Failure domains that the pool spans.", failureDomainName, {
        minItems: 1,
        maxItems: 100,
      }),
    ),
    minReadySeconds: s.optional(minReadySeconds),
    taints: s.optional(machineTaints),
    deletion: s.optional(machineDeletion),
    variables: s.optional(overrides),
  }),
  { minItems: 1, maxItems: 2000, key: ["name"] },
)

/** A cluster described through a ClusterClass. */
export const topology = s.object("The cluster as an instance of a ClusterClass.", {
  classRef: s.object("The ClusterClass.", {
    name: objectName,
    namespace: s.optional(
      s.string("Its namespace; the Cluster's own when absent.", {
        minLength: 1,
        maxLength: 63,
        pattern: "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$",
      }),
    ),
  }),
  version: kubernetesVersion,
  controlPlane: s.optional(controlPlane),
  workers: s.optional(
    s.object(
      "The workers.",
      {
        machineDeployments: s.optional(machineDeployments),
        machinePools: s.optional(machinePools),
      },
      { minProperties: 1 },
    ),
  ),
  variables: s.optional(variableList("Values of the class's variables.")),
})
