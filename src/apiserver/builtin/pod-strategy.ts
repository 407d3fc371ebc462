import type { ApiObject } from "#meta"
import type { PrepareInput } from "../resource.ts"

type Amounts = Readonly<Record<string, unknown>>

interface PodContent extends ApiObject {
  readonly spec?: {
    readonly containers?: readonly {
      readonly resources?: { readonly limits?: Amounts; readonly requests?: Amounts } | undefined
    }[]
  }
}

const counted = ["cpu", "memory"]

/** A new pod waits for a node, whatever its creator says about its status. */
export function preparePod({ object, old }: PrepareInput): ApiObject {
  if (old) return object
  return { ...object, status: { phase: "Pending", qosClass: qosClassOf(object) } } as ApiObject
}

/** How sure a pod can be of its resources: of all of them, of some, or of none. */
function qosClassOf({ spec }: PodContent): string {
  const asked = (spec?.containers ?? []).map(({ resources }) => ({
    limits: resources?.limits ?? {},
    requests: resources?.requests ?? {},
  }))
  const asksNothing = asked.every(({ limits, requests }) =>
    counted.every((name) => !(name in limits) && !(name in requests)),
  )
  if (asksNothing) return "BestEffort"
  const isLimited = asked.every(({ limits, requests }) =>
    counted.every((name) => name in limits && (requests[name] ?? limits[name]) === limits[name]),
  )
  return isLimited ? "Guaranteed" : "Burstable"
}
