import type { ApiObject, Condition, PrinterColumn } from "#meta"
import type { Schema } from "#schema"
import { kindRef } from "./kind-ref.ts"

export interface CustomResourceDefinition extends ApiObject {
  readonly spec: CustomResourceDefinitionSpec
  readonly status?: CustomResourceDefinitionStatus | undefined
}

export interface CustomResourceDefinitionSpec {
  readonly group: string
  readonly names: CustomResourceDefinitionNames
  readonly scope: "Namespaced" | "Cluster"
  readonly versions: readonly CustomResourceDefinitionVersion[]
  readonly conversion?: CustomResourceConversion | undefined
  readonly preserveUnknownFields?: boolean | undefined
}

export interface CustomResourceDefinitionNames {
  readonly plural: string
  readonly singular?: string | undefined
  readonly shortNames?: readonly string[] | undefined
  readonly kind: string
  readonly listKind?: string | undefined
  readonly categories?: readonly string[] | undefined
}

export interface CustomResourceDefinitionVersion {
  readonly name: string
  readonly served: boolean
  readonly storage: boolean
  readonly deprecated?: boolean | undefined
  readonly deprecationWarning?: string | undefined
  readonly schema?: { readonly openAPIV3Schema?: Schema | undefined } | undefined
  readonly subresources?: CustomResourceSubresources | undefined
  readonly additionalPrinterColumns?: readonly PrinterColumn[] | undefined
  readonly selectableFields?: readonly { readonly jsonPath: string }[] | undefined
}

export interface CustomResourceSubresources {
  readonly status?: object | undefined
  readonly scale?:
    | {
        readonly specReplicasPath: string
        readonly statusReplicasPath: string
        readonly labelSelectorPath?: string | undefined
      }
    | undefined
}

export interface CustomResourceConversion {
  readonly strategy: "None" | "Webhook"
  readonly webhook?:
    | {
        readonly clientConfig?: WebhookClientConfig | undefined
        readonly conversionReviewVersions: readonly string[]
      }
    | undefined
}

export interface WebhookClientConfig {
  readonly url?: string | undefined
  readonly service?:
    | {
        readonly namespace: string
        readonly name: string
        readonly path?: string | undefined
        readonly port?: number | undefined
      }
    | undefined
  /** PEM in base64. */
  readonly caBundle?: string | undefined
}

export interface CustomResourceDefinitionStatus {
  readonly conditions?: readonly Condition[] | undefined
  readonly acceptedNames?: CustomResourceDefinitionNames | undefined
  readonly storedVersions?: readonly string[] | undefined
}

export const CustomResourceDefinitionKind = kindRef<CustomResourceDefinition>(
  "apiextensions.k8s.io/v1",
  "CustomResourceDefinition",
)
