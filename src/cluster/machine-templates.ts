import { ClusterKind, type Cluster, type MachineTemplate } from "#apis"
import { hasOwner, ownerReference } from "#contract"
import { type ContractReference, type Outcome, waitFor } from "#controller"
import type { UntypedObject } from "#meta"
import { crdRetryMs, lookExternal, type ReferringScope } from "./external-object.ts"

/** The objects that a MachineSet clones, or why it cannot. */
export interface MachineTemplates {
  readonly bootstrap: UntypedObject | undefined
  readonly infrastructure: UntypedObject | undefined
  /** What is missing, one sentence each. */
  readonly problems: readonly string[]
}

export async function readTemplates(
  scope: ReferringScope,
  template: MachineTemplate,
): Promise<MachineTemplates> {
  const problems: string[] = []
  const read = async (reference: ContractReference | undefined) => {
    if (!reference) return undefined
    const look = await lookExternal(scope, reference)
    if (look.kind === "found") return look.object
    problems.push(
      look.kind === "unserved"
        ? look.message
        : `${reference.kind} ${reference.name} does not exist`,
    )
    return undefined
  }
  const bootstrap = await read(template.spec.bootstrap.configRef)
  const infrastructure = await read(template.spec.infrastructureRef)
  return { bootstrap, infrastructure, problems }
}

/** What a phase answers that needs the templates; the others go on. */
export function waitForTemplates({ problems }: MachineTemplates): Outcome {
  const message = problems.join("\n")
  return waitFor("TemplateDoesNotExist", { message, afterMs: crdRetryMs, stop: false })
}

/** Templates belong to the Cluster: `clusterctl move` and garbage collection rely on it. */
export async function ownTemplates(
  scope: ReferringScope,
  cluster: Cluster,
  template: MachineTemplate,
  { bootstrap, infrastructure }: MachineTemplates,
): Promise<void> {
  const owner = ownerReference(ClusterKind, cluster)
  const { configRef } = template.spec.bootstrap
  const pairs = [
    [configRef, bootstrap],
    [template.spec.infrastructureRef, infrastructure],
  ] as const
  for (const [reference, object] of pairs) {
    if (!reference || !object) continue
    if (hasOwner(object, owner)) continue
    const { namespace } = object.metadata
    await scope.applyExternal(
      { ...reference, namespace },
      { metadata: { ownerReferences: [owner] } },
    )
  }
}
