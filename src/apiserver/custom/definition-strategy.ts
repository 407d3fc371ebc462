import { type ApiObject, forbidden, type Kind } from "#meta"
import type { Hub } from "../hub/hub.ts"
import { prefixFor } from "../hub/record.ts"
import { plainStrategy, type PrepareInput, type Strategy } from "../resource.ts"
import { type CustomResourceDefinition, definitionName, isSeeded } from "./definition.ts"
import { validateDefinition } from "./definition-validation.ts"

export interface DefinitionStrategyOptions {
  readonly hub: Hub
  /** Kinds of our own. Their definitions are ours to say. */
  readonly kinds: readonly Kind[]
  /** Groups whose definitions users may replace: nobody here works with their objects. */
  readonly replaceableGroups: readonly string[]
}

const resource = { group: "apiextensions.k8s.io", plural: "customresourcedefinitions" }
const cleanupFinalizer = "customresourcecleanup.apiextensions.k8s.io"

/** How definitions of custom resources are written and deleted. */
export function definitionStrategy(options: DefinitionStrategyOptions): Strategy {
  const ours = new Map(
    options.kinds
      .filter(({ group }) => !options.replaceableGroups.includes(group))
      .map((kind) => [definitionName(kind), kind]),
  )
  return {
    ...plainStrategy,
    generation: "spec",
    prepare: prepareDefinition,
    validate: (object, old) => {
      const definition = object as CustomResourceDefinition
      const kind = ours.get(definition.metadata.name)
      if (kind && isSeeded(definition, kind)) return []
      return validateDefinition(definition, old as CustomResourceDefinition | undefined)
    },
    check: ({ object, subresource, warn }) => {
      const definition = object as CustomResourceDefinition
      const kind = ours.get(definition.metadata.name)
      if (kind && !isSeeded(definition, kind)) throw notOurs(definition)
      if (!kind && subresource === undefined && hasRules(definition)) warn(rulesWarning)
    },
    checkDelete: (object) => {
      const kind = ours.get(object.metadata.name)
      const count = kind ? options.hub.table(prefixFor(kind.group, kind.plural)).size : 0
      if (count === 0) return
      const problem = `${count} of its objects exist, and this server's controllers work with them: delete them first`
      throw forbidden(resource, object.metadata.name, problem)
    },
    markDeleted,
  }
}

/**
 * Names that follow from others, the conversion that is none, and the version objects are stored
 * in.
 */
function prepareDefinition({ object, old, subresource }: PrepareInput): ApiObject {
  const definition = object as CustomResourceDefinition
  if (subresource === "status") return definition
  const { names, versions } = definition.spec ?? {}
  if (!names?.kind || !versions) return definition
  const { status: _status, ...rest } = definition
  const spec = {
    ...definition.spec,
    names: {
      ...names,
      singular: names.singular || names.kind.toLowerCase(),
      listKind: names.listKind || `${names.kind}List`,
    },
    conversion: definition.spec.conversion ?? { strategy: "None" },
  }
  const before = old as CustomResourceDefinition | undefined
  const storage = versions.find((version) => version.storage)?.name
  const stored = before?.status?.storedVersions ?? []
  if (storage === undefined || stored.includes(storage)) {
    return { ...rest, spec, ...(before?.status ? { status: before.status } : {}) } as ApiObject
  }
  const status = { ...before?.status, storedVersions: [...stored, storage] }
  return { ...rest, spec, status } as ApiObject
}

/** A deleted definition stays until its objects are gone; no new ones are let in. */
function markDeleted(object: ApiObject, now: string): ApiObject {
  const { status, metadata, ...rest } = object as CustomResourceDefinition
  const { finalizers = [] } = metadata
  const others = (status?.conditions ?? []).filter(({ type }) => type !== "Terminating")
  const condition = {
    type: "Terminating",
    status: "True",
    lastTransitionTime: now,
    reason: "InstanceDeletionPending",
    message:
      "CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon",
  }
  return {
    ...rest,
    metadata: {
      ...metadata,
      finalizers: [...finalizers.filter((name) => name !== cleanupFinalizer), cleanupFinalizer],
    },
    status: { ...status, conditions: [...others, condition] },
  } as ApiObject
}

const rulesWarning =
  "x-kubernetes-validations are kept in the definition, but not evaluated by this server"

function hasRules({ spec }: CustomResourceDefinition): boolean {
  return JSON.stringify(spec).includes('"x-kubernetes-validations":')
}

function notOurs(object: ApiObject): Error {
  const problem =
    "its objects are worked on by this server's own controllers, which need the spec they were built with; labels and annotations may be changed"
  return forbidden(resource, object.metadata.name, problem)
}
