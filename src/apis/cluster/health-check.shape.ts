import { s } from "#schema"
import { qualifiedNamePattern } from "./condition.shape.ts"
import { templateRef } from "./reference.shape.ts"
import { maxInFlight } from "./scaling.shape.ts"

const timeoutSeconds = s.int32("Seconds that the condition must have that status.", { minimum: 0 })

/** Fields of an unhealthy Node condition that both versions write alike. */
export const nodeConditionFields = {
  type: s.string("Type of the condition.", { minLength: 1 }),
  status: s.string("Status that is unhealthy.", { minLength: 1 }),
}

/** Fields of an unhealthy Machine condition that both versions write alike. */
export const machineConditionFields = {
  type: s.string("Type of the condition.", {
    minLength: 1,
    maxLength: 316,
    pattern: qualifiedNamePattern,
    rules: [
      {
        rule: "!(self in ['Ready','Available','HealthCheckSucceeded','OwnerRemediated','ExternallyRemediated'])",
        message:
          "type must not be one of: Ready, Available, HealthCheckSucceeded, OwnerRemediated, ExternallyRemediated",
      },
    ],
  }),
  status: s.enum("Status that is unhealthy.", ["True", "False", "Unknown"]),
}

/** How many Machines may be unhealthy, as a range. */
export const unhealthyRange = s.string("A number within `[low-high]`.", {
  minLength: 1,
  maxLength: 32,
  pattern: String.raw`^\[[0-9]+-[0-9]+\]$`,
})

const checks = s.object(
  "What makes a Machine unhealthy.",
  {
    nodeStartupTimeoutSeconds: s.optional(
      s.int32("Seconds in which a Node must appear; 0 waits for ever.", { minimum: 0 }),
    ),
    unhealthyNodeConditions: s.optional(
      s.list(
        "Conditions of the Node that make its Machine unhealthy.",
        s.object("One condition.", {
          ...nodeConditionFields,
          timeoutSeconds,
        }),
        { minItems: 1, maxItems: 100 },
      ),
    ),
    unhealthyMachineConditions: s.optional(
      s.list(
        "Conditions of the Machine that make it unhealthy.",
        s.object("One condition.", {
          ...machineConditionFields,
          timeoutSeconds,
        }),
        { minItems: 1, maxItems: 100 },
      ),
    ),
  },
  { minProperties: 1 },
)

const remediationFields = {
  triggerIf: s.optional(
    s.object(
      "How many Machines may be unhealthy for remediation still to run.",
      {
        unhealthyLessThanOrEqualTo: s.optional(
          s.intOrString("At most this many, as a number or a percentage."),
        ),
        unhealthyInRange: s.optional(unhealthyRange),
      },
      { minProperties: 1 },
    ),
  ),
  templateRef: s.optional(templateRef("Template of an external remediation.")),
}

const enabled = s.optional(s.boolean("Whether Machines are checked; overrides the class."))

/** `healthCheck` of a topology's control plane. */
export const controlPlaneHealthCheck = s.object(
  "How the health of Machines is judged.",
  {
    enabled,
    checks: s.optional(checks),
    remediation: s.optional(
      s.object("What is done about unhealthy Machines.", remediationFields, { minProperties: 1 }),
    ),
  },
  { minProperties: 1 },
)

/** `healthCheck` of a topology's MachineDeployment. */
export const workerHealthCheck = s.object(
  "How the health of Machines is judged.",
  {
    enabled,
    checks: s.optional(checks),
    remediation: s.optional(
      s.object(
        "What is done about unhealthy Machines.",
        { ...remediationFields, maxInFlight: s.optional(maxInFlight) },
        { minProperties: 1 },
      ),
    ),
  },
  { minProperties: 1 },
)
