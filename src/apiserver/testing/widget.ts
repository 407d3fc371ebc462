import type { CustomResourceDefinition } from "#apis"
import type { ApiObject, KindRef } from "#meta"
import type { Schema } from "#schema"

export interface Widget extends ApiObject {
  readonly spec?:
    | {
        readonly size?: number | undefined
        readonly color?: string | undefined
        readonly replicas?: number | undefined
      }
    | undefined
  readonly status?: { readonly ready?: boolean | undefined; readonly replicas?: number } | undefined
}

/** A kind that tests define at run time. */
export const WidgetKind: KindRef<Widget> = {
  group: "example.com",
  version: "v1",
  kind: "Widget",
  plural: "widgets",
  namespaced: true,
}

const schema: Schema = {
  type: "object",
  properties: {
    spec: {
      type: "object",
      properties: {
        size: { type: "integer", minimum: 1, default: 3 },
        color: { type: "string", pattern: "^(a+)+$" },
        replicas: { type: "integer" },
        tags: { type: "array", items: { type: "string" }, "x-kubernetes-list-type": "set" },
      },
    },
    status: {
      type: "object",
      properties: { ready: { type: "boolean" }, replicas: { type: "integer" } },
    },
  },
}

/** A version of the widget's definition with everything that a definition can have. */
export const widgetVersion: CustomResourceDefinition["spec"]["versions"][number] = {
  name: "v1",
  served: true,
  storage: true,
  schema: { openAPIV3Schema: schema },
  subresources: {
    status: {},
    scale: { specReplicasPath: ".spec.replicas", statusReplicasPath: ".status.replicas" },
  },
  additionalPrinterColumns: [{ name: "Size", type: "integer", jsonPath: ".spec.size" }],
  selectableFields: [{ jsonPath: ".spec.color" }],
}

/** The definition, with some of its spec replaced. */
export function widgetDefinition(
  changes: Partial<CustomResourceDefinition["spec"]> = {},
): CustomResourceDefinition {
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: "widgets.example.com" },
    spec: {
      group: "example.com",
      names: { plural: "widgets", kind: "Widget", shortNames: ["wd"] },
      scope: "Namespaced",
      versions: [widgetVersion],
      ...changes,
    },
  }
}
