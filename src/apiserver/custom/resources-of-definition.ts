import {
  badRequest,
  type ApiObject,
  type Kind,
  type KindRules,
  type PrinterColumn,
  type Subresources,
} from "#meta"
import {
  compileJsonPath,
  compileSchema,
  type CompiledSchema,
  compileColumns,
  type Schema,
} from "#schema"
import type { Table } from "../hub/table.ts"
import { plainStrategy, type Resource, type TableColumn } from "../resource.ts"
import { compareVersions } from "../discovery/version-order.ts"
import { withObjectMeta } from "../builtin/object-meta-schema.ts"
import { definitions } from "#apis"
import type { CustomResourceDefinition, DefinitionVersion } from "./definition.ts"
import { validateReplicas } from "./scale-validation.ts"

export interface DefinitionInput {
  readonly definition: CustomResourceDefinition
  /** The kind whose seeded definition this is. */
  readonly native: Kind | undefined
  readonly rules: readonly KindRules[]
  readonly table: Table
  /** The store's revision from which on objects are written under this schema. */
  readonly schemaRevision: number
}

const verbs = ["delete", "deletecollection", "get", "list", "patch", "create", "update", "watch"]

/** The resources that a definition's served versions make. */
export function customResources(input: DefinitionInput): readonly Resource[] {
  const { definition } = input
  const versions = definition.spec.versions.filter((version) => version.served || version.storage)
  const storage = versions.find((version) => version.storage)
  if (!storage) return []
  const stored = resourceOf(input, storage, undefined)
  return versions
    .map((version) => (version === storage ? stored : resourceOf(input, version, stored)))
    .filter((_resource, index) => versions[index]?.served)
}

function resourceOf(
  input: DefinitionInput,
  version: DefinitionVersion,
  storage: Resource | undefined,
): Resource {
  const { definition, native, rules, table } = input
  const { group, names, scope } = definition.spec
  const schema = withObjectMeta(
    native?.versions.find(({ name }) => name === version.name)?.schema ??
      version.schema?.openAPIV3Schema ?? {
        type: "object",
        "x-kubernetes-preserve-unknown-fields": true,
      },
  )
  const conversion = native?.versions.find(({ name }) => name === version.name)?.conversion
  const subresources = subresourcesOf(version)
  const { scale } = subresources
  const resource: Omit<Resource, "storage" | "compiled"> = {
    group,
    version: version.name,
    kind: names.kind,
    listKind: names.listKind ?? `${names.kind}List`,
    plural: names.plural,
    singular: names.singular ?? names.kind.toLowerCase(),
    shortNames: names.shortNames ?? [],
    categories: names.categories ?? [],
    namespaced: scope === "Namespaced",
    verbs,
    subresources,
    extraSubresources: [],
    custom: true,
    storedSince: native ? 0 : input.schemaRevision,
    isTerminating: definition.metadata.deletionTimestamp !== undefined,
    deprecationWarning: deprecationWarningOf(definition, version),
    table,
    conversion,
    schema,
    definitions,
    columns: [nameColumn, ...columnsOf(version.additionalPrinterColumns)],
    strategy: scale ? { ...plainStrategy, validate: validateReplicas(scale) } : plainStrategy,
    rules,
    selectable: selectableOf(version),
  }
  return withLazySchema(resource, schema, storage)
}

/** What users of a deprecated version are told, with the best of the newer ones. */
function deprecationWarningOf(
  { spec }: CustomResourceDefinition,
  version: DefinitionVersion,
): string | undefined {
  if (!version.deprecated) return undefined
  if (version.deprecationWarning) return version.deprecationWarning
  const { group, names } = spec
  const [newest] = spec.versions
    .filter(({ served, deprecated }) => served && !deprecated)
    .map(({ name }) => name)
    .filter((name) => compareVersions(name, version.name) < 0)
    .sort(compareVersions)
  const warning = `${group}/${version.name} ${names.kind} is deprecated`
  return newest === undefined ? warning : `${warning}; use ${group}/${newest} ${names.kind}`
}

/** Schemas are compiled when a version is first used: most never are. */
function withLazySchema(
  resource: Omit<Resource, "storage" | "compiled">,
  schema: Schema,
  storage: Resource | undefined,
): Resource {
  let compiled: CompiledSchema | undefined
  const lazy: Resource = {
    ...resource,
    get compiled() {
      compiled ??= compileSchema(schema, definitions)
      return compiled
    },
    get storage() {
      return storage ?? lazy
    },
    revive: resource.storedSince === 0 ? undefined : (object) => revive(lazy, object),
  }
  return lazy
}

/**
 * Objects from before the schema, or in another version, are pruned and defaulted when they are
 * read.
 */
function revive(resource: Resource, object: ApiObject): ApiObject {
  const revision = Number(object.metadata.resourceVersion ?? resource.storedSince)
  if (resource.storage === resource && revision >= resource.storedSince) return object
  return resource.compiled.applyDefaults(resource.compiled.prune(object).value)
}

function subresourcesOf(version: DefinitionVersion): Subresources {
  const { status, scale } = version.subresources ?? {}
  return { ...(status ? { status: true } : {}), ...(scale ? { scale } : {}) }
}

const nameColumn: TableColumn = {
  name: "Name",
  type: "string",
  format: "name",
  cell: (object) => object.metadata.name,
}

const ageColumn: PrinterColumn = {
  name: "Age",
  type: "date",
  jsonPath: ".metadata.creationTimestamp",
}

function columnsOf(columns: readonly PrinterColumn[] | undefined): readonly TableColumn[] {
  const declared = columns && columns.length > 0 ? columns : [ageColumn]
  return declared.map(({ jsonPath, ...column }) => {
    const render = compileColumns([{ ...column, jsonPath }])
    return { ...column, cell: (object, nowMs) => render(object, nowMs)[0] ?? null }
  })
}

function selectableOf(version: DefinitionVersion): Resource["selectable"] {
  const paths = new Map(
    (version.selectableFields ?? []).map(({ jsonPath }) => [
      jsonPath.slice(1),
      compileJsonPath(jsonPath),
    ]),
  )
  return (object: ApiObject, field: string) => {
    const read = paths.get(field)
    if (!read) throw badRequest(`field label not supported: ${field}`)
    const [value] = read.find(object)
    return value === undefined || value === null ? "" : String(value)
  }
}
