import { isControlPlane } from "#apis"
import { done, type Outcome, type Phase, waitFor } from "#controller"
import type { AwaitedConnections } from "./awaited-connections.ts"
import { keepToken, tokenCheckMs } from "./bootstrap-token.ts"
import { InitLock } from "./init-lock.ts"
import { type KubeadmConfigScope, ownersOf } from "./kubeadm-config-access.ts"
import { joinsByFile, rememberedToken } from "./remembered-token.ts"

/** After a move the Machine still knows its data, and the status is empty. */
export function adoptData(scope: KubeadmConfigScope): Outcome {
  const { name } = scope.object.metadata
  if (ownersOf(scope)?.machine.spec.bootstrap.dataSecretName === name) {
    scope.editStatus((draft) => {
      draft.dataSecretName ??= name
    })
  }
  return done
}

/** Once made, the data stays; its token is kept alive until the machine is a node. */
export function keepData(connections: AwaitedConnections): Phase<KubeadmConfigScope> {
  return async function keepData(scope) {
    const owners = ownersOf(scope)
    if (!owners || scope.object.status?.dataSecretName === undefined) return done
    const { machine, cluster } = owners
    const isInitialized = cluster.status?.initialization?.controlPlaneInitialized === true
    if (isInitialized && isControlPlane(machine)) await new InitLock(scope, cluster).release()
    const token = rememberedToken(scope.object)
    if (token === undefined || machine.status?.nodeRef || joinsByFile(scope.object)) return done
    const workload = connections.stateFor(scope, cluster)
    if (workload.kind !== "connected") return done
    await keepToken(workload.client, token, scope.clock)
    return waitFor("TokenInUse", { afterMs: tokenCheckMs, stop: false })
  }
}
