import { isObject } from "#base"
import type { FieldError } from "#schema"

const base64 = /^(?:[A-Za-z\d+/]{4})*(?:[A-Za-z\d+/]{2}==|[A-Za-z\d+/]{3}=)?$/
const lineBreaks = /[\r\n]/g

/**
 * True for a finding about base64 that Kubernetes' own kinds allow, as Go reads it: no text is no
 * bytes, and lines may break anywhere.
 */
export function isReadableBase64({ reason, badValue, detail }: FieldError): boolean {
  return (
    reason === "FieldValueTypeInvalid" &&
    typeof badValue === "string" &&
    detail.includes(" must be of type byte: ") &&
    base64.test(badValue.replaceAll(lineBreaks, ""))
  )
}

/** A map of base64 without line breaks; what is none is handed back as it is. */
export function withoutLineBreaks(data: unknown): unknown {
  if (!isObject(data)) return data
  const entries = Object.entries(data)
  const isBroken = entries.some(([, text]) => typeof text === "string" && /[\r\n]/.test(text))
  if (!isBroken) return data
  return Object.fromEntries(
    entries.map(([key, text]) => [
      key,
      typeof text === "string" ? text.replaceAll(lineBreaks, "") : text,
    ]),
  )
}
