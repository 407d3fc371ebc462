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
  const resources = kubernetesKinds.map((kind) => {
    const strategy =
      strategies[`${kind.group}/${kind.plural}`] ?? strategyOf(kind.group, kind.plural)
    return builtinResource(kind, hub, strategy)
  })
  for (const resource of resources) registry.replace(resource.group, resource.plural, [resource])
}

function builtinResource(kind: BuiltinKind, hub: Hub, strategy: Strategy): Resource {
  const schema = { $ref: refTo(kind.definition) }
  const isEventView = kind.group === "events.k8s.io" && kind.plural === "events"
  const names = new Set(kind.subresources.map(({ name }) => name))
  let compiled: CompiledSchema | undefined
  const resource: Resource = {
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
    table: hub.table(isEventView ? prefixFor("", "events") : prefixFor(kind.group, kind.plural)),
    conversion: isEventView ? eventConversion : undefined,
    schema,
    definitions,
    get compiled() {
      compiled ??= compileSchema(schema, definitions)
      return compiled
    },
    get storage() {
      return resource
    },
    strategy,
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
  return resource
}

const builtinScale = {
  specReplicasPath: ".spec.replicas",
  statusReplicasPath: ".status.replicas",
  labelSelectorPath: ".status.selector",
}
