import { isObject } from "#base"
import { type ApiObject, forbidden } from "#meta"
import { type FieldError, invalidError } from "#schema"
import {
  prepareConfigMap,
  prepareSecret,
  validateConfigMap,
  validateSecret,
} from "./data-strategies.ts"
import { validateEvent, validateNewEvent } from "./event-strategies.ts"
import { microTimeErrors } from "./micro-time.ts"
import { preparePod } from "./pod-strategy.ts"
import { plainStrategy, type PrepareInput, type Strategy } from "../resource.ts"

type Content = ApiObject & { readonly [field: string]: unknown }

const unversioned: Strategy = {
  ...plainStrategy,
  generation: "none",
  unconditionalUpdate: true,
}

const versioned: Strategy = { ...unversioned, generation: "spec" }

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
  "/configmaps": { ...unversioned, prepare: prepareConfigMap, validate: validateConfigMap },
  "/events": { ...unversioned, createOnUpdate: true, validate: validateEvent },
  "events.k8s.io/events": { ...unversioned, createOnUpdate: true, validate: validateNewEvent },
  "/serviceaccounts": unversioned,
  "/nodes": { ...unversioned, statusAtBirth: true },
  "/pods": { ...versioned, prepare: preparePod },
  "/services": { ...versioned, nameRule: "label" },
  "/endpoints": unversioned,
  "coordination.k8s.io/leases": {
    ...unversioned,
    unconditionalUpdate: false,
    createOnUpdate: true,
    validate: validateLease,
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

function validateLease(object: ApiObject): readonly FieldError[] {
  const { spec } = object as Content
  if (!isObject(spec)) return []
  const { leaseDurationSeconds: seconds, leaseTransitions: transitions } = spec
  return [
    ...microTimeErrors("spec.acquireTime", spec["acquireTime"]),
    ...microTimeErrors("spec.renewTime", spec["renewTime"]),
    ...(typeof seconds === "number" && seconds <= 0
      ? [invalidError("spec.leaseDurationSeconds", seconds, "must be greater than 0")]
      : []),
    ...(typeof transitions === "number" && transitions < 0
      ? [invalidError("spec.leaseTransitions", transitions, "must be greater than or equal to 0")]
      : []),
  ]
}
