import type { Definitions, Schema } from "#schema"
import { compareValues, type Comparison } from "./compare-values.ts"
import { extractFieldSet } from "./extract-field-set.ts"
import { differenceBelow, type FieldSet } from "./field-set.ts"
import { type MergeType, objectMergeType } from "./merge-type.ts"

/** An object at another version, with the schema that it has there. */
export interface ConvertedObject {
  readonly object: object
  readonly schema: Schema | undefined
  readonly definitions?: Definitions | undefined
}

/**
 * Converts a whole object to another apiVersion of its kind. Undefined means that the version is
 * not served any more: what was recorded in its terms is dropped. May throw; then the operation
 * fails as a whole.
 */
export type ConvertObject = (object: object, apiVersion: string) => ConvertedObject | undefined

export interface KindView {
  /** The version of the request. */
  readonly apiVersion: string
  readonly schema: Schema | undefined
  readonly definitions?: Definitions | undefined
  /**
   * What an object of the kind has before anything is set: for Kubernetes' own kinds the Go type's
   * zero value, whose fields are there from the start and so are nobody's to add.
   */
  readonly empty?: object | undefined
  /** Left out, other versions are taken to have the same fields. */
  readonly convert?: ConvertObject | undefined
}

/** An object at one version, with the type it has there. */
export interface TypedObject {
  readonly apiVersion: string
  readonly type: MergeType
  readonly value: unknown
}

/** A kind at the version of a request, and the way to its other versions. */
export class KindVersions {
  readonly apiVersion: string
  readonly type: MergeType
  readonly #convert: ConvertObject | undefined

  constructor({ apiVersion, schema, definitions, convert }: KindView) {
    this.apiVersion = apiVersion
    this.type = objectMergeType(schema, definitions)
    this.#convert = convert
  }

  /** An object of the request's version. */
  typed(value: unknown): TypedObject {
    return { apiVersion: this.apiVersion, type: this.type, value }
  }

  /** The object at a version; undefined when that version is gone. */
  at(object: TypedObject, apiVersion: string): TypedObject | undefined {
    if (object.apiVersion === apiVersion) return object
    if (!this.#convert) return { ...object, apiVersion }
    const converted = this.#convert(object.value as object, apiVersion)
    return (
      converted && {
        apiVersion,
        type: objectMergeType(converted.schema, converted.definitions),
        value: converted.object,
      }
    )
  }
}

export function fieldsOf(object: TypedObject): FieldSet {
  return extractFieldSet(object.type, object.value)
}

/** What `right` changes, without the fields that the endpoint resets. */
export function compareTyped(
  left: TypedObject,
  right: TypedObject,
  resetFields: FieldSet | undefined,
): Comparison {
  const comparison = compareValues(left.type, left.value, right.value)
  if (!resetFields) return comparison
  return {
    added: differenceBelow(comparison.added, resetFields),
    modified: differenceBelow(comparison.modified, resetFields),
    removed: differenceBelow(comparison.removed, resetFields),
  }
}
