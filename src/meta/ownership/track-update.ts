import type { ManagedFieldsEntry } from "../object-meta.ts"
import type { FieldSet } from "./field-set.ts"
import { FieldTypeError } from "./field-type-error.ts"
import { decodeManagers, encodeManagers, ManagedFieldsError, type Managers } from "./managers.ts"
import { type OwnedObject, recordUpdate } from "./record-update.ts"
import { ListItemError } from "./typed-value.ts"
import type { KindView } from "./versions.ts"

type Entries = readonly ManagedFieldsEntry[] | undefined

export interface UpdateToTrack extends KindView {
  /** What is stored; undefined for a create. Both objects are of version `apiVersion`. */
  readonly old: OwnedObject | undefined
  /** What is about to be stored, with the `metadata.managedFields` that the request brought. */
  readonly new: OwnedObject
  /** Empty for a client that named none. */
  readonly manager: string
  /** Empty for the main endpoint. */
  readonly subresource: string
  readonly nowMs: number
  readonly resetFields?: FieldSet | undefined
}

/**
 * Writes down who owns what after a create, update or patch that is not an apply, and returns the
 * `metadata.managedFields` to store; undefined for none. When nothing changed it is the list that
 * was there. A request may edit the list, and resets it with `[]` or `[{}]`: then nothing is
 * tracked until the next apply. Objects that do not fit their schema keep the list they had.
 */
export function trackUpdate(update: UpdateToTrack): Entries {
  const { old } = update
  const entries = entriesToTrack(update)
  try {
    const managers = decodeOrNothing(entries)
    if (managers.size === 0 && old?.metadata?.uid) return undefined
    return encodeManagers(recordUpdate(update, managers), entries)
  } catch (error) {
    const unfit =
      error instanceof FieldTypeError ||
      error instanceof ListItemError ||
      // Nested beyond what the walk can follow.
      error instanceof RangeError
    if (unfit) return old?.metadata?.managedFields
    throw error
  }
}

/** The request's list, or the stored one where the request has none that can be understood. */
function entriesToTrack({ old, new: next, subresource }: UpdateToTrack): Entries {
  const stored = old?.metadata?.managedFields
  if (subresource !== "") return stored
  const sent = next.metadata?.managedFields
  if (!Array.isArray(sent)) return stored
  if (isReset(sent)) return undefined
  if (sent === stored) return stored
  try {
    decodeManagers(sent)
    return sent
  } catch (error) {
    if (error instanceof ManagedFieldsError) return stored
    throw error
  }
}

function isReset(entries: readonly ManagedFieldsEntry[]): boolean {
  if (entries.length === 0) return true
  const [only] = entries
  return entries.length === 1 && only !== null && Object.keys(only ?? {}).length === 0
}

function decodeOrNothing(entries: Entries): Managers {
  try {
    return decodeManagers(entries)
  } catch (error) {
    if (error instanceof ManagedFieldsError) return new Map()
    throw error
  }
}
