import type { Clock } from "#base"
import {
  buildTree,
  type ExplainedObject,
  isTreeReady,
  type ObjectView,
  type TreeNode,
} from "#explain"
import type { Output } from "./environment.ts"
import { markOf, renderTree, summaryOf } from "./tree-text.ts"

export interface LiveTreeOptions {
  readonly view: ObjectView
  /** The root; undefined while it is not there. */
  readonly root: () => ExplainedObject | undefined
  readonly clock: Clock
  readonly output: Output
  /** Ends the show early: the tree as it is then is answered. Default: when everything is ready. */
  readonly until?: ((tree: TreeNode) => boolean) | undefined
  readonly signal?: AbortSignal | undefined
}

const redrawDelayMs = 100

/**
 * Shows a tree while it changes: redrawn in place on a terminal, else a line for each object
 * whenever how it is changes. Resolves with the tree once it is as wanted, or the signal aborts.
 */
export async function showTree(options: LiveTreeOptions): Promise<TreeNode | undefined> {
  const { view, root, clock, until = isTreeReady, signal } = options
  const printer = options.output.isTTY ? new ScreenPrinter(options) : new LinePrinter(options)
  const { promise, resolve } = Promise.withResolvers<TreeNode | undefined>()
  let isDue = false
  const look = (): void => {
    isDue = false
    const object = root()
    if (!object) return
    const tree = buildTree(view, object)
    printer.print(tree)
    if (until(tree)) resolve(tree)
  }
  const unsubscribe = view.subscribe(() => {
    if (isDue) return
    isDue = true
    clock.after(redrawDelayMs, look)
  })
  signal?.addEventListener("abort", () => resolve(undefined), { once: true })
  if (signal?.aborted) resolve(undefined)
  look()
  try {
    return await promise
  } finally {
    unsubscribe()
  }
}

class ScreenPrinter {
  readonly #options: LiveTreeOptions
  #lines = 0

  constructor(options: LiveTreeOptions) {
    this.#options = options
  }

  print(tree: TreeNode): void {
    const { clock, output } = this.#options
    const width = output.columns ?? 80
    const lines = renderTree(tree, { nowMs: clock.now(), color: true, width })
    const back = this.#lines > 0 ? `\u001B[${this.#lines}A\u001B[0J` : ""
    output.write(`${back}${lines.join("\n")}\n`)
    this.#lines = lines.length
  }
}

class LinePrinter {
  readonly #options: LiveTreeOptions
  readonly #startMs: number
  readonly #last = new Map<string, string>()

  constructor(options: LiveTreeOptions) {
    this.#options = options
    this.#startMs = options.clock.now()
  }

  /** What an object is made of comes before the object itself, as it gets ready. */
  print(tree: TreeNode): void {
    for (const child of tree.children) this.print(child)
    const { clock, output } = this.#options
    const text = `${markOf(tree.health.state, false)} ${tree.title}  ${summaryOf(tree)}`
    if (this.#last.get(tree.title) === text) return
    this.#last.set(tree.title, text)
    const seconds = ((clock.now() - this.#startMs) / 1000).toFixed(1)
    output.write(`${seconds.padStart(6)}s  ${text}\n`)
  }
}
