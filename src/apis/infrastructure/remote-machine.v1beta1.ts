import type { OlderVersion } from "#meta"
import { s, type Schema } from "#schema"
import { failureRules, initialized } from "../cluster/v1beta1.rules.ts"
import { reshape, type SchemaEdit } from "../conversion/reshape.ts"
import { hubOnly, move, type Rule, within } from "../conversion/rule.ts"
import { versionConversion } from "../conversion/version-conversion.ts"
import { column } from "../crd.ts"
import { cleanUpCommands, hostKeyFields } from "./remote-host.shape.ts"

/** How a host is reached, in v1beta1: without what is ours. */
function hostEdits(prefix: string): readonly SchemaEdit[] {
  return [
    [`${prefix}customCleanUpCommands`, cleanUpCommands.optional],
    [`${prefix}cleanUpCommands`, null],
    ...Object.keys(hostKeyFields).map((name): SchemaEdit => [`${prefix}${name}`, null]),
  ]
}

const hostRules: readonly Rule[] = [
  move("customCleanUpCommands", "cleanUpCommands"),
  ...Object.keys(hostKeyFields).map(hubOnly),
]

const machineRules: readonly Rule[] = [
  within("spec", [...hostRules, hubOnly("artifacts")]),
  initialized("ready", "provisioned"),
  ...failureRules,
  hubOnly("status.initialization"),
  hubOnly("status.deprecated"),
  hubOnly("status.conditions"),
  hubOnly("status.bootstrap"),
]

/** RemoteMachine as v1beta1 has it, given the hub's spec and status. */
export function remoteMachineV1beta1(spec: Schema, status: Schema): OlderVersion {
  return {
    name: "v1beta1",
    deprecated: true,
    description: "A machine that exists already and is reached over SSH.",
    spec: reshape(spec, [...hostEdits(""), ["artifacts", null]]),
    status: reshape(status, [
      ["ready", s.boolean("Whether the machine has been bootstrapped.")],
      ["failureReason", s.string("Problem as one word.")],
      ["failureMessage", s.string("Problem for people.")],
      ["initialization", null],
      ["conditions", null],
      ["bootstrap", null],
      ["deprecated", null],
    ]),
    subresources: { status: true },
    conversion: versionConversion({
      version: "v1beta1",
      rules: machineRules,
      hub: { spec, status },
    }),
  }
}

/** RemoteMachineTemplate as v1beta1 has it, given the hub's spec. */
export function remoteMachineTemplateV1beta1(spec: Schema): OlderVersion {
  return {
    name: "v1beta1",
    deprecated: true,
    description: "What RemoteMachines are made from.",
    spec: reshape(spec, [["template.spec.artifacts", null]]),
    subresources: { status: true },
    conversion: versionConversion({
      version: "v1beta1",
      rules: [hubOnly("spec.template.spec.artifacts")],
      hub: { spec },
    }),
  }
}

/** PooledRemoteMachine as v1beta1 has it, given the hub's spec and status. */
export function pooledRemoteMachineV1beta1(spec: Schema, status: Schema): OlderVersion {
  return {
    name: "v1beta1",
    deprecated: false,
    description: "A host that RemoteMachines of its pool can take.",
    spec: reshape(spec, hostEdits("machine.")),
    status: reshape(status, [
      ["machineRef.claim", null],
      ["conditions", null],
    ]),
    subresources: { status: true },
    columns: [
      column("Address", ".spec.machine.address"),
      column("Reserved", ".status.reserved"),
      column("Remote Machine", ".status.machineRef.name"),
    ],
    conversion: versionConversion({
      version: "v1beta1",
      rules: [
        within("spec.machine", hostRules),
        hubOnly("status.machineRef.claim"),
        hubOnly("status.conditions"),
      ],
      hub: { spec, status },
    }),
  }
}
