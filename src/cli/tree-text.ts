import type { HealthState, TreeNode } from "#explain"

export interface TreeTextOptions {
  readonly nowMs: number
  readonly color: boolean
  /** Columns of the screen; longer lines are cut. Unlimited when absent. */
  readonly width?: number | undefined
  /** Every condition of every object, below it. */
  readonly conditions?: boolean | undefined
}

const marks: Readonly<Record<HealthState, string>> = {
  ready: "✓",
  working: "…",
  stuck: "✗",
  deleting: "-",
  unknown: "?",
}

const colors: Readonly<Record<HealthState, number>> = {
  ready: 32,
  working: 33,
  stuck: 31,
  deleting: 35,
  unknown: 90,
}

interface Row {
  readonly label: string
  /** What stands at the left of lines between this row and the next. */
  readonly rail: string
  readonly node: TreeNode
}

/** The tree as lines: the object, how it is, for how long, what it waits for. */
export function renderTree(root: TreeNode, options: TreeTextOptions): readonly string[] {
  const rows = rowsOf(root)
  const width = Math.max(...rows.map(({ label }) => label.length))
  return rows.flatMap(({ label, rail, node }) => [
    renderRow(label.padEnd(width), node, options),
    ...(options.conditions ? conditionLines(node, rail, options) : []),
  ])
}

/** How long ago, in two units at most: `5s`, `3m10s`, `2h5m`, `4d2h`. */
export function formatAge(since: string | undefined, nowMs: number): string {
  if (since === undefined) return ""
  const seconds = Math.max(0, Math.round((nowMs - Date.parse(since)) / 1000))
  if (seconds < 60) return `${seconds}s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return `${minutes}m${seconds % 60}s`
  const hours = Math.floor(minutes / 60)
  return hours < 24 ? `${hours}h${minutes % 60}m` : `${Math.floor(hours / 24)}d${hours % 24}h`
}

/** How an object is, in a few words. */
export function summaryOf({ health, progress }: TreeNode): string {
  if (health.state === "ready") return health.condition?.type ?? "Ready"
  const message = (health.message.split("\n")[0] ?? "").replace(/^\* /, "")
  const parts = [health.reason, progress && `[${progress}]`, message]
  return parts.filter(Boolean).join(" ")
}

export function markOf(state: HealthState, color: boolean): string {
  return color ? `\u001B[${colors[state]}m${marks[state]}\u001B[0m` : marks[state]
}

function rowsOf(root: TreeNode): readonly Row[] {
  const rows: Row[] = []
  const add = (node: TreeNode, branch: string, indent: string): void => {
    const { title, children } = node
    rows.push({ label: branch + title, rail: indent + (children.length > 0 ? "│ " : "  "), node })
    for (const [index, child] of children.entries()) {
      const isLast = index === children.length - 1
      add(child, `${indent}${isLast ? "└─" : "├─"}`, `${indent}${isLast ? "  " : "│ "}`)
    }
  }
  add(root, "", "")
  return rows
}

function conditionLines(node: TreeNode, rail: string, options: TreeTextOptions): readonly string[] {
  const { nowMs, width = Infinity } = options
  return (node.object?.status?.conditions ?? []).map((condition) => {
    const { type, status, reason, lastTransitionTime } = condition
    const age = formatAge(lastTransitionTime, nowMs)
    const message = condition.message?.replaceAll("\n", " ") ?? ""
    const line = [`${rail}  ${type}=${status}`, age, reason, message].filter(Boolean).join(" ")
    return line.length > width ? `${line.slice(0, width - 1)}…` : line
  })
}

function renderRow(label: string, node: TreeNode, options: TreeTextOptions): string {
  const { nowMs, color, width = Infinity } = options
  const age = formatAge(node.health.since, nowMs).padStart(6)
  const room = Math.max(10, width - label.length - age.length - 6)
  const summary = summaryOf(node)
  const text = summary.length > room ? `${summary.slice(0, room - 1)}…` : summary
  return `${label}  ${markOf(node.health.state, color)} ${age}  ${text}`
}
