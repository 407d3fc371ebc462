import type { Schema } from "#schema"

const objectMeta = "#/definitions/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"

/** A custom kind's schema with what every object has: type and metadata are ours to describe. */
export function withObjectMeta(schema: Schema): Schema {
  return {
    ...schema,
    type: "object",
    properties: {
      apiVersion: { type: "string" },
      kind: { type: "string" },
      ...schema.properties,
      metadata: { $ref: objectMeta },
    },
  }
}
