import type { Observation } from "#controller"
import type { Condition, UntypedObject } from "#meta"
import { conditionsOf } from "./contract-facts.ts"

/** `Positive`: True is good; `Negative`: False is good. */
export type Polarity = "Positive" | "Negative"

/** The reason of a merged condition, by what the worst of its parts is. */
export interface MergeReasons {
  readonly issue: string
  readonly unknown: string
  readonly fine: string
}

type Severity = "issue" | "unknown" | "fine"

/** One condition of an object, on its way into a summary of that object. */
export interface SummaryPart {
  readonly type: string
  /** Undefined when it has not been reported yet. */
  readonly condition: Observation | undefined
  readonly polarity?: Polarity | undefined
  /** A part that may be missing. */
  readonly optional?: boolean | undefined
  /** What is wrong with it does not count: what it is about has gone on purpose. */
  readonly harmless?: boolean | undefined
}

/** What schemas let a message be. */
const messageMaxLength = 32_768

interface Judged {
  readonly severity: Severity
  readonly name: string
  readonly message: string
  readonly isNews: boolean
}

/** Folds several conditions of one object into one with positive polarity. */
export function summarizeConditions(
  type: string,
  parts: readonly SummaryPart[],
  reasons: MergeReasons,
): Observation {
  const judged = parts.flatMap((part) => judge(part))
  const severity = worst(judged.map((part) => part.severity))
  const shown = judged.filter((part) =>
    part.severity === "fine" ? severity === "fine" && part.isNews : true,
  )
  const message = shown.map((part) => `* ${part.name}:${indented(part.message)}`).join("\n")
  return {
    type,
    status: statusOf(severity, "Positive"),
    reason: reasons[severity],
    message: message.slice(0, messageMaxLength),
  }
}

function judge(part: SummaryPart): readonly Judged[] {
  const { type: name, condition, polarity = "Positive", optional, harmless } = part
  if (!condition) {
    if (optional) return []
    return [{ severity: "unknown", name, message: "Condition not yet reported", isNews: true }]
  }
  const message = condition.message ? condition.message : condition.reason
  const severity = harmless ? "fine" : severityOf(condition.status, polarity)
  return [{ severity, name, message, isNews: Boolean(condition.message) }]
}

/** One object whose condition goes into an aggregate over many. */
export interface AggregatePart {
  readonly kind: string
  readonly name: string
  /** Undefined when it has not been reported yet. */
  readonly condition: Observation | undefined
  /** Shown before the others. */
  readonly isControlPlane?: boolean | undefined
}

export interface AggregateOptions {
  readonly type: string
  /** Type of the condition that is aggregated. */
  readonly sourceType: string
  readonly reasons: MergeReasons
  /** Of source and target alike; default `Positive`. */
  readonly polarity?: Polarity | undefined
}

const messagesShown = 3
const namesShown = 3

/**
 * Folds one condition of many objects into one: objects that say the same share a line, the first
 * three lines are shown, and the rest is counted.
 */
export function aggregateConditions(
  parts: readonly AggregatePart[],
  options: AggregateOptions,
): Observation {
  const { type, sourceType, reasons, polarity = "Positive" } = options
  const judged = parts.map((part) => ({
    part,
    severity: part.condition ? severityOf(part.condition.status, polarity) : ("unknown" as const),
    message: part.condition
      ? (part.condition.message ?? "")
      : `Condition ${sourceType} not yet reported`,
  }))
  const severity = worst(judged.map((entry) => entry.severity))
  const relevant = judged.filter((entry) =>
    severity === "fine" ? entry.message !== "" : entry.severity !== "fine",
  )
  const lines = new Map<string, Line>()
  for (const { part, message, severity: own } of relevant) {
    const key = `${part.kind}\n${message}`
    const line = lines.get(key) ?? { kind: part.kind, message, severity: own, parts: [] }
    line.parts.push(part)
    if (rank(own) < rank(line.severity)) line.severity = own
    lines.set(key, line)
  }
  return {
    type,
    status: statusOf(severity, polarity),
    reason: reasons[severity],
    message: linesText([...lines.values()].sort(compareLines)).slice(0, messageMaxLength),
  }
}

