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

/** What a row has beside label and summary: mark, age, and the gaps. */
const fixedColumns = 12
/** A narrow screen takes from the middle of names before it takes more of a summary than this. */
const summaryMin = 14
const labelMin = 12

interface Row {
  readonly label: string
  /** What stands at the left of lines between this row and the next. */
  readonly rail: string
  readonly node: TreeNode
}

/** The tree as lines: the object, how it is, for how long, what it waits for. */
export function renderTree(root: TreeNode, options: TreeTextOptions): readonly string[] {
  return renderTrees([root], options)
}

/** Several trees in the same columns. */
export function renderTrees(
  roots: readonly TreeNode[],
  options: TreeTextOptions,
): readonly string[] {
  const rows = roots.flatMap(rowsOf)
  const widest = Math.max(...rows.map(({ label }) => label.length))
  const limit = Math.max(labelMin, (options.width ?? Infinity) - fixedColumns - summaryMin)
  const width = Math.min(widest, limit)
  return rows.flatMap(({ label, rail, node }) => [
    renderRow(shorten(label, width).padEnd(width), node, options),
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
  const [first = "", second = ""] = health.message
    .split("\n")
    .map((line) => line.replace(/^ *\* /, ""))
  const message = first.endsWith(":") ? `${first} ${second}` : first
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
    return cut(line, width)
  })
}

function renderRow(label: string, node: TreeNode, options: TreeTextOptions): string {
  const { nowMs, color, width = Infinity } = options
  const age = formatAge(node.health.since, nowMs).padStart(6)
  const text = cut(summaryOf(node), Math.max(1, width - label.length - age.length - 6))
  return `${label}  ${markOf(node.health.state, color)} ${age}  ${text}`
}

function cut(text: string, width: number): string {
  return text.length > width ? `${text.slice(0, width - 1)}…` : text
}

/** The end of a name tells machines apart, the start says what it is: the middle goes. */
function shorten(label: string, width: number): string {
  if (label.length <= width) return label
  const end = Math.floor((width - 1) / 3)
  return `${label.slice(0, width - 1 - end)}…${label.slice(label.length - end)}`
}
