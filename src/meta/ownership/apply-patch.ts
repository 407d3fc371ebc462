import { formatTime, isObject, type JsonObject } from "#base"
import { badRequest } from "../api-error.ts"
import { type ManagedFieldsEntry, splitApiVersion } from "../object-meta.ts"
import { conflictError, conflictsOver, type FieldConflict } from "./conflict.ts"
import { type SaidFields, saidFields } from "./extract-field-set.ts"
import { differenceBelow, type FieldSet, isEmptySet, union } from "./field-set.ts"
import { FieldTypeError } from "./field-type-error.ts"
import { conflictsBeyondLastApplied, kubectlManager, withLastApplied } from "./last-applied.ts"
import {
  decodeManagers,
  encodeManagers,
  ManagedFieldsError,
  type Manager,
  managerId,
  type Managers,
} from "./managers.ts"
import { mergeValues } from "./merge-values.ts"
import { withoutUnowned } from "./metadata-fields.ts"
import { pruneFields } from "./prune-fields.ts"
import { type OwnedObject, recordUpdate, withoutManagedFields } from "./record-update.ts"
import { reconcileManagers, settleOwnership } from "./settle-ownership.ts"
import { equalValues } from "./typed-value.ts"
import { validateTyped } from "./validate-typed.ts"
import { compareTyped, KindVersions, type KindView, type TypedObject } from "./versions.ts"

export interface ApplyRequest extends KindView {
  /** What is stored, at `apiVersion`; undefined when the apply creates the object. */
  readonly live: OwnedObject | undefined
  /** The applied configuration, at `apiVersion`. */
  readonly config: JsonObject
  readonly manager: string
  /** Empty for the main endpoint. */
  readonly subresource: string
  /** Take fields over from other managers. */
  readonly force: boolean
  readonly nowMs: number
  readonly resetFields?: FieldSet | undefined
}

export interface AppliedObject {
  /**
   * With its new `metadata.managedFields`, before defaulting; `live` itself when nothing changed.
   */
  readonly object: JsonObject
  readonly managedFields: readonly ManagedFieldsEntry[] | undefined
}

export type ApplyOutcome =
  | ({ readonly conflicts?: undefined } & AppliedObject)
  | { readonly conflicts: readonly FieldConflict[] }

/**
 * A configuration that cannot be applied because it does not fit the schema; upstream answers 500.
 */
export class ApplyError extends Error {
  override readonly name = "ApplyError"
}

/**
 * Server-side apply: merges the configuration into the live object, drops what the manager applied
 * before and nobody else owns, and says who owns what afterwards. Returns conflicts instead when
 * other managers own fields that it would change, unless forced. Throws `ApplyError` for
 * configurations that do not fit the schema and `ApiError` 400 for ones that may not be applied.
 */
export function applyPatch(request: ApplyRequest): ApplyOutcome {
  checkConfig(request)
  const run = new Apply(request)
  const conflicts = run.attempt(request.force)
  if (conflicts.length > 0) {
    if (request.manager !== kubectlManager) return { conflicts }
    const remaining = conflictsBeyondLastApplied(run.live, conflicts)
    if (remaining.length > 0) return { conflicts: remaining }
    run.attempt(true)
  }
  return run.result()
}

/** As `applyPatch`; conflicts are thrown as the `ApiError` that clients expect. */
export function applyPatchOrThrow(request: ApplyRequest): AppliedObject {
  const outcome = applyPatch(request)
  if (outcome.conflicts) throw conflictError(outcome.conflicts)
  return outcome
}

function checkConfig({ apiVersion, config }: ApplyRequest): void {
  const version = config["apiVersion"]
  if (version !== apiVersion) {
    throw badRequest(
      "Incorrect version specified in apply patch. " +
        `Specified patch version: ${String(version)}, expected: ${apiVersion}`,
    )
  }
  const metadata = config["metadata"]
  const managedFields = isObject(metadata) ? metadata["managedFields"] : undefined
  if (managedFields !== undefined && managedFields !== null) {
    throw badRequest("metadata.managedFields must be nil")
  }
}

class Apply {
  readonly live: TypedObject
  readonly #request: ApplyRequest
  readonly #kind: KindVersions
  readonly #managers: Managers
  readonly #said: SaidFields
  #next: TypedObject
  #remaining: Managers

