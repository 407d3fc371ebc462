import { annotation, label } from "#apis"
import { isObject } from "#base"
import type { ContractReference } from "#controller"
import type { Manifest } from "#client"
import type { OwnerReference, UntypedObject } from "#meta"

export interface CloneOptions {
  readonly template: UntypedObject
  /** How the owner names the template. */
  readonly reference: ContractReference
  readonly name: string
  readonly namespace: string
  readonly clusterName: string
  readonly owner: OwnerReference
  readonly labels?: Readonly<Record<string, string>> | undefined
  readonly annotations?: Readonly<Record<string, string>> | undefined
}

/** A template without `spec.template.spec`. */
export class TemplateError extends Error {
  override readonly name = "TemplateError"
}

/** The kind that a template kind makes: its name without `Template`. Errors: `TemplateError`. */
export function clonedKind(templateKind: string): string {
  if (templateKind.endsWith("Template")) return templateKind.slice(0, -"Template".length)
  throw new TemplateError(`clone template: ${templateKind} is not a template kind`)
}

/** The object that a template makes, with where it came from. Errors: `TemplateError`. */
export function cloneTemplate(options: CloneOptions): Manifest<UntypedObject> {
  const { template, reference, clusterName, owner, name, namespace } = options
  const { spec } = template
  const inner = isObject(spec) ? spec["template"] : undefined
  if (!isObject(inner) || !isObject(inner["spec"])) {
    throw new TemplateError(
      `clone template: ${reference.kind} ${reference.name} has no spec.template.spec`,
    )
  }
  const metadata = isObject(inner["metadata"]) ? inner["metadata"] : {}
  return {
    metadata: {
      name,
      namespace,
      labels: {
        ...textMap(metadata["labels"]),
        ...options.labels,
        [label.clusterName]: clusterName,
      },
      annotations: {
        ...textMap(metadata["annotations"]),
        ...options.annotations,
        [annotation.clonedFromName]: reference.name,
        [annotation.clonedFromGroupKind]: `${reference.kind}.${reference.apiGroup}`,
      },
      ownerReferences: [owner],
    },
    spec: inner["spec"],
  }
}

function textMap(value: unknown): Readonly<Record<string, string>> {
  return isObject(value) ? (value as Record<string, string>) : {}
}
