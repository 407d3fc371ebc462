import type { Event } from "#apis"
import { isObject } from "#base"
import type { ApiObject } from "#meta"
import { type FieldError, invalidError, requiredError, tooLongError } from "#schema"
import { microTimeErrors } from "./micro-time.ts"

type Content = ApiObject & { readonly [field: string]: unknown }

const systemNamespaces = new Set(["default", "kube-system"])
const types = new Set(["Normal", "Warning"])

const textMax = 128
const noteMax = 1_024

/** Events live beside what they are about, or in `default` when that has no namespace. */
export function validateEvent(object: ApiObject): readonly FieldError[] {
  const { involvedObject, metadata, eventTime, series } = object as Event
  return [
    ...microTimeErrors("eventTime", eventTime),
    ...microTimeErrors("series.lastObservedTime", series?.lastObservedTime),
    ...placeErrors(metadata.namespace, involvedObject.namespace, "involvedObject.namespace"),
  ]
}

/** What `events.k8s.io` asks for beyond that: who reports, what was done, and when. */
export function validateNewEvent(
  object: ApiObject,
  old: ApiObject | undefined,
): readonly FieldError[] {
  const event = object as Content
  const { regarding, eventTime, type, note = "" } = event
  const about = isObject(regarding) ? regarding["namespace"] : undefined
  const series = isObject(event["series"]) ? event["series"] : {}
  const always = [
    ...microTimeErrors("eventTime", eventTime),
    ...microTimeErrors("series.lastObservedTime", series["lastObservedTime"]),
    ...placeErrors(event.metadata.namespace, about, "regarding.namespace"),
  ]
  if (old) return always
  const reporter = eventTime ? reporterErrors(event) : [requiredError("eventTime")]
  const kind = types.has(String(type))
    ? []
    : [invalidError("type", type ?? "", `has invalid value: ${String(type ?? "")}`)]
  const long = String(note).length > noteMax ? [tooLongError("note", noteMax)] : []
  return [...reporter, ...kind, ...long, ...always]
}

function reporterErrors(event: Content): readonly FieldError[] {
  return ["reportingController", "reportingInstance", "action", "reason"].flatMap((field) => {
    const value = String(event[field] ?? "")
    if (value === "") return [requiredError(field)]
    return value.length > textMax ? [tooLongError(field, textMax)] : []
  })
}

function placeErrors(
  home: string | undefined,
  about: unknown,
  field: string,
): readonly FieldError[] {
  const isFit = about ? about === home : systemNamespaces.has(home ?? "")
  return isFit ? [] : [invalidError(field, about ?? "", "does not match event.namespace")]
}
