import { type Clock, formatTime, randomName, randomUid } from "#base"
import type { ApiObject, ObjectMeta, OwnerReference } from "#meta"
import type { FieldError } from "#schema"
import type { Resource, Strategy } from "./resource.ts"

const generatedSuffixLength = 5
const generatedPrefixMax = 58
const annotationsMaxBytes = 256 * 1024

/** Metadata of an object about to be created: what the server decides is decided here. */
export function newMetadata(
  metadata: ObjectMeta,
  namespace: string | undefined,
  strategy: Strategy,
  clock: Clock,
): ObjectMeta {
  const {
    resourceVersion: _revision,
    deletionTimestamp: _deleted,
    deletionGracePeriodSeconds: _grace,
    generation: _generation,
    ...kept
  } = metadata
  const name =
    metadata.name || !metadata.generateName
      ? metadata.name
      : metadata.generateName.slice(0, generatedPrefixMax) + randomName(generatedSuffixLength)
  const { name: _name, namespace: _namespace, ...others } = kept
  return compact({
    name,
    namespace,
    ...others,
    uid: randomUid(),
    creationTimestamp: formatTime(clock.now()),
    ...(strategy.generation === "none" ? {} : { generation: 1 }),
    ownerReferences: uniqueOwners(metadata.ownerReferences),
  })
}

/** Metadata of an update: what a client may not change comes from the stored object. */
export function carriedMetadata(next: ObjectMeta, current: ObjectMeta): ObjectMeta {
  return compact({
    ...next,
    name: current.name,
    namespace: current.namespace,
    uid: current.uid,
    creationTimestamp: current.creationTimestamp,
    deletionTimestamp: current.deletionTimestamp,
    deletionGracePeriodSeconds: current.deletionGracePeriodSeconds,
    generation: current.generation,
    generateName: current.generateName,
    resourceVersion: current.resourceVersion,
    ownerReferences: uniqueOwners(next.ownerReferences),
  })
}

/** Drops members that are undefined, null or an empty collection, as Go's `omitempty` does. */
function compact(metadata: ObjectMeta): ObjectMeta {
  const entries = Object.entries(metadata).filter(([, value]) => !isEmpty(value))
  return Object.fromEntries(entries) as unknown as ObjectMeta
}

function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null || value === "") return true
  return typeof value === "object" && Object.keys(value).length === 0
}

function uniqueOwners(
  owners: readonly OwnerReference[] | undefined,
): readonly OwnerReference[] | undefined {
  if (!owners || owners.length < 2) return owners
  const seen = new Map(owners.map((owner) => [owner.uid, owner]))
  return seen.size === owners.length ? owners : [...seen.values()]
}

