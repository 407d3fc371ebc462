import { messageOf } from "#base"

import { CompactedError, RevisionConflictError, StoreError, StoreFullError } from "./errors.ts"
import type { Entry, Revision } from "./store.ts"

/** A store error as it crosses threads, where classes are lost. */
export type WireError =
  | { readonly kind: "store" | "full"; readonly message: string }
  | { readonly kind: "conflict"; readonly key: string; readonly current: Entry | undefined }
  | { readonly kind: "compacted"; readonly requested: Revision; readonly compacted: Revision }

export function wireError(error: unknown): WireError {
  if (error instanceof RevisionConflictError) {
    return { kind: "conflict", key: error.key, current: error.current }
  }
  if (error instanceof CompactedError) {
    return { kind: "compacted", requested: error.requested, compacted: error.compacted }
  }
  const kind = error instanceof StoreFullError ? "full" : "store"
  return { kind, message: messageOf(error) }
}

export function unwireError(error: WireError): StoreError {
  if (error.kind === "conflict") return new RevisionConflictError(error.key, error.current)
  if (error.kind === "compacted") return new CompactedError(error.requested, error.compacted)
  return error.kind === "full" ? new StoreFullError(error.message) : new StoreError(error.message)
}

const primaryCodes: Readonly<Record<number, string>> = {
  5: "it is locked by another program",
  6: "it is locked by another program",
  8: "it cannot be written to",
  11: "it is damaged",
  14: "it cannot be opened",
  26: "it is damaged or no store",
}

const full = 13
const ioError = 10
const ioErrorFlush = 1034
const ioErrorFlushDirectory = 1290
const ioErrorMemorySize = 4874

/** SQLite's extended result code, or undefined when the error is not SQLite's. */
function codeOf(error: unknown): number | undefined {
  if (!(error instanceof Error) || !("errcode" in error)) return undefined
  return typeof error.errcode === "number" ? error.errcode : undefined
}

/** After a failed flush nobody knows what the disk holds: nothing may be acknowledged any more. */
export function isFlushFailure(error: unknown): boolean {
  const code = codeOf(error)
  return code === ioErrorFlush || code === ioErrorFlushDirectory
}

/** Says in our words, with the file's name, what SQLite reported. Our own errors pass unchanged. */
export function storeErrorOf(action: string, file: string, error: unknown): StoreError {
  if (error instanceof StoreError) return error
  const code = codeOf(error)
  const primary = (code ?? 0) & 0xff
  if (primary === full || code === ioErrorMemorySize) {
    return new StoreFullError(`${action} ${file}: the disk is full`, { cause: error })
  }
  const known = primaryCodes[primary]
  const detail = `${messageOf(error)}${code === undefined ? "" : `, code ${code}`}`
  const reason = known ?? (primary === ioError ? "the disk failed" : undefined)
  const message = reason === undefined ? detail : `${reason} (${detail})`
  return new StoreError(`${action} ${file}: ${message}`, { cause: error })
}

/**
 * Whether each write of a failed batch may still succeed alone: another one may be what did not
 * fit.
 */
export function isFull(error: unknown): boolean {
  return storeErrorOf("", "", error) instanceof StoreFullError
}