interface Line {
  readonly kind: string
  readonly message: string
  severity: Severity
  readonly parts: AggregatePart[]
}

function compareLines(left: Line, right: Line): number {
  return (
    left.kind.localeCompare(right.kind) ||
    Number(hasControlPlane(right)) - Number(hasControlPlane(left)) ||
    rank(left.severity) - rank(right.severity) ||
    right.parts.length - left.parts.length ||
    left.message.localeCompare(right.message)
  )
}

function hasControlPlane(line: Line): boolean {
  return line.parts.some((part) => part.isControlPlane)
}

function linesText(lines: readonly Line[]): string {
  const shown = lines.slice(0, messagesShown).map((line) => {
    const names = line.parts
      .toSorted(
        (left, right) =>
          Number(right.isControlPlane ?? false) - Number(left.isControlPlane ?? false) ||
          left.name.localeCompare(right.name),
      )
      .map((part) => part.name)
    return `* ${kindText(line.kind, names.length)} ${listText(names)}:${indented(line.message)}`
  })
  const rest = lines.slice(messagesShown)
  const counts = (["issue", "unknown", "fine"] as const).flatMap((severity) =>
    [...new Set(rest.map((line) => line.kind))].flatMap((kind) => {
      const count = rest
        .filter((line) => line.severity === severity && line.kind === kind)
        .reduce((sum, line) => sum + line.parts.length, 0)
      return count === 0 ? [] : [`And ${count} ${kindText(kind, count)} ${restText[severity]}`]
    }),
  )
  return [...shown, ...counts].join("\n")
}

const restText = {
  issue: "with other issues",
  unknown: "with status unknown",
  fine: "with additional info",
} as const

function kindText(kind: string, count: number): string {
  return count === 1 ? kind : `${kind}s`
}

/** Up to three names, and how many more there are. */
export function listText(names: readonly string[]): string {
  if (names.length <= namesShown) return names.join(", ")
  return `${names.slice(0, namesShown).join(", ")}, ... (${names.length - namesShown} more)`
}

/**
 * A provider's condition under our name; the fallback is for a provider that does not report it.
 */
export function mirrorCondition(
  object: UntypedObject,
  sourceType: string,
  fallback: Observation,
): Observation {
  const condition = conditionsOf(object).find((candidate) => candidate.type === sourceType)
  if (!condition) return fallback
  const { status, reason, message } = condition
  return {
    type: fallback.type,
    status: status === "True" || status === "False" ? status : "Unknown",
    reason: reason || (status === fallback.status ? fallback.reason : "NoReasonReported"),
    message: message ?? "",
  }
}

/** A condition as it was last written, for a merge or to be kept. */
export function observationOf(
  object: {
    readonly status?: { readonly conditions?: readonly Condition[] | undefined } | undefined
  },
  type: string,
): Observation | undefined {
  const condition = object.status?.conditions?.find((candidate) => candidate.type === type)
  if (!condition) return undefined
  const { status, reason, message } = condition
  return { type, status, reason, message: message ?? "" }
}

function severityOf(status: Observation["status"], polarity: Polarity): Severity {
  if (status === "Unknown") return "unknown"
  return (status === "True") === (polarity === "Positive") ? "fine" : "issue"
}

function statusOf(severity: Severity, polarity: Polarity): Observation["status"] {
  if (severity === "unknown") return "Unknown"
  return (severity === "fine") === (polarity === "Positive") ? "True" : "False"
}

function worst(severities: readonly Severity[]): Severity {
  if (severities.includes("issue")) return "issue"
  return severities.includes("unknown") ? "unknown" : "fine"
}

function rank(severity: Severity): number {
  return severity === "issue" ? 0 : severity === "unknown" ? 1 : 2
}

function indented(message: string): string {
  if (!message.includes("\n") && !message.startsWith("* ")) return ` ${message}`
  return `\n${message
    .split("\n")
    .map((line) => `  ${line}`)
    .join("\n")}`
}
