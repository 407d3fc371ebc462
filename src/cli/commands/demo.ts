import { readFile, writeFile } from "node:fs/promises"
import { join, relative } from "node:path"
import { ClusterKind } from "#apis"
import { Connection } from "../connection.ts"
import type { Environment, RunningPlane } from "../environment.ts"
import { showTree } from "../live-tree.ts"
import { applyManifests, missingManifests, parseManifests } from "../manifests.ts"
import { startPlane, untilStopped } from "../plane-process.ts"
import { readWorkloadKubeconfig } from "../workload-kubeconfig.ts"

export interface DemoOptions {
  readonly dataDir: string
  readonly listen: string
}

const clusterName = "quickstart"

/** `mothership demo`: a plane with a simulated cluster, until it is told to stop. */
export async function demo(environment: Environment, options: DemoOptions): Promise<void> {
  const { dataDir: dataDirectory, listen } = options
  const { stdout } = environment
  const stopping = new AbortController()
  const stopped = untilStopped(environment).then(() => stopping.abort())
  const log = { file: join(dataDirectory, "plane.log"), level: "info" } as const
  const plane = await startPlane(environment, { dataDirectory, listen, log })
  try {
    stdout.write(`mothership is up at ${plane.url}\n\n`)
    await showQuickstart(environment, plane, stopping.signal)
    await stopped
  } finally {
    await plane.stop()
  }
  stdout.write("\nmothership has stopped; the same command finds everything as it was\n")
}

async function showQuickstart(
  environment: Environment,
  plane: RunningPlane,
  signal: AbortSignal,
): Promise<void> {
  const { stdout, clock, programDirectory } = environment
  const connection = new Connection(environment, await readFile(plane.kubeconfigFile, "utf8"))
  try {
    const file = join(programDirectory, "examples", "quickstart.yaml")
    const manifests = parseManifests(await readFile(file, "utf8"), file)
    const { client, namespace } = connection
    // What is there stays as the user left it: a second start must not scale anything back.
    const missing = await missingManifests(client, manifests, namespace)
    await applyManifests(client, missing, namespace)
    const shown = relative(programDirectory, file)
    stdout.write(missing.length > 0 ? `applied ${shown}\n` : `${shown} is applied already\n`)
    const view = await connection.openView()
    const root = () => view.get(ClusterKind, namespace, clusterName)
    const tree = await showTree({ view, root, clock, output: stdout, signal })
    if (!tree) return
    const workload = `${plane.kubeconfigFile.replace(/admin\.kubeconfig$/, clusterName)}.kubeconfig`
    const kubeconfig = await readWorkloadKubeconfig(connection, clusterName, namespace)
    await writeFile(workload, kubeconfig, { mode: 0o600 })
    stdout.write(nextSteps(plane, workload))
  } finally {
    await connection.close()
  }
}

function nextSteps(plane: RunningPlane, workload: string): string {
  return `
Everything is ready. In another terminal:

  export KUBECONFIG=${plane.kubeconfigFile}
  kubectl get cluster,machines
  kubectl scale machinedeployment ${clusterName}-workers --replicas 5
  kubectl --kubeconfig ${workload} get nodes
  ./mothership status ${clusterName}

The same on real machines that answer SSH (DIR has what they are given, see README.md):

  ./mothership artifacts add DIR
  ./mothership create cluster edge --control-plane root@10.0.0.11 \\
      --workers root@10.0.0.12,root@10.0.0.13 \\
      --ssh-key ~/.ssh/id_ed25519 --kubernetes-version v1.34.4

Press Ctrl-C to stop.
`
}
