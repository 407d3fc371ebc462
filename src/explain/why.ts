import { MachineKind, type RemoteMachine, RemoteMachineKind } from "#apis"
import type { Condition } from "#meta"
import { describeWorking, type Health, healthOf, problemsOf } from "./health.ts"
import type { ExplainedObject, ObjectView } from "./object-view.ts"
import { progressOf } from "./progress.ts"
import {
  blockersOf,
  childrenOf,
  clusterOf,
  isHomeless,
  machineOf,
  type MissingObject,
  type Related,
} from "./relations.ts"
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
    if (health.state === "ready" || isCause(view, current, health)) break
    const unseen = blockersOf(view, current).filter((each) => !visited.has(nameOf(each)))
    const next = worst(view, unseen)
    if (!next) break
    if (!next.object) return missing(path, next.missing)
    current = next.object
  }
  return conclude(view, current, path)
}

/** True when what a person has to do is about the object itself: it is not looked behind. */
function isCause(view: ObjectView, object: ExplainedObject, health: Health): boolean {
  if (health.reason === "Paused") return true
  if (isHomeless(view, object)) return false
  return health.state === "stuck" && childrenOf(view, object).length === 0
}

/** What leads to something stuck comes before what is on its way; among equals the first one. */
function worst(view: ObjectView, candidates: readonly Related[]): Related | undefined {
  const ranked = candidates.map((candidate) => ({ candidate, rank: rankOf(view, candidate) }))
  const open = ranked.filter(({ candidate, rank }) => rank > 0 && !isWell(candidate))
  const highest = Math.max(...open.map(({ rank }) => rank))
  return open.find(({ rank }) => rank === highest)?.candidate
}

const ranks = { ready: 0, unknown: 1, working: 1, deleting: 1, stuck: 2 } as const

/** The worst of an object and of all that it is made of. */
function rankOf(view: ObjectView, { object }: Related): number {
  if (!object) return ranks.stuck
  const below = childrenOf(view, object).map((child) => rankOf(view, child))
  return Math.max(ranks[healthOf(object).state], ...below)
}

function isWell({ object }: Related): boolean {
  return object !== undefined && healthOf(object).state === "ready"
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
  const silence = silentApi(view, object, health)
  const { reason, message, since, turn } = silence ?? health
  const isReady = health.state === "ready"
  const machine = machineOf(view, object)?.metadata.name
  const evidence = isReady
    ? []
    : [
        ...(silence?.condition ? [conditionLine(silence.condition)] : []),
        ...conditionLines(object),
        ...hostLines(object),
      ]
  return { path, isReady, reason, message, since, turn, evidence, machine }
}

/**
 * A Machine whose host has done its part waits for its Node, which nobody can see while the
 * cluster's API server does not answer.
 */
function silentApi(view: ObjectView, object: ExplainedObject, health: Health): Health | undefined {
  if (object.kind !== MachineKind.kind || health.state !== "working") return undefined
  const cluster = clusterOf(view, object)
  const { conditions = [] } = cluster?.status ?? {}
  const probe = conditions.find(({ type }) => type === "RemoteConnectionProbe")
  return probe?.status === "False" ? describeWorking(probe) : undefined
}

function missing(path: readonly WhyStep[], object: MissingObject): Explanation {
  const title = `${object.kind}/${object.name}`
  const { advice = `create ${title}`, message = `${title} does not exist` } = object
  const turn: Turn = { who: "you", isStuck: true, advice }
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

/** A summary that repeats another condition word by word says nothing more. */
function conditionLines(object: ExplainedObject): readonly string[] {
  const problems = problemsOf(object)
  return problems
    .filter(({ reason, message }, index) => {
      const first = problems.findIndex((each) => each.reason === reason && each.message === message)
      return first === index
    })
    .map(conditionLine)
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
