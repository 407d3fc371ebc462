import { isObject } from "#base"
import { type ApiObject, badRequest, forbidden } from "#meta"
import type { FieldError } from "#schema"
import { plainStrategy, type PrepareInput, type Strategy } from "../resource.ts"

type Content = ApiObject & { readonly [field: string]: unknown }

const unversioned: Strategy = {
  ...plainStrategy,
  generation: "none",
  unconditionalUpdate: true,
}

const versioned: Strategy = { ...unversioned, generation: "spec" }

const dataMaxBytes = 1024 * 1024

/** How Kubernetes' own kinds differ from each other, by `group/plural`. */
const strategies: Readonly<Record<string, Strategy>> = {
  "/namespaces": {
    ...unversioned,
    nameRule: "label",
    prepare: prepareNamespace,
    checkDelete: refuseSystemNamespaces,
    markDeleted: (namespace) => withPhase(namespace, "Terminating"),
    isHeld: (namespace) => finalizersInSpec(namespace).length > 0,
  },
  "/secrets": { ...unversioned, prepare: prepareSecret, validate: validateSecret },
  "/configmaps": { ...unversioned, validate: validateConfigMap },
  "/events": { ...unversioned, createOnUpdate: true },
  "events.k8s.io/events": { ...unversioned, createOnUpdate: true },
  "/serviceaccounts": unversioned,
  "/nodes": unversioned,
  "/pods": { ...versioned, prepare: preparePod },
  "/services": { ...versioned, nameRule: "label" },
  "/endpoints": unversioned,
  "coordination.k8s.io/leases": {
    ...unversioned,
    unconditionalUpdate: false,
    createOnUpdate: true,
  },
}

const withoutGeneration = new Set(["storage.k8s.io", "scheduling.k8s.io", "discovery.k8s.io"])

export function strategyOf(group: string, plural: string): Strategy {
  return (
    strategies[`${group}/${plural}`] ?? (withoutGeneration.has(group) ? unversioned : versioned)
  )
}

function prepareNamespace({ object, old, subresource }: PrepareInput): ApiObject {
  const namespace = object as Content
  const { name } = namespace.metadata
  const spec = isObject(namespace["spec"]) ? namespace["spec"] : {}
  const finalizers = old && subresource !== "finalize" ? finalizersInSpec(old) : spec["finalizers"]
  const status = isObject(namespace["status"]) ? namespace["status"] : {}
  const phase = namespace.metadata.deletionTimestamp ? "Terminating" : "Active"
  return {
    ...namespace,
    metadata: {
      ...namespace.metadata,
      labels: { ...namespace.metadata.labels, "kubernetes.io/metadata.name": name },
    },
    spec: { ...spec, finalizers: old ? finalizers : ["kubernetes"] },
    status: { ...status, phase },
  } as ApiObject
}

function withPhase(namespace: ApiObject, phase: string): ApiObject {
  const { status } = namespace as Content
  return { ...namespace, status: { ...(isObject(status) ? status : {}), phase } } as ApiObject
}

function finalizersInSpec(namespace: ApiObject): readonly string[] {
  const { spec } = namespace as Content
  const finalizers = isObject(spec) ? spec["finalizers"] : undefined
  return Array.isArray(finalizers) ? (finalizers as string[]) : []
}

const systemNamespaces = new Set(["default", "kube-system", "kube-public"])

function refuseSystemNamespaces({ metadata: { name } }: ApiObject): void {
  if (systemNamespaces.has(name)) {
    throw forbidden({ group: "", plural: "namespaces" }, name, "this namespace may not be deleted")
  }
}

function prepareSecret({ object, old }: PrepareInput): ApiObject {
  const { stringData, ...secret } = object as Content
  const type = secret["type"] || (old as Content | undefined)?.["type"] || "Opaque"
  if (!isObject(stringData)) return { ...secret, type } as ApiObject
  const given = Object.entries(stringData).map(([key, value]) => [
    key,
    Buffer.from(String(value)).toString("base64"),
  ])
  const data = isObject(secret["data"]) ? secret["data"] : {}
  return { ...secret, data: { ...data, ...Object.fromEntries(given) }, type } as ApiObject
}

const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/

function validateSecret(object: ApiObject, old: ApiObject | undefined): FieldError[] {
  const secret = object as Content
  const before = old as Content | undefined
  for (const [key, value] of Object.entries((secret["data"] as object | undefined) ?? {})) {
    if (typeof value !== "string" || !base64.test(value.replaceAll(/[\r\n]/g, ""))) {
      throw badRequest(
        `Secret in version "v1" cannot be handled as a Secret: data.${key} is not base64`,
      )
    }
  }
  const type: FieldError[] =
    before && before["type"] !== secret["type"]
      ? [immutable("type", secret["type"], "field is immutable")]
      : []
  return [...type, ...validateData(secret, before)]
}

function validateConfigMap(object: ApiObject, old: ApiObject | undefined): FieldError[] {
  return validateData(object as Content, old as Content | undefined)
}

const dataKey = /^[-._a-zA-Z0-9]{1,253}$/

/**
 * What config maps and secrets have in common: key names, total size, and the lid of `immutable`.
 */
function validateData(object: Content, old: Content | undefined): FieldError[] {
  const members = ["data", "binaryData"].flatMap((field) =>
    Object.entries((object[field] as Readonly<Record<string, string>> | undefined) ?? {}).map(
      ([key, value]) => ({ field, key, bytes: Buffer.byteLength(value) }),
    ),
  )
  const keys = members
    .filter(({ key }) => !dataKey.test(key) || key === "." || key === "..")
    .map(({ field, key }): FieldError => ({
      reason: "FieldValueInvalid",
      field: `${field}[${key}]`,
      badValue: key,
      detail: "a valid config key must consist of alphanumeric characters, '-', '_' or '.'",
    }))
  const bytes = members.reduce((sum, member) => sum + member.bytes, 0)
  const size: FieldError[] =
    bytes > dataMaxBytes
      ? [
          {
            reason: "FieldValueTooLong",
            field: "data",
            detail: `may not be more than ${dataMaxBytes} bytes`,
          },
        ]
      : []
  return [...keys, ...size, ...validateImmutable(object, old)]
}

function validateImmutable(object: Content, old: Content | undefined): FieldError[] {
  if (old?.["immutable"] !== true) return []
  const frozen = "field is immutable when `immutable` is set"
  const lid: FieldError[] =
    object["immutable"] === true
      ? []
      : [{ reason: "FieldValueForbidden", field: "immutable", detail: frozen }]
  const changed = ["data", "binaryData"].filter(
    (field) => JSON.stringify(object[field]) !== JSON.stringify(old[field]),
  )
  return [
    ...lid,
    ...changed.map((field): FieldError => ({
      reason: "FieldValueForbidden",
      field,
      detail: frozen,
    })),
  ]
}

function immutable(field: string, badValue: unknown, detail: string): FieldError {
  return { reason: "FieldValueInvalid", field, badValue, detail }
}

function preparePod({ object, old }: PrepareInput): ApiObject {
  const pod = object as Content
  if (old || isObject(pod["status"])) return object
  return { ...pod, status: { phase: "Pending" } } as ApiObject
}
