import { ClusterKind } from "#apis"
import { buildTree, isTreeReady, type ObjectView } from "#explain"
import { withPlane } from "../connection.ts"
import { CommandError, type Environment } from "../environment.ts"
import { showTree } from "../live-tree.ts"
import type { ObjectOptions } from "../object-options.ts"
import { renderTree } from "../tree-text.ts"

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
  await withPlane(environment, options, async (connection) => {
    const view = await connection.openView()
    const namespace = options.namespace ?? connection.namespace
    if (name === undefined) return printAll(environment, view, options)
    const root = () => view.get(ClusterKind, namespace, name)
    if (!root()) throw new CommandError(`there is no cluster ${name} in namespace ${namespace}`)
    if (options.watch) await watchTree(environment, view, root)
    else printTree(environment, view, root(), options)
  })
}

type Root = Parameters<typeof buildTree>[1] | undefined

function printAll(environment: Environment, view: ObjectView, options: StatusOptions): void {
  const clusters = view.list(ClusterKind, options.namespace)
  if (clusters.length === 0) environment.stdout.write("there are no clusters\n")
  for (const cluster of clusters) printTree(environment, view, cluster, options)
}

function printTree(
  environment: Environment,
  view: ObjectView,
  root: Root,
  { conditions }: StatusOptions,
): void {
  if (!root) return
  const { stdout, clock } = environment
  const tree = buildTree(view, root)
  const color = stdout.hasColors?.() ?? false
  const lines = renderTree(tree, { nowMs: clock.now(), color, width: stdout.columns, conditions })
  stdout.write(`${lines.join("\n")}\n`)
  if (isTreeReady(tree)) return
  stdout.write(`for what holds it up: mothership why cluster/${root.metadata.name}\n`)
}

async function watchTree(
  environment: Environment,
  view: ObjectView,
  root: () => Root,
): Promise<void> {
  const { stdout: output, clock } = environment
  const stopping = new AbortController()
  const off = environment.onStopSignal(() => stopping.abort())
  const { signal } = stopping
  await showTree({ view, root, clock, output, until: () => false, signal })
  off()
}
