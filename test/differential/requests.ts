import type { ComparedRequest } from "./compared-request.ts"
import { definitionRequests, kindRequests, ownershipRequests } from "./kind-requests.ts"
import { objectRequests, readRequests } from "./object-requests.ts"
import { patchRequests } from "./patch-requests.ts"

/** A custom kind that both servers serve. */
export const comparedDefinition = {
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: { name: "widgets.differential.test" },
  spec: {
    group: "differential.test",
    scope: "Namespaced",
    names: { plural: "widgets", kind: "Widget" },
    versions: [
      {
        name: "v1",
        served: true,
        storage: true,
        schema: {
          openAPIV3Schema: {
            type: "object",
            properties: {
              spec: {
                type: "object",
                properties: { text: { type: "string" }, number: { type: "integer", minimum: 1 } },
              },
            },
          },
        },
      },
    ],
  },
}

/** By subject; each group runs in order. */
export const comparedRequests: Readonly<Record<string, readonly ComparedRequest[]>> = {
  objects: objectRequests,
  reads: readRequests,
  patches: patchRequests,
  kinds: kindRequests,
  definitions: definitionRequests,
  ownership: ownershipRequests,
}
