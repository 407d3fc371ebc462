import { type Draft, draft, draftOf } from "./draft.ts"
import { isOneOf } from "./equality.ts"
import { notSupportedError, tooLongError } from "./field-error.ts"
import { numberFormat, stringFormat } from "./formats.ts"
import { compilePattern } from "./pattern.ts"
import type { Schema } from "./schema.ts"

/** A check of one kind of value; undefined where the schema has nothing to say. */
export type Check<T> = (value: T, drafts: Draft[]) => void

/** The JSON type of a value, as error texts name it. */
export function typeName(value: unknown): string {
  if (value === null) return "null"
  if (Array.isArray(value)) return "array"
  if (typeof value !== "number") return typeof value
  return Number.isInteger(value) && Math.abs(value) < 2 ** 63 ? "integer" : "number"
}

/** The types a schema accepts; none when any will do. */
function acceptedTypes(schema: Schema): readonly string[] {
  if (schema["x-kubernetes-int-or-string"]) return ["integer", "string"]
  return schema.type === undefined ? [] : [schema.type]
}

export function typeCheck(schema: Schema): Check<unknown> | undefined {
  const types = acceptedTypes(schema)
  if (types.length === 0) return undefined
  const accepted = new Set(types)
  if (accepted.has("number")) accepted.add("integer")
  if (schema.nullable) accepted.add("null")
  const wanted = types.join(",")
  return (value, drafts) => {
    const actual = typeName(value)
    if (accepted.has(actual)) return
    const detail = `must be of type ${wanted}: "${actual}"`
    drafts.push(draft("FieldValueTypeInvalid", actual, detail, "body"))
  }
}

/** Length comes first: the pattern of a text that is too long or too short is not tried. */
export function stringCheck(schema: Schema): Check<string> | undefined {
  const ofLength = lengthCheck(schema)
  const ofPattern = patternCheck(schema.pattern)
  const ofFormat = formatCheck(schema.format)
  if (!ofLength && !ofPattern && !ofFormat) return undefined
  return (text, drafts) => {
    const before = drafts.length
    ofLength?.(text, drafts)
    if (drafts.length === before) ofPattern?.(text, drafts)
    ofFormat?.(text, drafts)
  }
}

function lengthCheck({ minLength, maxLength }: Schema): Check<string> | undefined {
  if (minLength === undefined && maxLength === undefined) return undefined
  const least = minLength ?? 0
  const most = maxLength ?? Number.POSITIVE_INFINITY
  return (text, drafts) => {
    // A character is one or two code units: the exact count matters only between the bounds.
    if (text.length > most && characterCount(text) > most) {
      drafts.push(draftOf(tooLongError("", most)))
    } else if (text.length < least * 2 && characterCount(text) < least) {
      const detail = `should be at least ${least} chars long`
      drafts.push(draft("FieldValueInvalid", text, detail, "body"))
    }
  }
}

function characterCount(text: string): number {
  let count = 0
  for (const _ of text) count += 1
  return count
}

function patternCheck(source: string | undefined): Check<string> | undefined {
  if (source === undefined || source === "") return undefined
  const pattern = compilePattern(source)
  return (text, drafts) => {
    if (pattern.test(text)) return
    drafts.push(draft("FieldValueInvalid", text, `should match '${source}'`, "body"))
  }
}

function formatCheck(format: string | undefined): Check<string> | undefined {
  const accepts = format === undefined ? undefined : stringFormat(format)
  if (!accepts) return undefined
  return (text, drafts) => {
    if (accepts(text)) return
    const detail = `must be of type ${format}: ${JSON.stringify(text)}`
    drafts.push(draft("FieldValueTypeInvalid", text, detail, "body"))
  }
}

export function numberCheck(schema: Schema): Check<number> | undefined {
  return all([
    rangeCheck(schema),
    minimumCheck(schema),
    maximumCheck(schema),
    multipleCheck(schema),
  ])
}

function rangeCheck({ type, format }: Schema): Check<number> | undefined {
  const accepts = format === undefined ? undefined : numberFormat(format)
  if (!accepts) return undefined
  const detail = `must be of type ${type ?? "number"} with format ${format}`
  return (value, drafts) => {
    if (!accepts(value)) drafts.push(draft("FieldValueInvalid", value, detail, "body"))
  }
}

function minimumCheck({ minimum, exclusiveMinimum }: Schema): Check<number> | undefined {
  if (minimum === undefined) return undefined
  const detail = `should be greater than ${exclusiveMinimum ? "" : "or equal to "}${minimum}`
  return (value, drafts) => {
    if (value > minimum || (value === minimum && !exclusiveMinimum)) return
    drafts.push(draft("FieldValueInvalid", value, detail, "body"))
  }
}

function maximumCheck({ maximum, exclusiveMaximum }: Schema): Check<number> | undefined {
  if (maximum === undefined) return undefined
  const detail = `should be less than ${exclusiveMaximum ? "" : "or equal to "}${maximum}`
  return (value, drafts) => {
    if (value < maximum || (value === maximum && !exclusiveMaximum)) return
    drafts.push(draft("FieldValueInvalid", value, detail, "body"))
  }
}

function multipleCheck({ multipleOf }: Schema): Check<number> | undefined {
  if (multipleOf === undefined) return undefined
  const detail = `should be a multiple of ${multipleOf}`
  return (value, drafts) => {
    if (isMultiple(value, multipleOf)) return
    drafts.push(draft("FieldValueInvalid", value, detail, "body"))
  }
}

/** Forgives the rounding of binary fractions: 0.3 is a multiple of 0.1. */
function isMultiple(value: number, factor: number): boolean {
  if (factor <= 0) return false
  const ratio = value / factor
  const nearest = Math.round(ratio)
  return Math.abs(ratio - nearest) <= 1e-9 * Math.max(1, Math.abs(nearest))
}

/** Null is never in an enum, whatever `nullable` says. */
export function enumCheck(schema: Schema): Check<unknown> | undefined {
  const allowed = schema.enum
  if (!allowed || allowed.length === 0) return undefined
  const texts = allowed.map((value) => (typeof value === "string" ? value : JSON.stringify(value)))
  const strings = new Set(allowed.filter((value) => typeof value === "string"))
  return (value, drafts) => {
    if (typeof value === "string" ? strings.has(value) : isOneOf(value, allowed)) return
    drafts.push(draftOf(notSupportedError("", value, texts)))
  }
}

function all<T>(checks: readonly (Check<T> | undefined)[]): Check<T> | undefined {
  const present = checks.filter((check) => check !== undefined)
  if (present.length < 2) return present[0]
  return (value, drafts) => {
    for (const check of present) check(value, drafts)
  }
}
