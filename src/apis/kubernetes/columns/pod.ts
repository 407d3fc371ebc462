import type { BuiltinColumn } from "../builtin-kind.ts"
import {
  ageColumn,
  column,
  conditionAt,
  listAt,
  nameColumn,
  numberAt,
  textAt,
  textColumn,
  timeSince,
  valueAt,
  wide,
} from "../cell.ts"

/** What the table says of a Pod, made from the states of its containers. */
interface PodSummary {
  readonly ready: string
  readonly status: string
  readonly restarts: number
  /** RFC 3339; empty when nothing restarted. */
  readonly lastRestart: string
}

interface Tally {
  ready: number
  restarts: number
  lastRestart: string
}

const isTrue = (pod: unknown, type: string): boolean =>
  valueAt(conditionAt(pod, "status.conditions", type), "status") === "True"

const count = (tally: Tally, status: unknown): void => {
  tally.restarts += numberAt(status, "restartCount")
  const finished = textAt(status, "lastState.terminated.finishedAt")
  if (finished > tally.lastRestart) tally.lastRestart = finished
}

/** `prefix` tells init containers from the others. */
function exitReason(terminated: unknown, prefix: string): string {
  const reason = textAt(terminated, "reason")
  if (reason !== "") return prefix + reason
  const signal = numberAt(terminated, "signal")
  return signal === 0
    ? `${prefix}ExitCode:${numberAt(terminated, "exitCode")}`
    : `${prefix}Signal:${signal}`
}

/** Why an init container holds the Pod up; undefined when it does not. */
function initReason(status: unknown, isSidecar: boolean, progress: string): string | undefined {
  const terminated = valueAt(status, "state.terminated")
  if (terminated && numberAt(terminated, "exitCode") === 0) return undefined
  if (isSidecar && valueAt(status, "started") === true) return undefined
  if (terminated) return exitReason(terminated, "Init:")
  const waiting = textAt(status, "state.waiting.reason")
  return waiting === "" || waiting === "PodInitializing" ? `Init:${progress}` : `Init:${waiting}`
}

function summarize(pod: unknown): PodSummary {
  const initContainers = listAt(pod, "spec.initContainers")
  const sidecars = new Set(
    initContainers
      .filter((container) => valueAt(container, "restartPolicy") === "Always")
      .map((container) => valueAt(container, "name")),
  )
  const all: Tally = { ready: 0, restarts: 0, lastRestart: "" }
  const running: Tally = { ready: 0, restarts: 0, lastRestart: "" }
  let held: string | undefined
  for (const [index, status] of listAt(pod, "status.initContainerStatuses").entries()) {
    const isSidecar = sidecars.has(valueAt(status, "name"))
    count(all, status)
    if (isSidecar) count(running, status)
    held = initReason(status, isSidecar, `${index}/${initContainers.length}`)
    if (held !== undefined) break
    if (isSidecar && valueAt(status, "ready") === true) running.ready += 1
  }
  const gated = conditionAt(pod, "status.conditions", "PodScheduled")
  const phase = textAt(pod, "status.reason", textAt(pod, "status.phase"))
  let reason = held ?? (valueAt(gated, "reason") === "SchedulingGated" ? "SchedulingGated" : phase)
  let tally: Tally = { ...all, ready: running.ready }
  if (held === undefined || isTrue(pod, "Initialized")) {
    reason = containerReason(pod, reason, running)
    tally = running
  }
  const total = listAt(pod, "spec.containers").length + sidecars.size
  return {
    ready: `${tally.ready}/${total}`,
    status: deletionReason(pod) ?? reason,
    restarts: tally.restarts,
    lastRestart: tally.lastRestart,
  }
}

/** The reason that the first container with one gives; counts them all. */
function containerReason(pod: unknown, before: string, tally: Tally): string {
  let reason = before
  let hasRunning = false
  for (const status of listAt(pod, "status.containerStatuses").toReversed()) {
    count(tally, status)
    const waiting = textAt(status, "state.waiting.reason")
    const terminated = valueAt(status, "state.terminated")
    if (waiting !== "") {
      reason = waiting
    } else if (terminated) {
      reason = exitReason(terminated, "")
    } else if (valueAt(status, "ready") === true && valueAt(status, "state.running")) {
      hasRunning = true
      tally.ready += 1
    }
  }
  if (reason !== "Completed" || !hasRunning) return reason
  return isTrue(pod, "Ready") ? "Running" : "NotReady"
}

function deletionReason(pod: unknown): string | undefined {
  if (textAt(pod, "metadata.deletionTimestamp") === "") return undefined
  if (valueAt(pod, "status.reason") === "NodeLost") return "Unknown"
  const phase = valueAt(pod, "status.phase")
  return phase === "Succeeded" || phase === "Failed" ? undefined : "Terminating"
}

function restarts(pod: unknown, nowMs: number): string {
  const { restarts: times, lastRestart } = summarize(pod)
  return times === 0 || lastRestart === ""
    ? String(times)
    : `${times} (${timeSince(lastRestart, nowMs)} ago)`
}

function readinessGates(pod: unknown): string {
  const gates = listAt(pod, "spec.readinessGates")
  const open = gates.filter((gate) => isTrue(pod, textAt(gate, "conditionType")))
  return gates.length === 0 ? "<none>" : `${open.length}/${gates.length}`
}

export const podColumns: Readonly<Record<string, readonly BuiltinColumn[]>> = {
  "/Pod": [
    nameColumn,
    column("Ready", (pod) => summarize(pod).ready),
    column("Status", (pod) => summarize(pod).status),
    column("Restarts", restarts),
    ageColumn,
    ...wide(
      column("IP", (pod) => textAt(listAt(pod, "status.podIPs")[0], "ip", "<none>")),
      textColumn("Node", "spec.nodeName", "<none>"),
      textColumn("Nominated Node", "status.nominatedNodeName", "<none>"),
      column("Readiness Gates", readinessGates),
    ),
  ],
}
