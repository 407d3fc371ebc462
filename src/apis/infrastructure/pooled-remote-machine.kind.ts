import { defineKind, type ObjectOf } from "#meta"
import { s, type TypeOf } from "#schema"
import { mergedConditions } from "../cluster/condition.shape.ts"
import { column, crdLabels } from "../crd.ts"
import {
  cleanUpCommands,
  commandsAsScript,
  hostKeyFields,
  sshKeyRef,
  sshPort,
  sshUser,
  useSudo,
  workingDir,
} from "./remote-host.shape.ts"
import { pooledRemoteMachineV1beta1 } from "./remote-machine.v1beta1.ts"

const spec = s.object("Desired state of the PooledRemoteMachine.", {
  pool: s.string("Pool that the host is in."),
  machine: s.object("How the host is reached.", {
    address: s.string("Address or DNS name of the host."),
    port: sshPort,
    user: sshUser,
    useSudo,
    commandsAsScript,
    workingDir,
    cleanUpCommands,
    sshKeyRef,
    ...hostKeyFields,
  }),
})

const status = s.object("Observed state of the PooledRemoteMachine.", {
  reserved: s.boolean("Whether a RemoteMachine has the host."),
  machineRef: s.object("The RemoteMachine; empty strings while there is none.", {
    name: s.string("Its name."),
    namespace: s.string("Its namespace."),
    claim: s.optional(s.string("Its claim, which survives a move or restore.", { maxLength: 63 })),
  }),
  conditions: s.optional(mergedConditions),
})

/** A host that RemoteMachines of its pool can take. */
export const PooledRemoteMachineKind = defineKind({
  group: "infrastructure.cluster.x-k8s.io",
  version: "v1beta2",
  kind: "PooledRemoteMachine",
  plural: "pooledremotemachines",
  labels: crdLabels("infrastructure-k0smotron"),
  description: "A host that RemoteMachines of its pool can take.",
  spec,
  status,
  subresources: { status: true },
  columns: [
    column("Address", ".spec.machine.address"),
    column("Reserved", ".status.reserved"),
    column("Remote Machine", ".status.machineRef.name"),
  ],
  older: [pooledRemoteMachineV1beta1(spec, status)],
})

export type PooledRemoteMachine = ObjectOf<typeof PooledRemoteMachineKind>
export type PooledRemoteMachineStatus = TypeOf<typeof status>
