import { type FieldError, type FieldErrorReason, quote, wholeObject } from "./field-error.ts"

/**
 * An error on its way up: each level that it passes puts its own name before the path, so that
 * values without errors never pay for paths.
 */
export interface Draft {
  readonly reason: FieldErrorReason
  readonly badValue: unknown
  readonly detail: string
  /**
   * `plain`: the detail stands as it is. `body`: it follows the path, as in "spec.x in body ...".
   * `whole`: it follows the quoted path, and the error belongs to no field.
   */
  readonly form: "plain" | "body" | "whole"
  /** Which check found it: checks of list types and of embedded resources ratchet as a whole. */
  readonly check: "schema" | "list" | "resource"
  /** Starts with `.` or `[`, or is empty for the value itself. */
  path: string
}

/** Stands for an old value that is not there, or cannot be matched with the new one. */
export const uncorrelated = Symbol("uncorrelated")

/** A draft for the value itself. */
export function draft(
  reason: FieldErrorReason,
  badValue: unknown,
  detail: string,
  form: Draft["form"] = "plain",
): Draft {
  return { reason, badValue, detail, form, check: "schema", path: "" }
}

/** Puts a member's name before the paths of the drafts from `from` on. */
export function leadByName(drafts: readonly Draft[], from: number, name: string): void {
  for (let index = from; index < drafts.length; index += 1) {
    const item = drafts[index]
    if (item) item.path = `.${name}${item.path}`
  }
}

/** Like `leadByName` for a map's key: some checks write it in brackets. */
export function leadByKey(drafts: readonly Draft[], from: number, key: string): void {
  for (let index = from; index < drafts.length; index += 1) {
    const item = drafts[index]
    if (item) item.path = (item.check === "schema" ? `.${key}` : `[${key}]`) + item.path
  }
}

export function leadByIndex(drafts: readonly Draft[], from: number, at: number): void {
  for (let index = from; index < drafts.length; index += 1) {
    const item = drafts[index]
    if (item) item.path = `[${at}]${item.path}`
  }
}

/**
 * The finished error; `root` is the path of the validated value itself, empty for a whole object.
 * As upstream does it, the field is told from the object, and the text speaks from the value.
 */
export function finishDraft(item: Draft, root: string): FieldError {
  const { reason, badValue } = item
  const path = item.path.startsWith(".") ? item.path.slice(1) : item.path
  if (item.form === "whole") {
    const detail = `${quote(path)} ${item.detail}`
    return { reason, badValue, field: root === "" ? wholeObject : root, detail }
  }
  const field = root === "" ? path : root + item.path
  const detail = item.form === "body" ? `${path} in body ${item.detail}` : item.detail
  return { reason, badValue, field: field === "" ? wholeObject : field, detail }
}

/** A draft from a finished error about the value itself. */
export function draftOf(error: FieldError, form: Draft["form"] = "plain"): Draft {
  return draft(error.reason, error.badValue, error.detail, form)
}

/**
 * Adds what is wrong with a value to `drafts`. Where `old` is the same value as before, nothing is:
 * what was stored once stays valid until it is changed.
 */
export type Validator = (value: unknown, old: unknown, drafts: Draft[]) => void
