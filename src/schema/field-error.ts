import { isObject } from "#base"

/** The reasons of a field error, as `status.details.causes` carries them. */
export type FieldErrorReason =
  | "FieldValueRequired"
  | "FieldValueInvalid"
  | "FieldValueTypeInvalid"
  | "FieldValueNotSupported"
  | "FieldValueNotFound"
  | "FieldValueForbidden"
  | "FieldValueDuplicate"
  | "FieldValueTooLong"
  | "FieldValueTooMany"
  | "InternalError"

/** One thing wrong with one field. */
export interface FieldError {
  readonly reason: FieldErrorReason
  /** Path such as `spec.list[0].bar`; `<nil>` for what concerns the object as a whole. */
  readonly field: string
  /** The rejected value, a JSON value; not shown for reasons that hide it. */
  readonly badValue?: unknown
  readonly detail: string
}

/** The field of an error that belongs to no single field. */
export const wholeObject = "<nil>"

const titles: Readonly<Record<FieldErrorReason, string>> = {
  FieldValueRequired: "Required value",
  FieldValueInvalid: "Invalid value",
  FieldValueTypeInvalid: "Invalid value",
  FieldValueNotSupported: "Unsupported value",
  FieldValueNotFound: "Not found",
  FieldValueForbidden: "Forbidden",
  FieldValueDuplicate: "Duplicate value",
  FieldValueTooLong: "Too long",
  FieldValueTooMany: "Too many",
  InternalError: "Internal error",
}

const valueHidden: ReadonlySet<FieldErrorReason> = new Set([
  "FieldValueRequired",
  "FieldValueForbidden",
  "FieldValueTooLong",
  "InternalError",
])

/** The text of a cause: `Invalid value: "x": must be ...`, without the field. */
export function fieldErrorMessage(error: FieldError): string {
  const title = titles[error.reason]
  const head = valueHidden.has(error.reason) ? title : `${title}: ${showValue(error.badValue)}`
  return error.detail === "" ? head : `${head}: ${error.detail}`
}

/** The text of an error in a list: `spec.x: Invalid value: "x": must be ...`. */
export function formatFieldError(error: FieldError): string {
  return `${error.field}: ${fieldErrorMessage(error)}`
}

export function requiredError(field: string, detail = ""): FieldError {
  return { reason: "FieldValueRequired", field, detail }
}

export function invalidError(field: string, badValue: unknown, detail: string): FieldError {
  return { reason: "FieldValueInvalid", field, badValue, detail }
}

export function forbiddenError(field: string, detail: string): FieldError {
  return { reason: "FieldValueForbidden", field, detail }
}

export function duplicateError(field: string, badValue: unknown): FieldError {
  return { reason: "FieldValueDuplicate", field, badValue, detail: "" }
}

export function notSupportedError(
  field: string,
  badValue: unknown,
  supported: readonly string[],
): FieldError {
  return {
    reason: "FieldValueNotSupported",
    field,
    badValue,
    detail: supported.length > 0 ? `supported values: ${supported.map(quote).join(", ")}` : "",
  }
}

export function tooLongError(field: string, maxLength: number): FieldError {
  const unit = maxLength === 1 ? "byte" : "bytes"
  return {
    reason: "FieldValueTooLong",
    field,
    detail: `may not be more than ${maxLength} ${unit}`,
  }
}

export function tooManyError(field: string, actual: number, most: number): FieldError {
  const unit = most === 1 ? "item" : "items"
  return {
    reason: "FieldValueTooMany",
    field,
    badValue: actual,
    detail: `must have at most ${most} ${unit}`,
  }
}

/** Orders errors by field; errors of one field keep their order. */
export function sortFieldErrors(errors: readonly FieldError[]): readonly FieldError[] {
  return errors.toSorted((left, right) => compareText(left.field, right.field))
}

/** Orders texts by their UTF-16 code units, whatever the locale. */
function compareText(left: string, right: string): number {
  if (left === right) return 0
  return left < right ? -1 : 1
}

function showValue(value: unknown): string {
  if (value === undefined) return '""'
  if (typeof value === "string") return quote(value)
  if (typeof value === "number" || typeof value === "boolean") return String(value)
  return escapedJson(value)
}

/** JSON with sorted keys and without characters that HTML or JavaScript would read. */
export function escapedJson(value: unknown): string {
  return canonicalJson(value).replaceAll(/[<>&\u2028\u2029]/g, unicodeEscape)
}

/** JSON with sorted keys, so that equal values have equal texts. */
export function canonicalJson(value: unknown): string {
  return (
    JSON.stringify(value, (_key, member: unknown) => {
      if (!isObject(member)) return member
      const names = Object.keys(member).sort()
      return Object.fromEntries(names.map((name) => [name, member[name]]))
    }) ?? "null"
  )
}

const shortEscapes: Readonly<Record<string, string>> = {
  '"': '\\"',
  "\\": "\\\\",
  "\x07": "\\a",
  "\b": "\\b",
  "\f": "\\f",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  "\v": "\\v",
}

/**
 * The text in double quotes with what cannot be printed escaped, as clients of Kubernetes know it.
 */
export function quote(text: string): string {
  return `"${text.replaceAll(/["\\]|[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/gu, escapeCharacter)}"`
}

function escapeCharacter(character: string): string {
  const short = shortEscapes[character]
  if (short !== undefined) return short
  const code = character.codePointAt(0) ?? 0
  if (code < 0x80) return `\\x${code.toString(16).padStart(2, "0")}`
  if (code >= 0xd8_00 && code <= 0xdf_ff) return "\\ufffd"
  if (code <= 0xff_ff) return unicodeEscape(character)
  return `\\U${code.toString(16).padStart(8, "0")}`
}

function unicodeEscape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`
}
