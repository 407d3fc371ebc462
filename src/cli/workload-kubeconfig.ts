import { ClusterKind, SecretKind } from "#apis"
import { type Connection, namespaceFlag } from "./connection.ts"
import { CommandError } from "./environment.ts"

/**
 * The administrator's kubeconfig of a workload cluster. Errors: `CommandError` while there is none.
 */
export async function readWorkloadKubeconfig(
  connection: Connection,
  cluster: string,
  namespace: string,
): Promise<string> {
  const name = `${cluster}-kubeconfig`
  const secret = await connection.client.find(SecretKind, { namespace, name })
  const value = secret?.data?.["value"]
  if (value === undefined) {
    const found = await connection.client.find(ClusterKind, { namespace, name: cluster })
    if (!found) throw new CommandError(`there is no cluster ${cluster} in namespace ${namespace}`)
    const name = `cluster/${cluster}${namespaceFlag(namespace, connection)}`
    throw new CommandError(`cluster ${cluster} has no kubeconfig yet; see: mothership why ${name}`)
  }
  return Buffer.from(value, "base64").toString("utf8")
}
