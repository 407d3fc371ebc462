import type { ClusterStatus, Machine } from "#apis"
import { readControlPlane, type VersionCount } from "#contract"
import { isConditionTrue, type UntypedObject } from "#meta"
import { mergeVersions, versionsOf } from "../machine-versions.ts"
import type { Descendants } from "./cluster-access.ts"

type Summary = NonNullable<ClusterStatus["workers"]>

interface Counted {
  readonly desired: number | undefined
  readonly status: Omit<Summary, "desiredReplicas" | "versions"> | undefined
  readonly versions: readonly VersionCount[] | undefined
}

/** What the control plane object says of its replicas, or the count of standalone Machines. */
export function controlPlaneSummary(
  hasReference: boolean,
  controlPlane: UntypedObject | undefined,
  machines: readonly Machine[],
): Summary | undefined {
  if (!hasReference) return sumOf(machines.map(countMachine))
  if (!controlPlane) return undefined
  const facts = readControlPlane(controlPlane)
  return compact({
    desiredReplicas: facts.desiredReplicas,
    replicas: facts.replicas,
    readyReplicas: facts.readyReplicas,
    availableReplicas: facts.availableReplicas,
    upToDateReplicas: facts.upToDateReplicas,
    versions: facts.versions?.map(({ version, replicas }) => ({ version, replicas })),
  })
}

export function workersSummary(descendants: Descendants): Summary | undefined {
  const { deployments, standaloneMachineSets, standaloneWorkers } = descendants
  return sumOf([
    ...[...deployments, ...standaloneMachineSets].map(({ spec, status }) => ({
      desired: spec.replicas,
      status,
      versions: status?.versions,
    })),
    ...standaloneWorkers.map(countMachine),
  ])
}

/** That a standalone Machine was made is the wish for one. */
function countMachine(machine: Machine): Counted {
  const one = (type: string): number | undefined => (isConditionTrue(machine, type) ? 1 : undefined)
  return {
    desired: 1,
    status: {
      replicas: 1,
      readyReplicas: one("Ready"),
      availableReplicas: one("Available"),
      upToDateReplicas: one("UpToDate"),
    },
    versions: versionsOf([machine]),
  }
}

function sumOf(parts: readonly Counted[]): Summary | undefined {
  const sum = (pick: (part: Counted) => number | undefined): number | undefined => {
    const numbers = parts.map(pick).filter((value) => value !== undefined)
    return numbers.length === 0 ? undefined : numbers.reduce((left, right) => left + right, 0)
  }
  return compact({
    desiredReplicas: sum((part) => part.desired),
    replicas: sum((part) => part.status?.replicas),
    readyReplicas: sum((part) => part.status?.readyReplicas),
    availableReplicas: sum((part) => part.status?.availableReplicas),
    upToDateReplicas: sum((part) => part.status?.upToDateReplicas),
    versions: mergeVersions(parts.flatMap((part) => part.versions ?? [])),
  })
}

/** Nothing rather than an empty object, which no schema accepts. */
function compact(summary: Summary): Summary | undefined {
  const entries = Object.entries(summary).filter(([, value]) => value !== undefined)
  return entries.length === 0 ? undefined : (Object.fromEntries(entries) as Summary)
}
