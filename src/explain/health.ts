import { RemoteMachineKind } from "#apis"
import type { Condition } from "#meta"
import type { ExplainedObject } from "./object-view.ts"
import { hasTurn, type Turn, turnOf } from "./turn.ts"

/**
 * `ready`: as it should be. `working`: on its way. `stuck`: nothing goes on until somebody acts.
 * `deleting`: on its way out. `unknown`: nobody has looked at it yet.
 */
export type HealthState = "ready" | "working" | "stuck" | "deleting" | "unknown"

/** How one object is. */
export interface Health {
  readonly state: HealthState
  /** The condition that says so most exactly. */
  readonly condition?: Condition | undefined
  readonly reason: string
  readonly message: string
  /** RFC 3339; when it became so. */
  readonly since?: string | undefined
  readonly turn?: Turn | undefined
}

/** What sums an object up, in order of preference. */
const summaries = ["Ready", "Available", "MachinesReady"]

/** These are fine when they are False. */
const negative = new Set([
  "Deleting",
  "Paused",
  "Updating",
  "RollingOut",
  "ScalingUp",
  "ScalingDown",
  "Remediating",
])

/** Reasons that only repeat that something is not well; another condition says more. */
const generic = new Set(["NotReady", "NotAvailable", "NotUpToDate", "ReadyUnknown", "Failed"])

/** Judges an object by its conditions. */
export function healthOf(object: ExplainedObject): Health {
  const conditions = object.status?.conditions ?? []
  const { deletionTimestamp } = object.metadata
  const paused = conditions.find(({ type, status }) => type === "Paused" && status === "True")
  if (paused) return describe("stuck", { ...paused, reason: "Paused" })
  if (deletionTimestamp !== undefined) return deletion(object, deletionTimestamp)
  const summary = summaries
    .map((type) => conditions.find((condition) => condition.type === type))
    .find((condition) => condition !== undefined)
  if (!summary) return withoutSummary(object)
  const movement = summary.status === "True" ? movementOf(conditions) : undefined
  if (movement) return describe(turnOf(movement.reason).isStuck ? "stuck" : "working", movement)
  if (summary.status === "True") return describe("ready", summary)
  const exact = mostExact(conditions, summary)
  const turn = turnOf(exact.reason)
  return describe(turn.isStuck ? "stuck" : "working", exact)
}

/** All conditions that are not as they should be, the summary last. */
export function problemsOf(object: ExplainedObject): readonly Condition[] {
  const conditions = object.status?.conditions ?? []
  const problems = conditions.filter((condition) => !isFine(condition))
  const isSummary = (condition: Condition): boolean => summaries.includes(condition.type)
  return [...problems.filter((each) => !isSummary(each)), ...problems.filter(isSummary)]
}

function isFine({ type, status }: Condition): boolean {
  return negative.has(type) ? status === "False" : status === "True"
}

function deletion(object: ExplainedObject, since: string): Health {
  const { finalizers = [] } = object.metadata
  const told = deletionCondition(object)
  const turn = turnOf(told?.reason ?? "Deleting")
  return {
    state: turn.isStuck ? "stuck" : "deleting",
    condition: told,
    reason: told?.reason ?? "Deleting",
    message: told?.message ?? `waits for finalizers: ${finalizers.join(", ")}`,
    since,
    turn: isRelease(object, told) ? withRelease(turn, object) : turn,
  }
}

/** A RemoteMachine says in its summary how its host is given back. */
function deletionCondition({ kind, status }: ExplainedObject): Condition | undefined {
  const conditions = status?.conditions ?? []
  return kind === RemoteMachineKind.kind
    ? conditions.find((each) => each.type === "Ready" && each.status === "False")
    : conditions.find((each) => each.type === "Deleting" && each.status === "True")
}

function isRelease({ kind }: ExplainedObject, told: Condition | undefined): boolean {
  return kind === RemoteMachineKind.kind && told !== undefined && told.reason !== "Cleaning"
}

function withRelease(turn: Turn, { metadata }: ExplainedObject): Turn {
  const { name, namespace = "default" } = metadata
  const release =
    `kubectl annotate remotemachine ${name} -n ${namespace} ` +
    "remote.mothership.dev/force-release=true"
  const advice = [turn.advice, `or give the host up as it is: ${release}`]
  return { ...turn, advice: advice.filter(Boolean).join("\n") }
}

/** Kinds without a summary (a host in a pool) are judged by whether anything is wrong. */
function withoutSummary(object: ExplainedObject): Health {
  const [problem] = problemsOf(object)
  if (problem) return describe(turnOf(problem.reason).isStuck ? "stuck" : "working", problem)
  return object.status === undefined
    ? {
        state: "unknown",
        reason: "NotSeenYet",
        message: "no controller has looked at it yet",
        since: object.metadata.creationTimestamp,
        turn: turnOf("NotSeenYet"),
      }
    : { state: "ready", reason: "", message: "" }
}

/** A condition that somebody must act on, else one that says more than the summary does. */
function mostExact(conditions: readonly Condition[], summary: Condition): Condition {
  const open = conditions.filter((condition) => condition !== summary && !isFine(condition))
  const stuck = open.map(exactly).find(({ reason }) => turnOf(reason).isStuck)
  if (stuck) return stuck
  if (!generic.has(summary.reason)) return summary
  const told = open.find(({ reason, status }) => status === "False" && !generic.has(reason))
  const exact = told ?? open.find(({ reason }) => hasTurn(reason)) ?? summary
  return exactly(exact)
}

const movements = ["RollingOut", "ScalingUp", "ScalingDown"]

/** What is available may still be on its way to what is asked for, or kept from it. */
function movementOf(conditions: readonly Condition[]): Condition | undefined {
  const [first] = conditions.filter(
    ({ type, status }) => movements.includes(type) && status === "True",
  )
  const scalingUp = conditions.find(({ type }) => type === "ScalingUp")
  const blocked = first && scalingUp && exactly(scalingUp)
  return blocked && turnOf(blocked.reason).isStuck ? blocked : first
}

/** What kubelets say until somebody has written a configuration for container networks. */
const noPodNetwork = /cni (plugin not initialized|config uninitialized)/i

const blockedBy = / (?:is|would be) blocked because:\n/

/** Upstream's reasons are general where only the message says what is wrong. */
function exactly(condition: Condition): Condition {
  const { type, message: whole = "" } = condition
  const [, causes] = whole.split(blockedBy)
  const message = causes?.replaceAll(/^ *\* /gm, "") ?? whole
  if (message.includes("no CRD serves it")) {
    return { ...condition, reason: "KindNotServed", message }
  }
  if (noPodNetwork.test(message)) return { ...condition, reason: "PodNetworkMissing" }
  const isBlocked = type === "ScalingUp" && causes !== undefined
  if (!isBlocked || !message.includes("does not exist")) return condition
  return { ...condition, reason: "ObjectDoesNotExist", message }
}

/** The health that one condition tells of an object that is on its way. */
export function describeWorking(condition: Condition): Health {
  return describe("working", condition)
}

function describe(state: HealthState, condition: Condition): Health {
  return {
    state,
    condition,
    reason: condition.reason,
    message: condition.message ?? "",
    since: condition.lastTransitionTime,
    ...(state === "ready" ? {} : { turn: turnOf(condition.reason) }),
  }
}
