import type { Schema, TypeOf } from "#schema"
import { apiVersionOf, type ApiObject, type ObjectMeta } from "./object-meta.ts"

/**
 * Names a kind in one version, for clients and caches. `T` is the TypeScript shape of its objects
 * and exists only in the type.
 */
export interface KindRef<T = unknown> {
  readonly group: string
  readonly version: string
  readonly kind: string
  readonly plural: string
  readonly namespaced: boolean
  readonly object?: T
}

/** A printer column of `kubectl get`, as CRDs declare it. */
export interface PrinterColumn {
  readonly name: string
  readonly type: "string" | "integer" | "number" | "boolean" | "date"
  readonly jsonPath: string
  readonly description?: string | undefined
  readonly priority?: number | undefined
  readonly format?: string | undefined
}

export interface ScaleSubresource {
  readonly specReplicasPath: string
  readonly statusReplicasPath: string
  readonly labelSelectorPath?: string | undefined
}

export interface Subresources {
  readonly status?: boolean | undefined
  readonly scale?: ScaleSubresource | undefined
}

/**
 * Resolves a group and kind to the version that its CRD serves for a contract; undefined when no
 * CRD is there.
 */
export type VersionResolver = (group: string, kind: string) => string | undefined

/** Pure functions between an older version and the hub. Each takes and gives whole objects. */
export interface VersionConversion {
  readonly toHub: (object: ConvertibleObject, resolve: VersionResolver) => ConvertibleObject
  readonly fromHub: (object: ConvertibleObject, resolve: VersionResolver) => ConvertibleObject
}

/**
 * An object on its way between versions; what lies under metadata is whatever the schema let in.
 */
export interface ConvertibleObject {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: ObjectMeta
  readonly spec?: unknown
  readonly status?: unknown
}

/** One served version of a kind. */
export interface KindVersion {
  readonly name: string
  /** The whole object's schema, `spec` and `status` under `properties`. */
  readonly schema: Schema
  readonly columns: readonly PrinterColumn[]
  readonly subresources: Subresources
  readonly deprecated: boolean
  /** Undefined for the hub. */
  readonly conversion: VersionConversion | undefined
}

/**
 * One custom kind: everything else (CRD object, OpenAPI, defaults, pruning, columns, `kubectl
 * explain`) is derived from it. The hub version is the stored one; `version` names it.
 */
export interface Kind<T = ApiObject> extends KindRef<T> {
  readonly singular: string
  readonly listKind: string
  readonly shortNames: readonly string[]
  readonly categories: readonly string[]
  /** Labels of the CRD object, contract labels included. */
  readonly labels: Readonly<Record<string, string>>
  /** The hub first. */
  readonly versions: readonly KindVersion[]
}

interface VersionShape {
  readonly spec?: Schema | undefined
  readonly status?: Schema | undefined
  /** Say whether objects must carry a spec; default false. */
  readonly specRequired?: boolean | undefined
  readonly columns?: readonly PrinterColumn[] | undefined
  readonly subresources?: Subresources | undefined
  readonly description: string
}

export interface OlderVersion extends VersionShape {
  readonly name: string
  readonly deprecated: boolean
  readonly conversion: VersionConversion
}

export interface KindDefinition<
  Spec extends Schema,
  StatusShape extends Schema,
  SpecRequired extends boolean,
> extends VersionShape {
  readonly group: string
  readonly version: string
  readonly kind: string
  readonly plural: string
  readonly shortNames?: readonly string[] | undefined
  readonly categories?: readonly string[] | undefined
  readonly scope?: "Namespaced" | "Cluster" | undefined
  readonly labels?: Readonly<Record<string, string>> | undefined
  readonly spec?: Spec | undefined
  readonly status?: StatusShape | undefined
  readonly specRequired?: SpecRequired | undefined
  readonly older?: readonly OlderVersion[] | undefined
}

/**
 * The shape of a kind's objects in its hub version. Unless the CRD requires it, a spec may be
 * missing: then its defaults are missing, too.
 */
export type CustomObject<Spec, StatusShape, SpecRequired extends boolean = false> = ApiObject & {
  readonly status?: StatusShape | undefined
} & (SpecRequired extends true ? { readonly spec: Spec } : { readonly spec?: Spec | undefined })

/** The object type of a kind or reference. */
export type ObjectOf<K> = K extends KindRef<infer T> ? T : never

/** Builds a kind from its schemas. */
export function defineKind<
  Spec extends Schema,
  StatusShape extends Schema,
  const SpecRequired extends boolean = false,
>(
  definition: KindDefinition<Spec, StatusShape, SpecRequired>,
): Kind<CustomObject<TypeOf<Spec>, TypeOf<StatusShape>, SpecRequired>> {
  const { group, version, kind, plural, older = [] } = definition
  return {
    group,
    version,
    kind,
    plural,
    namespaced: definition.scope !== "Cluster",
    singular: kind.toLowerCase(),
    listKind: `${kind}List`,
    shortNames: definition.shortNames ?? [],
    categories: definition.categories ?? [],
    labels: definition.labels ?? {},
    versions: [
      kindVersion({ ...definition, name: version, deprecated: false, conversion: undefined }),
      ...older.map((shape) => kindVersion(shape)),
    ],
  }
}

function kindVersion(
  shape: VersionShape & {
    readonly name: string
    readonly deprecated: boolean
    readonly conversion: VersionConversion | undefined
  },
): KindVersion {
  return {
    name: shape.name,
    schema: {
      type: "object",
      description: shape.description,
      properties: {
        apiVersion: { type: "string" },
        kind: { type: "string" },
        metadata: { type: "object" },
        ...(shape.spec ? { spec: shape.spec } : {}),
        ...(shape.status ? { status: shape.status } : {}),
      },
      ...(shape.specRequired ? { required: ["spec"] } : {}),
    },
    columns: shape.columns ?? [],
    subresources: shape.subresources ?? {},
    deprecated: shape.deprecated,
    conversion: shape.conversion,
  }
}

/** The apiVersion of a kind's objects. */
export function kindApiVersion(kind: KindRef): string {
  return apiVersionOf(kind.group, kind.version)
}
