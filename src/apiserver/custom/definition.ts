import { deepEqual } from "#base"
import type { ApiObject, Kind, KindRef, PrinterColumn, ScaleSubresource } from "#meta"
import type { Schema } from "#schema"

export interface DefinitionNames {
  readonly plural: string
  readonly singular?: string | undefined
  readonly kind: string
  readonly listKind?: string | undefined
  readonly shortNames?: readonly string[] | undefined
  readonly categories?: readonly string[] | undefined
}

export interface DefinitionVersion {
  readonly name: string
  readonly served: boolean
  readonly storage: boolean
  readonly deprecated?: boolean | undefined
  readonly deprecationWarning?: string | undefined
  readonly schema?: { readonly openAPIV3Schema?: Schema | undefined } | undefined
  readonly subresources?:
    | {
        readonly status?: object | undefined
        readonly scale?: ScaleSubresource | undefined
      }
    | undefined
  readonly additionalPrinterColumns?: readonly PrinterColumn[] | undefined
  readonly selectableFields?: readonly { readonly jsonPath: string }[] | undefined
}

/** `apiextensions.k8s.io/v1` CustomResourceDefinition. */
export interface CustomResourceDefinition extends ApiObject {
  readonly spec: {
    readonly group: string
    readonly names: DefinitionNames
    readonly scope: "Namespaced" | "Cluster"
    readonly versions: readonly DefinitionVersion[]
    readonly conversion?:
      | {
          readonly strategy?: string | undefined
          readonly webhook?:
            | { readonly conversionReviewVersions?: readonly string[] | undefined }
            | undefined
        }
      | undefined
    readonly preserveUnknownFields?: boolean | undefined
  }
  readonly status?:
    | {
        readonly conditions?: readonly {
          readonly type: string
          readonly status: string
          readonly reason?: string | undefined
          readonly message?: string | undefined
          readonly lastTransitionTime?: string | undefined
        }[]
        readonly acceptedNames?: DefinitionNames | undefined
        readonly storedVersions?: readonly string[] | undefined
      }
    | undefined
}

/** The CRD object of a native kind, as the plane seeds it. */
export function definitionOf(kind: Kind): CustomResourceDefinition {
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `${kind.plural}.${kind.group}`, labels: kind.labels },
    spec: {
      group: kind.group,
      names: {
        plural: kind.plural,
        singular: kind.singular,
        kind: kind.kind,
        listKind: kind.listKind,
        ...(kind.shortNames.length > 0 ? { shortNames: kind.shortNames } : {}),
        ...(kind.categories.length > 0 ? { categories: kind.categories } : {}),
      },
      scope: kind.namespaced ? "Namespaced" : "Cluster",
      versions: kind.versions.map((version) => ({
        name: version.name,
        served: true,
        storage: version.name === kind.version,
        ...(version.deprecated ? { deprecated: true } : {}),
        schema: { openAPIV3Schema: version.schema },
        ...(Object.keys(version.subresources).length === 0
          ? {}
          : {
              subresources: {
                ...(version.subresources.status ? { status: {} } : {}),
                ...(version.subresources.scale ? { scale: version.subresources.scale } : {}),
              },
            }),
        ...(version.columns.length > 0 ? { additionalPrinterColumns: version.columns } : {}),
      })),
      conversion: { strategy: "None" },
    },
  }
}

const seededSpecs = new WeakMap<Kind, unknown>()

/** True while a definition's spec is the one we would seed; its metadata may have been edited. */
export function isSeeded(definition: CustomResourceDefinition, kind: Kind): boolean {
  let spec = seededSpecs.get(kind)
  if (spec === undefined) {
    spec = JSON.parse(JSON.stringify(definitionOf(kind).spec)) as unknown
    seededSpecs.set(kind, spec)
  }
  return deepEqual(definition.spec, spec)
}

/** `plural.group`: the name a kind's CRD must have. */
export function definitionName(kind: Pick<KindRef, "group" | "plural">): string {
  return `${kind.plural}.${kind.group}`
}

/**
 * True when a definition may be served beside the others of its group: once its names were judged
 * what the judgement says, before that unless an earlier one has a name of its.
 */
export function isServable(
  definition: CustomResourceDefinition,
  others: readonly CustomResourceDefinition[],
): boolean {
  const established = definition.status?.conditions?.find(({ type }) => type === "Established")
  if (established) return established.status === "True"
  const mine = namesOf(definition)
  return !others.some(
    (other) => isEarlier(other, definition) && namesOf(other).some((name) => mine.includes(name)),
  )
}

function isEarlier(other: CustomResourceDefinition, one: CustomResourceDefinition): boolean {
  if (other.status?.conditions?.some(({ type }) => type === "Established")) return true
  return Number(other.metadata.resourceVersion) < Number(one.metadata.resourceVersion)
}

function namesOf({ spec, status }: CustomResourceDefinition): readonly string[] {
  const { plural, singular, kind, listKind } = status?.acceptedNames ?? spec.names
  return [plural, singular ?? kind.toLowerCase(), `:${kind}`, `:${listKind ?? `${kind}List`}`]
}
