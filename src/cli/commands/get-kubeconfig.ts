import { withPlane } from "../connection.ts"
import type { Environment } from "../environment.ts"
import type { ObjectOptions } from "../object-options.ts"
import { readWorkloadKubeconfig } from "../workload-kubeconfig.ts"

/** `mothership get-kubeconfig NAME`: prints the kubeconfig of a workload cluster. */
export async function getKubeconfig(
  environment: Environment,
  name: string,
  options: ObjectOptions,
): Promise<void> {
  await withPlane(environment, options, async (connection) => {
    const namespace = options.namespace ?? connection.namespace
    environment.stdout.write(await readWorkloadKubeconfig(connection, name, namespace))
  })
}
