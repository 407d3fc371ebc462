import { isObject } from "#base"
import type { OlderVersion } from "#meta"
import { s, type Schema } from "#schema"
import { initialized } from "../cluster/v1beta1.rules.ts"
import { adjust, hubOnly, type Rule } from "../conversion/rule.ts"
import { versionConversion } from "../conversion/version-conversion.ts"

const rules: readonly Rule[] = [
  initialized("ready", "provisioned"),
  hubOnly("status.initialization"),
  hubOnly("status.conditions"),
  adjust("fromHub", ({ status }) => {
    if (isObject(status)) status["ready"] ??= false
  }),
]

/** RemoteCluster as v1beta1 has it, given the hub's spec and status. */
export function remoteClusterV1beta1(spec: Schema, status: Schema): OlderVersion {
  return {
    name: "v1beta1",
    deprecated: true,
    description: "Infrastructure of a cluster whose machines exist already.",
    spec,
    status: {
      ...s.object("Observed state of the RemoteCluster.", {
        ready: s.withDefault(s.boolean("Whether the infrastructure is there."), false),
      }),
      required: ["ready"],
    },
    subresources: { status: true },
    conversion: versionConversion({ version: "v1beta1", rules, hub: { spec, status } }),
  }
}

/** RemoteClusterTemplate as v1beta1 has it: the same. */
export function remoteClusterTemplateV1beta1(spec: Schema): OlderVersion {
  return {
    name: "v1beta1",
    deprecated: true,
    description: "What RemoteClusters are made from.",
    spec,
    conversion: versionConversion({ version: "v1beta1", rules: [], hub: { spec } }),
  }
}
