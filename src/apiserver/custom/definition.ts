import { deepEqual } from "#base"
import type { ApiObject, Kind, PrinterColumn, ScaleSubresource } from "#meta"
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
    readonly conversion?: { readonly strategy?: string | undefined } | undefined
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

/** True while a definition's spec is the one we would seed; its metadata may have been edited. */
export function isSeeded(definition: CustomResourceDefinition, kind: Kind): boolean {
  return deepEqual(definition.spec, JSON.parse(JSON.stringify(definitionOf(kind).spec)))
}

/** Why a definition's names cannot be accepted beside those of its group, or undefined. */
export function acceptedConflict(
  definition: CustomResourceDefinition,
  others: readonly CustomResourceDefinition[],
): { readonly reason: string; readonly message: string } | undefined {
  const mine = namesOf(definition)
  for (const other of others) {
    const isEarlier = !definition.status?.acceptedNames || Boolean(other.status?.acceptedNames)
    const established = other.status?.acceptedNames
    if (!established || !isEarlier || definition.status?.acceptedNames) continue
    const theirs = new Map(namesOf(other))
    for (const [field, name] of mine) {
      if (theirs.get(field) === name) {
        return {
          reason: `${field[0]?.toUpperCase()}${field.slice(1)}Conflict`,
          message: `${JSON.stringify(name)} is already in use`,
        }
      }
    }
  }
  return undefined
}

function namesOf({ spec }: CustomResourceDefinition): readonly (readonly [string, string])[] {
  const { plural, singular, kind, listKind } = spec.names
  return [
    ["plural", plural],
    ["singular", singular ?? kind.toLowerCase()],
    ["kind", kind],
    ["listKind", listKind ?? `${kind}List`],
  ]
}
