import { defineKind, type ObjectOf } from "#meta"
import { s, type TypeOf } from "#schema"
import { mergedConditions } from "../cluster/condition.shape.ts"
import { machineAddress } from "../cluster/machine-status.shape.ts"
import { crdLabels } from "../crd.ts"
import {
  artifacts,
  cleanUpCommands,
  commandsAsScript,
  hostKeyFields,
  provisionJob,
  sshKeyRef,
  sshPort,
  sshUser,
  useSudo,
  workingDir,
} from "./remote-host.shape.ts"
import { remoteMachineV1beta1 } from "./remote-machine.v1beta1.ts"
import { deprecated } from "../cluster/status.shape.ts"

/** Random id that a RemoteMachine takes its host with; written before first contact. */
export const claimAnnotation = "remote.mothership.dev/claim"

/** Fingerprint that was pinned on first contact, in the form of `spec.hostKey`. */
export const hostKeyAnnotation = "remote.mothership.dev/host-key"

/**
 * Asks for another attempt, as JSON: `{"from"?: STEP, "markDone"?: STEP, "at"?: TIME}`; used once.
 */
export const retryAnnotation = "remote.mothership.dev/retry"

const spec = s.object("Desired state of the RemoteMachine.", {
  pool: s.optional(s.string("Pool to take a host from, instead of an address.")),
  providerID: s.optional(s.string("Identity of the machine; set once it is a node.")),
  address: s.optional(s.string("Address or DNS name of the host.")),
  port: sshPort,
  user: sshUser,
  useSudo,
  commandsAsScript,
  workingDir,
  cleanUpCommands,
  sshKeyRef: s.optional(sshKeyRef),
  ...hostKeyFields,
  artifacts,
  provisionJob: s.optional(provisionJob),
})

/** What the host's journal says, for people; decisions read the journal itself. */
const bootstrap = s.object("How far the bootstrap is.", {
  attempt: s.optional(s.int32("Attempt that is running or ended last; the first is 1.")),
  currentStep: s.optional(s.string("Step that is running or ended last.", { maxLength: 253 })),
  stepsDone: s.optional(s.int32("Steps that are done.")),
  stepsTotal: s.optional(s.int32("Steps that there are.")),
  startedAt: s.optional(s.time("When the attempt began.")),
  finishedAt: s.optional(s.time("When the attempt ended.")),
  message: s.optional(s.string("Last words of the step.", { maxLength: 10240 })),
})

const status = s.object("Observed state of the RemoteMachine.", {
  initialization: s.optional(
    s.object("What has happened once and is never taken back.", {
      provisioned: s.optional(s.boolean("The machine has been bootstrapped.")),
    }),
  ),
  addresses: s.optional(s.list("Addresses of the machine.", machineAddress)),
  conditions: s.optional(mergedConditions),
  bootstrap: s.optional(bootstrap),
  deprecated: s.optional(
    deprecated({
      failureReason: s.optional(s.string("Problem as one word.")),
      failureMessage: s.optional(s.string("Problem for people.")),
    }),
  ),
})

/** A machine that exists already and is reached over SSH. */
export const RemoteMachineKind = defineKind({
  group: "infrastructure.cluster.x-k8s.io",
  version: "v1beta2",
  kind: "RemoteMachine",
  plural: "remotemachines",
  labels: crdLabels("infrastructure-k0smotron"),
  description: "A machine that exists already and is reached over SSH.",
  spec,
  status,
  subresources: { status: true },
  older: [remoteMachineV1beta1(spec, status)],
})

export type RemoteMachine = ObjectOf<typeof RemoteMachineKind>
export type RemoteMachineBootstrap = TypeOf<typeof bootstrap>
