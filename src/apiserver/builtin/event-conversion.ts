import type { ConvertibleObject, VersionConversion } from "#meta"

type Fields = ConvertibleObject & { readonly [field: string]: unknown }

/** Members of `events.k8s.io/v1` and what core/v1, the stored form, calls them. */
const renamed: readonly (readonly [view: string, stored: string])[] = [
  ["regarding", "involvedObject"],
  ["note", "message"],
  ["deprecatedSource", "source"],
  ["deprecatedFirstTimestamp", "firstTimestamp"],
  ["deprecatedLastTimestamp", "lastTimestamp"],
  ["deprecatedCount", "count"],
  ["reportingController", "reportingComponent"],
]

/** One stored Event, two API groups: `events.k8s.io/v1` is a view of core/v1. */
export const eventConversion: VersionConversion = {
  toHub: (object) => rename(object, "v1", renamed),
  fromHub: (object) =>
    rename(
      object,
      "events.k8s.io/v1",
      renamed.map(([view, stored]) => [stored, view]),
    ),
}

function rename(
  object: ConvertibleObject,
  apiVersion: string,
  names: readonly (readonly [from: string, to: string])[],
): ConvertibleObject {
  const next: Record<string, unknown> = { ...(object as Fields), apiVersion }
  for (const [from, to] of names) {
    if (next[from] === undefined) continue
    next[to] = next[from]
    delete next[from]
  }
  return next as unknown as ConvertibleObject
}
