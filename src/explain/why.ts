import { type RemoteMachine, RemoteMachineKind } from "#apis"
import type { Condition } from "#meta"
import { type Health, healthOf, problemsOf } from "./health.ts"
import type { ExplainedObject, ObjectView } from "./object-view.ts"
import { progressOf } from "./progress.ts"
import { blockersOf, machineOf, type Related } from "./relations.ts"
import { titleOf } from "./tree.ts"
import type { Turn } from "./turn.ts"

/** One object on the way to what blocks. */
export interface WhyStep {
  readonly title: string
  readonly health: Health
}

/** Why an object is not ready. */
export interface Explanation {
  /** From the object that was asked about to the deepest one that blocks it. */
  readonly path: readonly WhyStep[]
  readonly isReady: boolean
  readonly reason: string
  readonly message: string
  /** RFC 3339. */
  readonly since?: string | undefined
  readonly turn?: Turn | undefined
  /** What shows it: conditions of the blocking object, the host's own output. */
  readonly evidence: readonly string[]
  /** The Machine on whose host it happens, for `logs` and `retry`. */
  readonly machine?: string | undefined
}

/** Walks from an object to the deepest thing that keeps it from being ready. */
export function explain(view: ObjectView, object: ExplainedObject): Explanation {
  const path: WhyStep[] = []
  const visited = new Set<string>()
  let current = object
  for (;;) {
    const health = healthOf(current)
    path.push({ title: titleOf(current), health })
    visited.add(titleOf(current))
    if (health.state === "ready" || health.reason === "Paused") break
    const next = worst(blockersOf(view, current).filter((each) => !visited.has(nameOf(each))))
    if (!next) break
    if (!next.object) return missing(path, nameOf(next))
    current = next.object
  }
  return conclude(view, current, path)
}

/** What is stuck comes before what is on its way; among equals the first one. */
function worst(candidates: readonly Related[]): Related | undefined {
  const ranked = candidates.map((candidate) => ({ candidate, rank: rankOf(candidate) }))
  const open = ranked.filter(({ rank }) => rank > 0)
  const highest = Math.max(...open.map(({ rank }) => rank))
  return open.find(({ rank }) => rank === highest)?.candidate
}

const ranks = { ready: 0, unknown: 1, working: 1, deleting: 1, stuck: 2 } as const

function rankOf({ object }: Related): number {
  return object ? ranks[healthOf(object).state] : ranks.stuck
}

function nameOf(related: Related): string {
  return related.object
    ? titleOf(related.object)
    : `${related.missing.kind}/${related.missing.name}`
}

function conclude(
  view: ObjectView,
  object: ExplainedObject,
  path: readonly WhyStep[],
): Explanation {
  const health = healthOf(object)
  const { reason, message, since, turn } = health
  const isReady = health.state === "ready"
  const machine = machineOf(view, object)?.metadata.name
  const evidence = isReady ? [] : [...problemsOf(object).map(conditionLine), ...hostLines(object)]
  return { path, isReady, reason, message, since, turn, evidence, machine }
}

function missing(path: readonly WhyStep[], title: string): Explanation {
  const turn: Turn = { who: "you", isStuck: true, advice: `create ${title}` }
  const message = `${title} does not exist`
  const health: Health = { state: "stuck", reason: "ObjectDoesNotExist", message, turn }
  return {
    path: [...path, { title, health }],
    isReady: false,
    reason: health.reason,
    message,
    since: path.at(-1)?.health.since,
    turn,
    evidence: [],
  }
}

function conditionLine({ type, status, reason, message }: Condition): string {
  return `${type}=${status} ${reason}${message ? `: ${message}` : ""}`
}

function hostLines(object: ExplainedObject): readonly string[] {
  if (object.kind !== RemoteMachineKind.kind) return []
  const { bootstrap } = (object as RemoteMachine).status ?? {}
  const progress = progressOf(object)
  return [
    ...(progress ? [`step ${progress}, attempt ${bootstrap?.attempt ?? 1}`] : []),
    ...(bootstrap?.message ? bootstrap.message.trimEnd().split("\n") : []),
  ]
}
