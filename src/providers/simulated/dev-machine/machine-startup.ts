import type { DevMachine } from "#apis"
import { startupDelayMs } from "./startup-delay.ts"

/** The parts of a machine, in the order in which they come up; each is a condition. */
export const stages = [
  "VMProvisioned",
  "EtcdProvisioned",
  "APIServerProvisioned",
  "NodeProvisioned",
] as const
type Stage = (typeof stages)[number]

const workerStages: readonly Stage[] = ["VMProvisioned", "NodeProvisioned"]

const partOf = {
  VMProvisioned: "vm",
  EtcdProvisioned: "etcd",
  APIServerProvisioned: "apiServer",
  NodeProvisioned: "node",
} as const

/** When a machine began to come up, RFC 3339. It goes wherever the object is moved to. */
export const startedAtAnnotation = "mothership.dev/simulated-since"

/** One part of a machine that comes up. */
export interface StageProgress {
  readonly stage: Stage
  /** Name of the part in `spec.backend.inMemory`. */
  readonly part: string
  /** Milliseconds until its time is over; 0 when it is. */
  readonly remainingMs: number
}

export function startedAt(machine: DevMachine): string | undefined {
  return machine.metadata.annotations?.[startedAtAnnotation]
}

/** How far a machine is: each part's time begins when the part before is up. */
export function startupOf(
  machine: DevMachine,
  isControlPlane: boolean,
  nowMs: number,
): readonly StageProgress[] {
  const since = startedAt(machine)
  let dueMs = since === undefined ? nowMs : Date.parse(since)
  return (isControlPlane ? stages : workerStages).map((stage) => {
    const part = partOf[stage]
    const provisioning = machine.spec?.backend.inMemory?.[part]?.provisioning
    dueMs += startupDelayMs(provisioning, `${machine.metadata.name}/${since}/${stage}`)
    return { stage, part, remainingMs: Math.max(0, dueMs - nowMs) }
  })
}
