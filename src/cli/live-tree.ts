import type { Clock, Timer } from "#base"
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
  /** Why what is shown may be old; undefined while it is not. */
  readonly outage?: (() => string | undefined) | undefined
  readonly signal?: AbortSignal | undefined
}

const redrawDelayMs = 100
const tickMs = 1_000
/** What passes sooner is not worth a line. */
const lastingMs = 3_000

/**
 * Shows a tree while it changes: redrawn in place on a terminal, else a line for each object that
 * gets ready, does another step, or waits for long. Resolves with the tree once it is as wanted,
 * or with undefined when the signal aborts.
 */
export async function showTree(options: LiveTreeOptions): Promise<TreeNode | undefined> {
  const { view, root, clock, outage = () => undefined, until = isTreeReady, signal } = options
  const printer = options.output.isTTY ? new ScreenPrinter(options) : new LinePrinter(options)
  const { promise, resolve } = Promise.withResolvers<TreeNode | undefined>()
  let redraw: Timer | undefined
  const look = (): void => {
    redraw?.cancel()
    redraw = undefined
    const object = root()
    if (!object) return
    const tree = buildTree(view, object)
    const problem = outage()
    printer.print(tree, problem)
    if (problem === undefined && until(tree)) finish(tree)
  }
  const unsubscribe = view.subscribe(() => {
    redraw ??= clock.after(redrawDelayMs, look)
  })
  let timer = clock.after(tickMs, function tick() {
    timer = clock.after(tickMs, tick)
    look()
  })
  // At once: a late drawing would go over what the caller prints next.
  const finish = (tree: TreeNode | undefined): void => {
    unsubscribe()
    redraw?.cancel()
    timer.cancel()
    resolve(tree)
  }
  signal?.addEventListener("abort", () => finish(undefined), { once: true })
  if (signal?.aborted) finish(undefined)
  else look()
  return await promise
}

class ScreenPrinter {
  readonly #options: LiveTreeOptions
  #lines = 0

  constructor(options: LiveTreeOptions) {
    this.#options = options
  }

  print(root: TreeNode, problem: string | undefined): void {
    const { clock, output } = this.#options
    const { columns: width = 80, rows = 24 } = output
    const color = output.hasColors?.() ?? false
    const tree = renderTree(root, { nowMs: clock.now(), color, width })
    const notes = problem === undefined ? [] : [`! ${problem}`.slice(0, width)]
    const room = rows - 1 - notes.length
    const lines = [...fitScreen(tree, room, markOf("ready", color)), ...notes]
    const back = this.#lines > 0 ? `\u001B[${this.#lines}A\u001B[0J` : ""
    output.write(`${back}${lines.join("\n")}\n`)
    this.#lines = lines.length
  }
}

/** A screen can only be redrawn as far as it reaches: what is ready makes room first. */
export function fitScreen(
  lines: readonly string[],
  room: number,
  readyMark: string,
): readonly string[] {
  if (lines.length <= room) return lines
  const open = lines.filter((line, index) => index === 0 || !line.includes(readyMark))
  const shown = open.slice(0, room - 1)
  return [...shown, `… and ${lines.length - shown.length} more`]
}

interface Line {
  /** Two lines with the same key say the same, as far as it is news. */
  readonly key: string
  readonly sinceMs: number
  isPrinted: boolean
}

class LinePrinter {
  readonly #options: LiveTreeOptions
  readonly #startMs: number
  readonly #last = new Map<string, Line>()
  #problem: string | undefined

  constructor(options: LiveTreeOptions) {
    this.#options = options
    this.#startMs = options.clock.now()
  }

  print(tree: TreeNode, problem: string | undefined): void {
    if (problem !== undefined && this.#problem === undefined) this.#write(`! ${problem}`)
    if (problem === undefined && this.#problem !== undefined)
      this.#write("! the plane answers again")
    this.#problem = problem
    if (problem === undefined) this.#printNode(tree)
  }

  /** What an object is made of comes before the object itself, as it gets ready. */
  #printNode(tree: TreeNode): void {
    for (const child of tree.children) this.#printNode(child)
    const { state, reason } = tree.health
    const nowMs = this.#options.clock.now()
    const key = [state, reason, tree.progress].join(" ")
    let line = this.#last.get(tree.title)
    if (line?.key !== key) {
      line = { key, sinceMs: nowMs, isPrinted: false }
      this.#last.set(tree.title, line)
    }
    const isLasting = nowMs - line.sinceMs >= lastingMs
    const isNews = state === "ready" || tree.progress !== undefined || isLasting
    if (!isNews || line.isPrinted) return
    line.isPrinted = true
    this.#write(`${markOf(state, false)} ${tree.title}  ${summaryOf(tree)}`)
  }

  #write(text: string): void {
    const { clock, output } = this.#options
    const seconds = ((clock.now() - this.#startMs) / 1000).toFixed(1)
    output.write(`${seconds.padStart(6)}s  ${text}\n`)
  }
}
