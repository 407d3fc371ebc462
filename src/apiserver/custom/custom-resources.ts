import { deepEqual, type Logger, messageOf } from "#base"
import type { Kind, KindRules, VersionResolver } from "#meta"
import type { Hub } from "../hub/hub.ts"
import { prefixFor } from "../hub/record.ts"
import type { Table } from "../hub/table.ts"
import type { ResourceRegistry } from "../registry.ts"
import {
  type CustomResourceDefinition,
  definitionName,
  isSeeded,
  isServable,
} from "./definition.ts"
import { customResources } from "./resources-of-definition.ts"

export interface CustomResourcesOptions {
  readonly hub: Hub
  readonly registry: ResourceRegistry
  readonly kinds: readonly Kind[]
  readonly rules: readonly KindRules[]
  readonly log: Logger
}

interface Served {
  readonly spec: CustomResourceDefinition["spec"]
  readonly isTerminating: boolean
  /** Objects that were stored before may be older than the schema. */
  readonly schemaRevision: number
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
  /**
   * What is served now, by the definition's name: most writes of a definition change nothing of it.
   */
  readonly #served = new Map<string, Served>()
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
    for (const record of this.#table.range()) this.#serve(record.object as CustomResourceDefinition)
    this.#unsubscribe = this.#table.subscribe((change) => {
      const definition = change.record.object as CustomResourceDefinition
      if (change.type === "deleted") this.#drop(definition)
      else this.#serve(definition)
    })
  }

  stop(): void {
    this.#unsubscribe?.()
  }

  #serve(definition: CustomResourceDefinition): void {
    const { group, names } = definition.spec
    const { hub, registry, rules, log } = this.#options
    const { name, deletionTimestamp, resourceVersion } = definition.metadata
    if (!isServable(definition, this.#others(definition))) return
    const isTerminating = deletionTimestamp !== undefined
    const served = this.#served.get(name)
    if (served?.isTerminating === isTerminating && deepEqual(served.spec, definition.spec)) return
    const isSameSpec = served !== undefined && deepEqual(served.spec, definition.spec)
    const schemaRevision = isSameSpec ? served.schemaRevision : Number(resourceVersion)
    this.#served.set(name, { spec: definition.spec, isTerminating, schemaRevision })
    const kind = this.#kinds.get(name)
    try {
      const resources = customResources({
        definition,
        native: kind && isSeeded(definition, kind) ? kind : undefined,
        rules: rules.filter((rule) => isRuleOf(rule, definition)),
        table: hub.table(prefixFor(group, names.plural)),
        schemaRevision,
      })
      registry.replace(group, names.plural, resources)
    } catch (error) {
      log.error("custom resource definition cannot be served", { name, error: messageOf(error) })
    }
  }

  /** Names that have become free may be what another definition waits for. */
  #drop(definition: CustomResourceDefinition): void {
    const { group, names } = definition.spec
    if (this.#served.delete(definition.metadata.name)) {
      this.#options.registry.replace(group, names.plural, [])
    }
    for (const other of this.#others(definition)) this.#serve(other)
  }

  #others(definition: CustomResourceDefinition): readonly CustomResourceDefinition[] {
    return Array.from(this.#table.range(), (record) => record.object as CustomResourceDefinition)
      .filter((other) => other.metadata.name !== definition.metadata.name)
      .filter((other) => other.spec.group === definition.spec.group)
  }
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
