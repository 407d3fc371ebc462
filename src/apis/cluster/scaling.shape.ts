import { s } from "#schema"
import { kubernetesVersion } from "./machine-spec.shape.ts"

export const deletionOrder = s.enum("Which Machines go first when there are too many.", [
  "Random",
  "Newest",
  "Oldest",
])

export const deletion = s.object(
  "How Machines are chosen for deletion.",
  { order: s.optional(deletionOrder) },
  { minProperties: 1 },
)

export const machineNaming = s.object(
  "How Machines are named.",
  {
    template: s.optional(
      s.string("Go template of the names; it must use `.random`.", {
        minLength: 1,
        maxLength: 256,
      }),
    ),
  },
  { minProperties: 1 },
)

/** The two bounds of a rolling update. */
export const rollingUpdateFields = {
  maxSurge: s.optional(
    s.intOrString("Machines above the desired number, as a number or a percentage."),
  ),
  maxUnavailable: s.optional(
    s.intOrString("Machines that may be unavailable, as a number or a percentage."),
  ),
}

const rolloutStrategy = s.object(
  "How Machines are replaced when the template changes.",
  {
    type: s.enum("RollingUpdate replaces them; OnDelete waits until they are deleted.", [
      "RollingUpdate",
      "OnDelete",
    ]),
    rollingUpdate: s.optional(
      s.object("Bounds of a rolling update.", rollingUpdateFields, { minProperties: 1 }),
    ),
  },
  { minProperties: 1 },
)

export const rolloutAfter = s.time("Machines that are older are replaced, from this time on.")

export const rollout = s.object(
  "When and how Machines are replaced.",
  { after: s.optional(rolloutAfter), strategy: s.optional(rolloutStrategy) },
  { minProperties: 1 },
)

export const maxInFlight = s.intOrString(
  "Machines that may be remediated at once, as a number or a percentage.",
)

const versionCount = s.object("How many replicas run one version.", {
  version: kubernetesVersion,
  replicas: s.optional(s.int32("How many.", { minimum: 1 })),
})

/** `status.versions` of an owner of Machines. */
export const machineVersions = s.list("Versions that the Machines run.", versionCount, {
  minItems: 1,
  maxItems: 100,
  key: ["version"],
})

/** `versions` in a Cluster's summary of its Machines. */
export const summaryVersions = s.list("Versions that the Machines run.", versionCount, {
  minItems: 1,
  maxItems: 32,
})

/** The counters that every owner of Machines reports. */
export const replicaCounters = {
  replicas: s.optional(s.int32("Machines that there are.")),
  readyReplicas: s.optional(s.int32("Machines that are ready.")),
  availableReplicas: s.optional(s.int32("Machines that are available.")),
  upToDateReplicas: s.optional(s.int32("Machines that match the template.")),
}

/** `status`, and `scale` by the number of Machines. */
export const scaledSubresources = {
  status: true,
  scale: {
    specReplicasPath: ".spec.replicas",
    statusReplicasPath: ".status.replicas",
    labelSelectorPath: ".status.selector",
  },
} as const

export const scaleSelector = s.string("Label selector of the Machines, for the autoscaler.", {
  minLength: 1,
  maxLength: 4096,
})
