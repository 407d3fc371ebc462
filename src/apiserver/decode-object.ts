import { isObject } from "#base"
import { type ApiObject, apiVersionOf, badRequest } from "#meta"
import type { WriteCall } from "./call.ts"
import { type Unreadable, unreadableObject } from "./unreadable.ts"

/**
 * An object from a request body or an in-process caller: of the right kind and version, at home in
 * the URL's namespace, without fields that the schema does not know. Unknown fields are refused,
 * reported or dropped, as `fieldValidation` asks. Errors: `BadRequest`; what `unreadable` makes of
 * fields that are refused.
 */
export function decodeObject(
  call: WriteCall,
  body: unknown,
  unreadable: Unreadable = unreadableObject(call.resource),
): ApiObject {
  const { resource } = call
  if (!isObject(body)) throw badRequest("the object provided is not a JSON object")
  const typed = withType(call, body)
  const { value, pruned } = resource.compiled.prune(typed)
  const unknown = pruned.map((path) => `unknown field ${JSON.stringify(path)}`)
  report(call, [...(call.options.strictFindings ?? []), ...unknown], unreadable)
  return withPlace(call, value, unreadable)
}

/**
 * The body of an apply. Its unknown fields stay: whoever applies what the schema does not know has
 * said something that cannot be done. Errors: `BadRequest`.
 */
export function decodeApplied(call: WriteCall, body: unknown): ApiObject {
  if (!isObject(body)) throw badRequest("the object provided is not a JSON object")
  const typed = withType(call, body)
  const unreadable = unreadableObject(call.resource)
  report(call, call.options.strictFindings ?? [], unreadable)
  const { metadata, ...rest } = withPlace(call, typed, unreadable)
  const given = isObject(body["metadata"]) ? body["metadata"] : {}
  const { namespace: _home, ...others } = metadata
  return { ...rest, metadata: "namespace" in given ? metadata : others }
}

function withType(call: WriteCall, body: Record<string, unknown>): Record<string, unknown> {
  const { resource } = call
  const expected = apiVersionOf(resource.group, resource.version)
  const { apiVersion, kind, ...rest } = body
  if (resource.custom && !kind) throw badRequest("Object 'Kind' is missing")
  if (resource.custom && !apiVersion) throw badRequest("Object 'apiVersion' is missing")
  if (apiVersion !== undefined && apiVersion !== "" && apiVersion !== expected) {
    throw badRequest(
      `the API version in the data (${String(apiVersion)}) does not match the expected API version (${expected})`,
    )
  }
  if (kind !== undefined && kind !== "" && kind !== resource.kind) {
    throw badRequest(
      `the kind in the data (${String(kind)}) does not match the expected kind (${resource.kind})`,
    )
  }
  return { apiVersion: expected, kind: resource.kind, ...rest }
}

/** What the checker of `fieldValidation` does with its findings. */
function report(call: WriteCall, findings: readonly string[], unreadable: Unreadable): void {
  if (findings.length === 0) return
  switch (call.options.fieldValidation) {
    case "Strict":
      throw unreadable(`strict decoding error: ${findings.join(", ")}`)
    case "Ignore":
      return
    case "Warn":
    case undefined:
      for (const finding of findings) call.warn(finding)
  }
}

function withPlace(
  call: WriteCall,
  object: Record<string, unknown>,
  unreadable: Unreadable,
): ApiObject {
  const metadata = object["metadata"] ?? {}
  if (!isObject(metadata)) throw unreadable("metadata must be an object")
  const wrong = mistypedField(metadata)
  if (wrong) throw unreadable(`metadata.${wrong} has the wrong type`)
  const { namespace, name } = metadata
  if (call.resource.namespaced) {
    if (namespace !== undefined && namespace !== "" && namespace !== call.namespace) {
      throw badRequest(
        `the namespace of the provided object does not match the namespace sent on the request`,
      )
    }
  } else if (namespace) {
    throw badRequest("namespace: not allowed on cluster-scoped objects")
  }
  if (call.name !== undefined && name !== undefined && name !== "" && name !== call.name) {
    throw badRequest(
      `the name of the object (${String(name)}) does not match the name on the URL (${call.name})`,
    )
  }
  return {
    ...object,
    metadata: {
      ...metadata,
      ...(call.name === undefined ? {} : { name: call.name }),
      ...(call.resource.namespaced ? { namespace: call.namespace } : {}),
    },
  } as unknown as ApiObject
}

const stringFields = [
  "name",
  "generateName",
  "namespace",
  "uid",
  "resourceVersion",
  "creationTimestamp",
  "deletionTimestamp",
]

/** The first metadata member whose type would make the rest of the server stumble. */
function mistypedField(metadata: Record<string, unknown>): string | undefined {
  const isString = (value: unknown): boolean => typeof value === "string"
  // Defaults make an empty text of a null, which is what YAML has after a bare colon.
  const isStringMap = (value: unknown): boolean =>
    isObject(value) && Object.values(value).every((text) => text === null || isString(text))
  const isListOf = (value: unknown, test: (item: unknown) => boolean): boolean =>
    Array.isArray(value) && value.every(test)
  const checks: readonly [string, (value: unknown) => boolean][] = [
    ...stringFields.map((field): [string, (value: unknown) => boolean] => [field, isString]),
    ["labels", isStringMap],
    ["annotations", isStringMap],
    ["finalizers", (value) => isListOf(value, isString)],
    ["ownerReferences", (value) => isListOf(value, isOwnerReference)],
    ["managedFields", (value) => isListOf(value, isObject)],
  ]
  return checks.find(([field, test]) => {
    const value = metadata[field]
    return value !== undefined && value !== null && !test(value)
  })?.[0]
}

function isOwnerReference(value: unknown): boolean {
  return (
    isObject(value) &&
    ["apiVersion", "kind", "name", "uid"].every(
      (field) => value[field] === undefined || typeof value[field] === "string",
    )
  )
}
