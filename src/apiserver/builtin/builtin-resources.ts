import { type BuiltinKind, definitions, kubernetesKinds } from "#apis"
import { badRequest } from "#meta"
import { compileSchema, type CompiledSchema, refTo } from "#schema"
import type { Hub } from "../hub/hub.ts"
import { prefixFor } from "../hub/record.ts"
import type { ResourceRegistry } from "../registry.ts"
import type { Resource, Strategy } from "../resource.ts"
import { eventConversion } from "./event-conversion.ts"
import { strategyOf } from "./strategies.ts"

/**
 * Serves Kubernetes' own kinds, from the generated tables. `strategies` are those that need more
 * than the object itself to judge, by `group/plural`.
 */
export function registerBuiltins(
  registry: ResourceRegistry,
  hub: Hub,
  strategies: Readonly<Record<string, Strategy>>,
): void {
  shapes ??= kubernetesKinds.map((kind) => shapeOf(kind))
  for (const shape of shapes) {
    const { group, plural } = shape
    const prefix = isEventView(shape) ? prefixFor("", "events") : prefixFor(group, plural)
    const strategy = strategies[`${group}/${plural}`] ?? strategyOf(group, plural)
    registry.replace(group, plural, [resourceOf(shape, { table: hub.table(prefix), strategy })])
  }
}

/** What is the same in every API server of the process: there can be thousands. */
type Shape = Omit<Resource, "storage" | "strategy" | "table">

let shapes: readonly Shape[] | undefined

function isEventView({ group, plural }: Pick<Resource, "group" | "plural">): boolean {
  return group === "events.k8s.io" && plural === "events"
}

/** A resource of one server: it inherits its shape, and holds only what is its own. */
function resourceOf(shape: Shape, own: Pick<Resource, "strategy" | "table">): Resource {
  const resource = Object.assign(Object.create(shape) as Shape, own)
  return Object.defineProperty(resource, "storage", { get: () => resource }) as Resource
}

function shapeOf(kind: BuiltinKind): Shape {
  const names = new Set(kind.subresources.map(({ name }) => name))
  return {
    ...kind,
    listKind: `${kind.kind}List`,
    subresources: {
      ...(names.has("status") ? { status: true } : {}),
      ...(names.has("scale") ? { scale: builtinScale } : {}),
    },
    extraSubresources: kind.subresources.filter(
      ({ name }) => name !== "status" && name !== "scale",
    ),
    custom: false,
    isTerminating: false,
    storedSince: 0,
    deprecationWarning: undefined,
    conversion: isEventView(kind) ? eventConversion : undefined,
    schema: { $ref: refTo(kind.definition) },
    definitions,
    get compiled() {
      return compiledOf(kind.definition)
    },
    rules: [],
    selectable: (object, field) => {
      const { fieldSelectors } = kind
      const read = Object.hasOwn(fieldSelectors, field) ? fieldSelectors[field] : undefined
      if (!read) {
        throw badRequest(
          `${JSON.stringify(field)} is not a known field selector: only "metadata.name", "metadata.namespace"`,
        )
      }
      return read(object)
    },
  }
}

/** The tables never change, so every API server of the process shares what is made from them. */
const compiledByDefinition = new Map<string, CompiledSchema>()

function compiledOf(definition: string): CompiledSchema {
  let compiled = compiledByDefinition.get(definition)
  if (!compiled) {
    compiled = compileSchema({ $ref: refTo(definition) }, definitions)
    compiledByDefinition.set(definition, compiled)
  }
  return compiled
}

const builtinScale = {
  specReplicasPath: ".spec.replicas",
  statusReplicasPath: ".status.replicas",
  labelSelectorPath: ".spec.selector",
}
