import { cloneJson, deepEqual, isObject } from "#base"
import {
  apiVersionOf,
  type ConvertibleObject,
  type ObjectMeta,
  splitApiVersion,
  type VersionConversion,
  type VersionResolver,
} from "#meta"
import type { Schema } from "#schema"
import { ConversionError } from "./error.ts"
import type { Draft } from "./path.ts"
import { restore } from "./restore.ts"
import { applyRules, type Direction, type Rule } from "./rule.ts"
import { dropRefusedZeros } from "./zero-values.ts"

/** Carries, on an object in an older version, the hub's spec and status as JSON. */
export const conversionDataAnnotation = "cluster.x-k8s.io/conversion-data"

const hubVersion = "v1beta2"

/** What a version's conversion is made of; rules speak of `spec.…` and `status.…`. */
export interface ConversionRules {
  readonly version: string
  readonly rules: readonly Rule[]
  /** Schemas of the hub's spec and status. */
  readonly hub: {
    readonly spec?: Schema | undefined
    readonly status?: Schema | undefined
    /** Whether a spec stays that has nothing in it. */
    readonly specRequired?: boolean | undefined
  }
}

/**
 * The conversion between an older version and the hub. The annotation is written only when the
 * older version cannot carry everything; what somebody left in the hub's annotations is never
 * given out as such.
 * Errors: `ConversionError` for values that the older version's clients could not have read.
 */
export function versionConversion({ version, rules, hub }: ConversionRules): VersionConversion {
  const hubSchema: Schema = {
    properties: {
      ...(hub.spec ? { spec: hub.spec } : {}),
      ...(hub.status ? { status: hub.status } : {}),
    },
    required: hub.specRequired ? ["spec"] : [],
  }
  function convert(content: Draft, direction: Direction, object: Conversion): Draft {
    const draft = cloneJson(content)
    const { namespace } = object.metadata
    applyRules(draft, rules, direction, { resolve: object.resolve, namespace })
    if (direction === "toHub") dropRefusedZeros(draft, hubSchema)
    return draft
  }
  return {
    toHub(object, resolve) {
      const conversion = { metadata: object.metadata, resolve }
      const { metadata, kept } = takeConversionData(object)
      const written = convert(contentOf(object), "toHub", conversion)
      if (!kept) return assemble(object, hubVersion, metadata, written)
      const carried = convert(convert(kept, "fromHub", conversion), "toHub", conversion)
      const restored = restore(kept, carried, written, hubSchema)
      return assemble(object, hubVersion, metadata, restored as Draft)
    },
    fromHub(object, resolve) {
      const conversion = { metadata: object.metadata, resolve }
      const content = contentOf(object)
      const older = convert(content, "fromHub", conversion)
      const carried = convert(older, "toHub", conversion)
      const metadata = deepEqual(carried, content)
        ? withoutConversionData(object.metadata)
        : withConversionData(object.metadata, content)
      return assemble(object, version, metadata, older)
    },
  }
}

interface Conversion {
  readonly metadata: ObjectMeta
  readonly resolve: VersionResolver
}

function contentOf({ spec, status }: ConvertibleObject): Draft {
  return {
    ...(spec === undefined ? {} : { spec }),
    ...(status === undefined ? {} : { status }),
  }
}

function assemble(
  { apiVersion, kind }: ConvertibleObject,
  version: string,
  metadata: ObjectMeta,
  content: Draft,
): ConvertibleObject {
  const { group } = splitApiVersion(apiVersion)
  return { apiVersion: apiVersionOf(group, version), kind, metadata, ...content }
}

function withConversionData(metadata: ObjectMeta, content: Draft): ObjectMeta {
  const annotations = {
    ...metadata.annotations,
    [conversionDataAnnotation]: JSON.stringify(content),
  }
  return { ...metadata, annotations }
}

function withoutConversionData(metadata: ObjectMeta): ObjectMeta {
  if (metadata.annotations?.[conversionDataAnnotation] === undefined) return metadata
  const { [conversionDataAnnotation]: _data, ...annotations } = metadata.annotations
  const { annotations: _all, ...others } = metadata
  return Object.keys(annotations).length > 0 ? { ...others, annotations } : others
}

function takeConversionData({ kind, metadata }: ConvertibleObject): {
  readonly metadata: ObjectMeta
  readonly kept: Draft | undefined
} {
  const data = metadata.annotations?.[conversionDataAnnotation]
  if (data === undefined) return { metadata, kept: undefined }
  const rest = withoutConversionData(metadata)
  let parsed: unknown
  try {
    parsed = JSON.parse(data)
  } catch (cause) {
    throw new ConversionError(
      `convert ${kind} ${metadata.name}: annotation ${conversionDataAnnotation} is not JSON`,
      { cause },
    )
  }
  if (!isObject(parsed)) return { metadata: rest, kept: undefined }
  const { spec, status } = parsed
  return { metadata: rest, kept: contentOf({ apiVersion: "", kind, metadata, spec, status }) }
}
