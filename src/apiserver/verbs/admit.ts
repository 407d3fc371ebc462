import type { Clock } from "#base"
import type { AdmissionReader, ApiObject, VersionResolver } from "#meta"
import { type FieldError, formatFieldError } from "#schema"
import { isReadableBase64 } from "../builtin/base64-text.ts"
import type { WriteCall } from "../call.ts"
import { fromStorage } from "../conversion.ts"
import { invalid } from "../invalid.ts"
import { validateMetadata } from "../metadata.ts"
import type { Resource } from "../resource.ts"
import { type Unreadable, unreadableObject } from "../unreadable.ts"

export interface Admission {
  readonly call: WriteCall
  readonly clock: Clock
  readonly resolve: VersionResolver
  readonly reader: AdmissionReader
  readonly toStorage: (object: ApiObject) => ApiObject
  /** For values of a wrong type; by default the request is bad. */
  readonly unreadable?: Unreadable | undefined
}

/** An object that may be written: as the client's version shows it, and as it is stored. */
export interface Admitted {
  readonly request: ApiObject
  readonly stored: ApiObject
}

/**
 * Defaults, the kind's own mutation, then everything that may refuse the write.
 * Errors: `Invalid` with all findings, or what the strategy throws.
 */
export function admit(
  admission: Admission,
  input: { readonly object: ApiObject; readonly old: ApiObject | undefined },
): Admitted {
  const { call, clock, resolve } = admission
  const { resource } = call
  const { old } = input
  const defaulted = resource.compiled.applyDefaults(input.object)
  if (!resource.custom) refuseWrongTypes(admission, defaulted)
  const prepared =
    resource.strategy.prepare?.({
      object: defaulted,
      old,
      subresource: call.subresource,
      user: call.user,
      clock,
    }) ?? defaulted
  const storedOld = old && admission.toStorage(old)
  const stored = mutate(admission, admission.toStorage(prepared), storedOld)
  const request = resource.conversion ? fromStorage(resource, stored, resolve) : stored
  const schemaErrors = resource.compiled.validate(request, old).filter(isJudged(resource))
  const ownErrors =
    schemaErrors.length > 0 ? [] : (resource.strategy.validate?.(request, old) ?? [])
  const metadataErrors = validateMetadata(request, old, resource)
  const errors = [...metadataErrors, ...schemaErrors, ...ownErrors]
  if (errors.length > 0) throw invalid(resource, request.metadata.name, errors)
  resource.strategy.check?.({
    object: request,
    old,
    subresource: call.subresource,
    user: call.user,
    clock,
    namespace: call.namespace,
    warn: call.warn,
  })
  applyRules(admission, stored, storedOld)
  return { request, stored }
}

/**
 * In the status of Kubernetes' own kinds nothing is required: their schemas name what is always
 * written, not what must be given. Of base64 they take more than the format allows.
 */
function isJudged({ custom }: Resource): (error: FieldError) => boolean {
  return (error) => {
    if (custom) return true
    const isOfStatus = error.reason === "FieldValueRequired" && error.field.startsWith("status.")
    return !isOfStatus && !isReadableBase64(error)
  }
}

/** Kubernetes' own kinds are typed: what does not fit their types cannot even be read. */
function refuseWrongTypes({ call, unreadable }: Admission, object: ApiObject): void {
  const { resource } = call
  const wrong = resource.compiled
    .validate(object)
    .filter((error) => error.reason === "FieldValueTypeInvalid" && !isReadableBase64(error))
  if (wrong.length === 0) return
  const problems = wrong.map((error) => formatFieldError(error)).join(", ")
  throw (unreadable ?? unreadableObject(resource))(problems)
}

function mutate(admission: Admission, object: ApiObject, old: ApiObject | undefined): ApiObject {
  const { call } = admission
  if (call.subresource !== undefined) return object
  const { storage } = call.resource
  let next = object
  for (const rules of call.resource.rules) {
    next = rules.mutate?.(ruleInput(admission, next, old)) ?? next
  }
  return next === object ? object : storage.compiled.applyDefaults(next)
}

/** Refuses what the kind's own rules refuse; their warnings travel with the answer. */
export function applyRules(
  admission: Admission,
  object: ApiObject,
  old: ApiObject | undefined,
): void {
  const { call } = admission
  if (call.subresource !== undefined) return
  const errors: FieldError[] = []
  for (const rules of call.resource.rules) {
    const findings = rules.validate?.(ruleInput(admission, object, old))
    errors.push(...(findings?.errors ?? []))
    for (const warning of findings?.warnings ?? []) call.warn(warning)
  }
  if (errors.length > 0) throw invalid(call.resource, object.metadata.name, errors)
}

function ruleInput(
  admission: Admission,
  object: ApiObject,
  old: ApiObject | undefined,
): Parameters<NonNullable<WriteCall["resource"]["rules"][number]["validate"]>>[0] {
  const { call, reader } = admission
  return {
    operation: old ? "UPDATE" : "CREATE",
    object,
    old,
    user: call.user,
    dryRun: call.options.dryRun === true,
    reader,
  }
}
