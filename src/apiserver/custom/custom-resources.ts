import { type Logger, messageOf } from "#base"
import type { ApiObject, Kind, KindRef, KindRules, VersionResolver } from "#meta"
import type { Hub } from "../hub/hub.ts"
import { prefixFor } from "../hub/record.ts"
import type { Table } from "../hub/table.ts"
import type { ResourceRegistry } from "../registry.ts"
import { acceptedConflict, type CustomResourceDefinition, isSeeded } from "./definition.ts"
import { customResources } from "./resources-of-definition.ts"

export interface CustomResourcesOptions {
  readonly hub: Hub
  readonly registry: ResourceRegistry
  readonly kinds: readonly Kind[]
  readonly rules: readonly KindRules[]
  readonly log: Logger
}

const contractLabel = /^cluster\.x-k8s\.io\/(v\d+(?:beta\d+|alpha\d+)?)$/
const preferredContract = "v1beta2"

/**
 * Serves what CRD objects declare. A definition that is the one we seeded gets the native kind's
 * schema, conversion and rules; any other is served as written.
 */
export class CustomResources {
  readonly #options: CustomResourcesOptions
  readonly #table: Table
  readonly #kinds: ReadonlyMap<string, Kind>
  #unsubscribe: (() => void) | undefined

  constructor(options: CustomResourcesOptions) {
    this.#options = options
    this.#table = options.hub.table(prefixFor("apiextensions.k8s.io", "customresourcedefinitions"))
    this.#kinds = new Map(options.kinds.map((kind) => [definitionName(kind), kind]))
  }

  /** The version a kind is served in for Cluster API's contracts, as its CRD's labels say. */
  readonly resolve: VersionResolver = (group, kind) => {
    for (const record of this.#table.range()) {
      const definition = record.object as CustomResourceDefinition
      if (definition.spec.group !== group || definition.spec.names.kind !== kind) continue
      return contractVersion(definition)
    }
    return undefined
  }

  start(): void {
    for (const record of this.#table.range()) this.#serve(record.object)
    this.#unsubscribe = this.#table.subscribe((change) => {
      if (change.type === "deleted") this.#drop(change.record.object)
      else this.#serve(change.record.object)
    })
  }

  stop(): void {
    this.#unsubscribe?.()
  }

  #serve(object: ApiObject): void {
    const definition = object as CustomResourceDefinition
    const { group, names } = definition.spec
    const { hub, registry, rules, log } = this.#options
    if (acceptedConflict(definition, this.#others(definition))) return
    const kind = this.#kinds.get(definition.metadata.name)
    try {
      const resources = customResources({
        definition,
        native: kind && isSeeded(definition, kind) ? kind : undefined,
        rules: rules.filter((rule) => isRuleOf(rule, definition)),
        table: hub.table(prefixFor(group, names.plural)),
      })
      registry.replace(group, names.plural, resources)
    } catch (error) {
      log.error("custom resource definition cannot be served", {
        name: definition.metadata.name,
        error: messageOf(error),
      })
    }
  }

  #drop(object: ApiObject): void {
    const { group, names } = (object as CustomResourceDefinition).spec
    this.#options.registry.replace(group, names.plural, [])
  }

  #others(definition: CustomResourceDefinition): readonly CustomResourceDefinition[] {
    return Array.from(this.#table.range(), (record) => record.object as CustomResourceDefinition)
      .filter((other) => other.metadata.name !== definition.metadata.name)
      .filter((other) => other.spec.group === definition.spec.group)
  }
}

/** `plural.group`: the name a kind's CRD must have. */
export function definitionName(kind: Pick<KindRef, "group" | "plural">): string {
  return `${kind.plural}.${kind.group}`
}

function isRuleOf(rule: KindRules, definition: CustomResourceDefinition): boolean {
  return rule.kind.group === definition.spec.group && rule.kind.kind === definition.spec.names.kind
}

/** Labels name contracts; their values list served versions, the last one first in line. */
function contractVersion(definition: CustomResourceDefinition): string | undefined {
  const labels = Object.entries(definition.metadata.labels ?? {})
    .map(([label, versions]) => ({ contract: contractLabel.exec(label)?.[1], versions }))
    .filter(({ contract }) => contract !== undefined)
  const chosen =
    labels.find(({ contract }) => contract === preferredContract) ??
    labels.sort((left, right) => ((left.contract ?? "") < (right.contract ?? "") ? 1 : -1))[0]
  return chosen?.versions.split("_").at(-1)
}
