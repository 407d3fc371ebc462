import { s } from "#schema"
import { conditions } from "./condition.shape.ts"
import {
  machineConditionFields,
  nodeConditionFields,
  unhealthyRange,
} from "./health-check.shape.ts"
import { deletionOrder, maxInFlight, rollingUpdateFields } from "./scaling.shape.ts"

/** A span of time as Go writes it. */
export const goDuration = s.string("Duration such as `10m0s`.")

/** `corev1.ObjectReference`. */
export const objectReference = s.object(
  "Another object.",
  {
    apiVersion: s.optional(s.string("Its API group and version.")),
    kind: s.optional(s.string("Its kind.")),
    namespace: s.optional(s.string("Its namespace; always that of the object itself.")),
    name: s.optional(s.string("Its name.")),
    uid: s.optional(s.string("Accepted and not used.")),
    resourceVersion: s.optional(s.string("Accepted and not used.")),
    fieldPath: s.optional(s.string("Accepted and not used.")),
  },
  { atomic: true },
)

/** The three patience limits of a Machine's deletion. */
export const deletionTimeoutSchemas = {
  nodeDrainTimeout: goDuration,
  nodeVolumeDetachTimeout: goDuration,
  nodeDeletionTimeout: goDuration,
}

/** `status.v1beta2` of kinds that show only conditions there. */
export const futureConditions = s.object("What v1beta2 reports.", {
  conditions: s.optional(conditions),
})

/** `status.v1beta2` of MachineSets and MachineDeployments. */
export const futureReplicas = s.object("What v1beta2 reports.", {
  conditions: s.optional(conditions),
  readyReplicas: s.optional(s.int32("Machines that are ready.")),
  availableReplicas: s.optional(s.int32("Machines that are available.")),
  upToDateReplicas: s.optional(s.int32("Machines that match the template.")),
})

/** How Machines are replaced, with what v1beta2 keeps elsewhere. */
export const strategy = s.object("How Machines are replaced.", {
  type: s.optional(
    s.enum("RollingUpdate replaces them; OnDelete waits until they are deleted.", [
      "RollingUpdate",
      "OnDelete",
    ]),
  ),
  rollingUpdate: s.optional(
    s.object("Bounds of a rolling update.", {
      ...rollingUpdateFields,
      deletePolicy: s.optional(deletionOrder),
    }),
  ),
  remediation: s.optional(
    s.object("How unhealthy Machines are replaced.", { maxInFlight: s.optional(maxInFlight) }),
  ),
})

/** The health check of a topology's control plane or MachineDeployment. */
export const machineHealthCheck = s.object("How the health of Machines is judged.", {
  enable: s.optional(s.boolean("Whether Machines are checked; overrides the class.")),
  unhealthyConditions: s.optional(
    s.list(
      "Conditions of the Node that make its Machine unhealthy.",
      s.object("One condition.", { ...nodeConditionFields, timeout: goDuration }),
      { maxItems: 100 },
    ),
  ),
  unhealthyMachineConditions: s.optional(
    s.list(
      "Conditions of the Machine that make it unhealthy.",
      s.object("One condition.", { ...machineConditionFields, timeout: goDuration }),
      { minItems: 1, maxItems: 100 },
    ),
  ),
  maxUnhealthy: s.optional(s.intOrString("At most this many may be unhealthy.")),
  unhealthyRange: s.optional(unhealthyRange),
  nodeStartupTimeout: s.optional(goDuration),
  remediationTemplate: s.optional(objectReference),
})

/** Failure domains by name. */
export const failureDomainMap = s.map(
  "Failure domains by name.",
  s.object("Part of the infrastructure that fails on its own.", {
    controlPlane: s.optional(s.boolean("Whether control plane machines may be placed here.")),
    attributes: s.optional(
      s.map("What the provider says about the domain.", s.string("Attribute value.")),
    ),
  }),
)
