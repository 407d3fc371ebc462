import { writeFile } from "node:fs/promises"
import { dirname, join } from "node:path"
import { stringify } from "yaml"
import { ClusterKind } from "#apis"
import { messageOf, sleep } from "#base"
import { explain, type Explanation, isTreeReady, type TreeNode } from "#explain"
import type { UntypedObject } from "#meta"
import { Connection, kubeconfigFile, namespaceFlag, withPlane } from "../connection.ts"
import { clusterManifests, sshKeySecretName } from "../create-cluster/cluster-manifests.ts"
import type { ClusterPlan } from "../create-cluster/cluster-plan.ts"
import { type CreateClusterOptions, readClusterPlan } from "../create-cluster/options.ts"
import { refuseChange } from "../create-cluster/existing-cluster.ts"
import { podNetworkManifests } from "../create-cluster/pod-network.ts"
import { StuckWatch } from "../create-cluster/stuck-watch.ts"
import { CommandError, type Environment } from "../environment.ts"
import { showTree } from "../live-tree.ts"
import { applyManifests } from "../manifests.ts"
import { startDetachedPlane } from "../plane-process.ts"
import { readWorkloadKubeconfig } from "../workload-kubeconfig.ts"
import { explanationText } from "./why.ts"

const retryMs = 2_000

/**
 * `mothership create cluster NAME`: a cluster on machines that answer SSH, from nothing to ready.
 */
export async function createCluster(
  environment: Environment,
  name: string,
  options: CreateClusterOptions,
): Promise<void> {
  const read = await readClusterPlan(name, options)
  const { stdout } = environment
  if (options.output !== undefined && options.output !== "yaml") {
    throw new CommandError(`there is no output format ${JSON.stringify(options.output)}, only yaml`)
  }
  if (options.output !== undefined && !options.dryRun) {
    throw new CommandError("--output says how --dry-run prints: give both, or none")
  }
  if (options.dryRun) {
    const plan = { ...read, namespace: options.namespace ?? "default" }
    stdout.write(`${networkNote(options.cni)}${yamlOf(clusterManifests(plan))}`)
    return
  }
  const plane = options.up
    ? await startDetachedPlane(environment, options, options.listen)
    : { kubeconfig: kubeconfigFile(environment, options) }
  await withPlane(environment, plane, async (connection) => {
    const plan = { ...read, namespace: options.namespace ?? connection.namespace }
    const network = await podNetworkManifests(environment, options.cni, plan)
    const manifests = clusterManifests(plan)
    await refuseChange(connection.client, plan, manifests)
    stdout.write(`${yamlOf(manifests.map((object) => withoutKey(object, plan, options)))}\n`)
    await applyManifests(connection.client, manifests, plan.namespace)
    await bringUp(environment, { connection, plan, network, options })
    const file = join(dirname(plane.kubeconfig), `${name}.kubeconfig`)
    const kubeconfig = await readWorkloadKubeconfig(connection, name, plan.namespace)
    await writeFile(file, kubeconfig, { mode: 0o600 })
    stdout.write(`\ncluster ${name} is ready\n  export KUBECONFIG=${file}\n`)
  })
}

interface Run {
  readonly connection: Connection
  readonly plan: ClusterPlan
  readonly network: readonly UntypedObject[]
  readonly options: CreateClusterOptions
}

/**
 * Resolves when everything is ready. Errors: `CommandError` with what is stuck, or what took too
 * long.
 */
async function bringUp(environment: Environment, run: Run): Promise<void> {
  const { clock, stdout: output } = environment
  const { connection, plan, options } = run
  const view = await connection.openView()
  const root = () => view.get(ClusterKind, plan.namespace, plan.name)
  const stopping = new AbortController()
  let failure: CommandError | undefined
  const flag = namespaceFlag(plan.namespace, connection)
  const textOf = (explanation: Explanation): string =>
    explanationText(explanation, clock.now(), flag).join("\n")
  const fail = (text: string): void => {
    failure ??= new CommandError(text)
    stopping.abort()
  }
  const stuck = new StuckWatch(clock, (explanation) =>
    fail(`cluster ${plan.name} cannot be made\n\n${textOf(explanation)}`),
  )
  const timer = clock.after(options.timeoutMinutes * 60_000, () => {
    const cluster = root()
    const reason = cluster ? `\n\n${textOf(explain(view, cluster))}` : ""
    const limit = `${options.timeoutMinutes} minutes`
    fail(`cluster ${plan.name} is not ready after ${limit}; it goes on by itself${reason}`)
  })
  const off = environment.onStopSignal(() =>
    fail(`stopped watching; cluster ${plan.name} goes on: mothership status ${plan.name}${flag}`),
  )
  let network: Promise<void> | undefined
  const until = (tree: TreeNode): boolean => {
    const cluster = root()
    if (cluster) stuck.look(view, cluster)
    if (cluster?.status?.initialization?.controlPlaneInitialized) {
      network ??= installNetwork(environment, run, stopping.signal)
    }
    return isTreeReady(tree)
  }
  const { signal } = stopping
  try {
    const outage = () => connection.outage
    await showTree({ view, root, clock, output, until, outage, signal })
    await network
  } finally {
    stopping.abort()
    stuck.stop()
    timer.cancel()
    off()
  }
  if (failure) throw failure
}

/** Applies the pod network once the API server lets us; until then it is tried again and again. */
async function installNetwork(
  environment: Environment,
  { connection, plan, network }: Run,
  signal: AbortSignal,
): Promise<void> {
  let lastProblem: string | undefined
  for (;;) {
    try {
      const kubeconfig = await readWorkloadKubeconfig(connection, plan.name, plan.namespace)
      const workload = new Connection(environment, kubeconfig)
      try {
        await applyManifests(workload.client, network, "default")
        return
      } finally {
        await workload.close()
      }
    } catch (error) {
      if (signal.aborted) return
      const problem = messageOf(error)
      if (problem !== lastProblem) environment.stderr.write(`pod network: ${problem}\n`)
      lastProblem = problem
      await sleep(environment.clock, retryMs, signal).catch(() => {})
    }
  }
}

/** What the YAML leaves to whoever applies it. */
function networkNote(cni: string): string {
  if (cni === "none") return ""
  const file = cni === "flannel" ? "manifests/flannel.yaml" : cni
  return (
    "# Nodes get ready once the new cluster has a pod network, which is not part of this:\n" +
    `# apply ${file} there, with the kubeconfig that mothership get-kubeconfig prints.\n`
  )
}

function yamlOf(objects: readonly UntypedObject[]): string {
  // kubectl reads YAML 1.1, where a name such as `on` needs quotes.
  const options = { lineWidth: 0, version: "1.1" } as const
  return objects.map((object) => stringify(object, options)).join("---\n")
}

/** The private key does not belong on a screen. */
function withoutKey(
  object: UntypedObject,
  plan: ClusterPlan,
  { sshKey }: CreateClusterOptions,
): UntypedObject {
  if (object.kind !== "Secret" || object.metadata.name !== sshKeySecretName(plan)) return object
  const { data: _, ...rest } = object
  return { ...rest, stringData: { value: `<the contents of ${sshKey}>` } }
}
