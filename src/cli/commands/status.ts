import { ClusterKind } from "#apis"
import {
  buildTree,
  type ExplainedObject,
  isTreeReady,
  type ObjectView,
  rootsOf,
  type TreeNode,
} from "#explain"
import { type Connection, namespaceFlag, withPlane } from "../connection.ts"
import { CommandError, type Environment } from "../environment.ts"
import { showTree } from "../live-tree.ts"
import type { ObjectOptions } from "../object-options.ts"
import { renderTrees } from "../tree-text.ts"

export interface StatusOptions extends ObjectOptions {
  /** Go on showing changes. */
  readonly watch?: boolean | undefined
  /** Show every condition, below its object. */
  readonly conditions?: boolean | undefined
}

/** `mothership status [NAME]`: the tree of one cluster, or of all. */
export async function status(
  environment: Environment,
  name: string | undefined,
  options: StatusOptions,
): Promise<void> {
  if (options.watch && name === undefined) {
    throw new CommandError("--watch shows one cluster: name it, as in mothership status NAME -w")
  }
  await withPlane(environment, options, async (connection) => {
    const view = await connection.openView()
    const namespace = options.namespace ?? connection.namespace
    if (name === undefined) return printAll(environment, connection, view, options)
    const root = () => view.get(ClusterKind, namespace, name)
    const cluster = root()
    if (!cluster) throw new CommandError(`there is no cluster ${name} in namespace ${namespace}`)
    if (options.watch) await watchTree(environment, connection, view, root)
    else print(environment, connection, [buildTree(view, cluster)], options)
  })
}

/** Among several clusters a ready one is a line; what is not ready comes last, where eyes are. */
function printAll(
  environment: Environment,
  connection: Connection,
  view: ObjectView,
  options: StatusOptions,
): void {
  const trees = rootsOf(view, options.namespace).map((root) => buildTree(view, root))
  if (trees.length === 0) environment.stdout.write("there are no clusters\n")
  if (trees.length <= 1 || options.conditions) return print(environment, connection, trees, options)
  const [ready, open] = [trees.filter(isTreeReady), trees.filter((tree) => !isTreeReady(tree))]
  const lines = ready.map((tree) => ({ ...tree, children: [] }))
  print(environment, connection, [...lines, ...open], options)
  environment.stdout.write(`${ready.length} of ${trees.length} are ready\n`)
}

function print(
  { stdout, clock }: Environment,
  connection: Connection,
  trees: readonly TreeNode[],
  { conditions, namespace }: StatusOptions,
): void {
  const color = stdout.hasColors?.() ?? false
  const home = namespace ?? connection.namespace
  const named = trees.map((tree) => withNamespace(tree, home))
  const layout = { nowMs: clock.now(), color, width: stdout.columns, conditions }
  for (const line of renderTrees(named, layout)) stdout.write(`${line}\n`)
  const open = trees.map(firstOpen).find((node) => node !== undefined)
  if (open) stdout.write(`for what holds it up: ${whyCommand(open, connection)}\n`)
}

function withNamespace(tree: TreeNode, home: string): TreeNode {
  const namespace = tree.object?.metadata.namespace
  if (namespace === undefined || namespace === home) return tree
  return { ...tree, title: `${tree.title} (namespace ${namespace})` }
}

/** The topmost object that is not as it should be; its own tree is looked at from above. */
function firstOpen(node: TreeNode): TreeNode | undefined {
  if (node.health.state !== "ready" && node.object) return node
  return node.children.map(firstOpen).find((open) => open !== undefined)
}

/** As it can be typed, with the namespace where it is not the kubeconfig's. */
function whyCommand({ object }: TreeNode, connection: Connection): string {
  const { kind, metadata } = object as ExplainedObject
  const { name, namespace = connection.namespace } = metadata
  const flag = namespaceFlag(namespace, connection)
  return `mothership why ${kind.toLowerCase()}/${name}${flag}`
}

async function watchTree(
  environment: Environment,
  connection: Connection,
  view: ObjectView,
  root: () => ExplainedObject | undefined,
): Promise<void> {
  const { stdout: output, clock } = environment
  const stopping = new AbortController()
  const off = environment.onStopSignal(() => stopping.abort())
  const { signal } = stopping
  const outage = () => connection.outage
  await showTree({ view, root, clock, output, until: () => false, outage, signal })
  off()
}
