import {
  ClusterKind,
  label,
  MachineKind,
  PooledRemoteMachineKind,
  RemoteMachineKind,
  SecretKind,
} from "#apis"
import { pausedByCluster } from "#contract"
import {
  type Controller,
  defineController,
  done,
  external,
  mapped,
  type Outcome,
  referenced,
} from "#controller"
import { keyOf } from "#meta"

import { remoteMachineFinalizer } from "../annotations.ts"
import { bootstrapHostPhase } from "./bootstrap-host.phase.ts"
import { copyLabels, NodeLinks } from "./link-node.phase.ts"
import {
  clusterOf,
  isProvisioned,
  machineAccess,
  type MachineScope,
} from "./remote-machine-access.ts"
import { machineConditions, machineStatus } from "./remote-machine-status.ts"
import { followersOf } from "./preparation.ts"
import { releaseHostPhase } from "./release-host.phase.ts"
import type { RemoteOptions } from "../remote-options.ts"
import { noteClaimPhase, refuseSharedHost, sharesHost, takePooledHost } from "./take-host.phase.ts"
import { adopt, findOwners, waitForInputs } from "./wait-for-inputs.phase.ts"

/** Makes hosts nodes, and nodes hosts again. */
export function remoteMachineController(options: RemoteOptions): Controller {
  const links = new NodeLinks(options.workloads)
  const { linkNode } = links
  const releaseHost = releaseHostPhase(options)

  function forgetNode(scope: MachineScope): Outcome {
    links.forget(scope.key)
    return done
  }

  return defineController(machineAccess, {
    triggers: [
      mapped(MachineKind, ({ metadata: { namespace }, spec: { infrastructureRef } }) =>
        infrastructureRef.kind === RemoteMachineKind.kind
          ? [{ namespace, name: infrastructureRef.name }]
          : [],
      ),
      mapped(ClusterKind, ({ metadata: { namespace, name } }, reader) =>
        reader.read(RemoteMachineKind).labelled(label.clusterName, name, namespace).map(keyOf),
      ),
      mapped(PooledRemoteMachineKind, (host, reader) =>
        reader
          .read(RemoteMachineKind)
          .list(host.metadata.namespace)
          .filter((machine) => machine.spec?.pool === host.spec?.pool)
          .map(keyOf),
      ),
      mapped(RemoteMachineKind, (changed, reader) =>
        reader
          .read(RemoteMachineKind)
          .list()
          .filter((machine) => !isProvisioned(machine) && sharesHost(machine, changed))
          .map(keyOf),
      ),
      mapped(RemoteMachineKind, (changed, reader) => followersOf(changed, reader).map(keyOf)),
      referenced(SecretKind),
      external("host", (enqueue) => options.sessions.subscribe(enqueue)),
      links.trigger,
    ],
    finalizer: remoteMachineFinalizer,
    conditions: machineConditions,
    pausedBy: (scope) => pausedByCluster(clusterOf(scope)),
    reconcile: [
      findOwners,
      adopt,
      waitForInputs,
      noteClaimPhase(options.sessions),
      takePooledHost,
      refuseSharedHost,
      bootstrapHostPhase(options),
      copyLabels,
      linkNode,
    ],
    teardown: [releaseHost, forgetNode],
    observe: (scope, result) =>
      machineStatus(scope, result, {
        pool: result.outcomeOf(takePooledHost),
        node: result.outcomeOf(linkNode),
      }),
  })
}