  constructor(request: ApplyRequest) {
    this.#request = request
    this.#kind = new KindVersions(request)
    const { live, config, resetFields } = request
    const { apiVersion, kind } = config
    this.live = this.#kind.typed(live ? withoutManagedFields(live) : { apiVersion, kind })
    const stored = decodeStored(live)
    try {
      validateTyped(this.#kind.type, config)
    } catch (cause) {
      if (!(cause instanceof FieldTypeError)) throw cause
      throw applyError("create typed patch object", config, cause)
    }
    this.#managers = stored.size === 0 ? this.#beforeFirstApply() : stored
    const { owned, emptyLists } = saidFields(this.#kind.type, config)
    this.#said = { owned: resetFields ? differenceBelow(owned, resetFields) : owned, emptyLists }
    this.#next = this.live
    this.#remaining = this.#managers
  }

  /**
   * Objects that nobody's fields are known of: what they have belongs to one manager, as if
   * updated.
   */
  #beforeFirstApply(): Managers {
    const { live } = this.#request
    if (!live) return new Map()
    const manager = "before-first-apply"
    return recordUpdate({ ...this.#request, old: undefined, new: live, manager }, new Map())
  }

  attempt(force: boolean): readonly FieldConflict[] {
    const { config, resetFields, nowMs } = this.#request
    const managers = reconcileManagers(this.#kind, this.live, this.#managers)
    const applier = this.#applier(managers)
    const fields = union(applier.now.fields, this.#said.emptyLists)
    managers.set(applier.id, { ...applier.now, fields })
    const value = this.#typed(() => mergeValues(this.#kind.type, this.live.value, config))
    const next = pruneFields(this.#kind, this.#kind.typed(value), managers, applier)
    managers.set(applier.id, applier.now)
    const change = {
      kind: this.#kind,
      live: this.live,
      next,
      comparison: compareTyped(this.live, next, resetFields),
      resetFields,
    }
    const taken = settleOwnership(change, managers, applier.id)
    if (taken.length > 0 && !force) return conflictsOver(taken)
    const owned = withoutUnowned(applier.now.fields)
    const changed = !equalValues(this.live.value, next.value)
    const time = changed ? formatTime(nowMs) : applier.now.time
    if (isEmptySet(owned)) managers.delete(applier.id)
    else managers.set(applier.id, { ...applier.now, fields: owned, time })
    this.#next = changed ? next : this.live
    this.#remaining = managers
    return []
  }

  /** The applier's entry before and after; its time moves only when the object does. */
  #applier(managers: Managers): { id: string; last: Manager | undefined; now: Manager } {
    const { apiVersion, subresource } = this.#request
    const name = this.#request.manager === "" ? "unknown" : this.#request.manager
    const identity = { name, operation: "Apply", apiVersion, subresource } as const
    const id = managerId(identity)
    const last = managers.get(id)
    const now = { ...identity, time: last?.time, fields: this.#said.owned, entry: last?.entry }
    return { id, last, now }
  }

  #typed<T>(operation: () => T): T {
    try {
      return operation()
    } catch (cause) {
      if (!(cause instanceof FieldTypeError)) throw cause
      throw applyError("merge config", this.#request.config, cause)
    }
  }

  result(): AppliedObject {
    const { live, config, manager } = this.#request
    const before = live?.metadata?.managedFields
    const managedFields = encodeManagers(this.#remaining, before)
    let object = this.#next.value as JsonObject
    if (manager === kubectlManager) object = withLastApplied(object, config)
    if (live && object === this.live.value && managedFields === before) {
      return { object: live as JsonObject, managedFields }
    }
    const metadata = { ...(object["metadata"] as JsonObject) }
    if (managedFields) Object.assign(metadata, { managedFields })
    return { object: { ...object, metadata }, managedFields }
  }
}

function decodeStored(live: OwnedObject | undefined): Managers {
  try {
    return decodeManagers(live?.metadata?.managedFields)
  } catch (cause) {
    if (!(cause instanceof ManagedFieldsError)) throw cause
    throw new ApplyError(`failed to decode managed fields: ${cause.message}`, { cause })
  }
}

function applyError(action: string, config: JsonObject, cause: FieldTypeError): ApplyError {
  const metadata = isObject(config["metadata"]) ? config["metadata"] : {}
  const { group, version } = splitApiVersion(String(config["apiVersion"]))
  const place = `${String(metadata["namespace"] ?? "")}/${String(metadata["name"] ?? "")}`
  const type = `${group}/${version}, Kind=${String(config["kind"])}`
  return new ApplyError(`failed to ${action} (${place}; ${type}): ${cause.message}`, { cause })
}