const labelPart = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/
const subdomain = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/
const qualifiedName = /^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/
const labelValue = /^([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?$/

const subdomainText =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
const labelText =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
const qualifiedText =
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"
const labelValueText =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"

/** Everything wrong with an object's metadata, in upstream's fields and reasons. */
export function validateMetadata(
  object: ApiObject,
  old: ApiObject | undefined,
  { strategy, custom, group }: Pick<Resource, "strategy" | "custom" | "group">,
): FieldError[] {
  const { metadata } = object
  return [
    ...(old ? [] : validateName(metadata, strategy)),
    ...validateLabels(metadata.labels),
    ...validateAnnotations(metadata.annotations),
    ...validateOwners(metadata.ownerReferences),
    ...validateFinalizers(metadata, old?.metadata, !custom && !looseGroups.has(group)),
  ]
}

function finding(reason: FieldError["reason"], field: string, detail: string): FieldError {
  return { reason, field, detail }
}

function wrong(field: string, value: unknown, detail: string): FieldError {
  return { reason: "FieldValueInvalid", field, detail, badValue: value }
}

function validateName({ name }: ObjectMeta, strategy: Strategy): FieldError[] {
  const field = "metadata.name"
  if (!name) return [finding("FieldValueRequired", field, "name or generateName is required")]
  switch (strategy.nameRule) {
    case "path-segment":
      return name === "." || name === ".." || /[/%]/.test(name)
        ? [wrong(field, name, "may not be '.' or '..' nor contain '/' or '%'")]
        : []
    case "label":
      if (name.length > 63) return [wrong(field, name, "must be no more than 63 characters")]
      if (name.includes(".")) return [wrong(field, name, "must not contain dots")]
      return labelPart.test(name) ? [] : [wrong(field, name, labelText)]
    case "subdomain":
      if (name.length > 253) return [wrong(field, name, "must be no more than 253 characters")]
      return subdomain.test(name) ? [] : [wrong(field, name, subdomainText)]
  }
}

function qualifiedProblem(key: string): string | undefined {
  const slash = key.indexOf("/")
  const prefix = slash < 0 ? undefined : key.slice(0, slash)
  const name = slash < 0 ? key : key.slice(slash + 1)
  if (prefix !== undefined && (prefix.length > 253 || !subdomain.test(prefix))) {
    return `prefix part ${subdomainText}`
  }
  if (name.length > 63) return "name part must be no more than 63 characters"
  return qualifiedName.test(name) ? undefined : qualifiedText
}

function validateLabels(labels: Readonly<Record<string, string>> | undefined): FieldError[] {
  return Object.entries(labels ?? {}).flatMap(([key, value]) => {
    const field = "metadata.labels"
    const problem = qualifiedProblem(key)
    if (problem) return [wrong(field, key, problem)]
    if (value.length > 63) return [wrong(field, value, "must be no more than 63 characters")]
    if (labelValue.test(value)) return []
    return [wrong(field, value, labelValueText)]
  })
}

function validateAnnotations(
  annotations: Readonly<Record<string, string>> | undefined,
): FieldError[] {
  const entries = Object.entries(annotations ?? {})
  const field = "metadata.annotations"
  const bytes = entries.reduce(
    (sum, [key, value]) => sum + Buffer.byteLength(key) + Buffer.byteLength(value),
    0,
  )
  const tooLong =
    bytes > annotationsMaxBytes
      ? [finding("FieldValueTooLong", field, `may not be more than ${annotationsMaxBytes} bytes`)]
      : []
  const keys = entries.flatMap(([key]) => {
    const problem = qualifiedProblem(key.toLowerCase())
    return problem ? [wrong(field, key, problem)] : []
  })
  return [...tooLong, ...keys]
}

function validateOwners(owners: readonly OwnerReference[] | undefined): FieldError[] {
  const path = "metadata.ownerReferences"
  const missing = (owners ?? []).flatMap((owner) =>
    (["apiVersion", "kind", "name", "uid"] as const)
      .filter((field) => !owner[field])
      .map((field) => wrong(`${path}.${field}`, "", "must not be empty")),
  )
  const controllers = (owners ?? []).filter((owner) => owner.controller === true)
  const [first, second] = controllers
  if (!first || !second) return missing
  return [
    ...missing,
    wrong(
      path,
      owners,
      `Only one reference can have Controller set to true. Found "true" in references for ${first.kind}/${first.name} and ${second.kind}/${second.name}`,
    ),
  ]
}

/** Groups whose finalizers need no prefix, as those of custom resources. */
const looseGroups = new Set(["apiextensions.k8s.io", "apiregistration.k8s.io"])
const builtinFinalizers = new Set(["orphan", "foregroundDeletion", "kubernetes"])

function validateFinalizers(
  metadata: ObjectMeta,
  old: ObjectMeta | undefined,
  mustBeQualified: boolean,
): FieldError[] {
  const field = "metadata.finalizers"
  const wrongNames = (metadata.finalizers ?? []).flatMap((finalizer, index) => {
    if (builtinFinalizers.has(finalizer)) return []
    const problem = qualifiedProblem(finalizer)
    const unqualified = "name is neither a standard finalizer name nor is it fully qualified"
    return [
      ...(problem ? [wrong(field, finalizer, problem)] : []),
      ...(!mustBeQualified || finalizer.includes("/")
        ? []
        : [wrong(`${field}[${index}]`, finalizer, unqualified)]),
    ]
  })
  if (!old?.deletionTimestamp) return wrongNames
  const added = (metadata.finalizers ?? []).filter(
    (finalizer) => !old.finalizers?.includes(finalizer),
  )
  if (added.length === 0) return wrongNames
  const text = `no new finalizers can be added if the object is being deleted, found new finalizers [${added.map((name) => JSON.stringify(name)).join(", ")}]`
  return [...wrongNames, finding("FieldValueForbidden", field, text)]
}
