import { ClusterKind } from "#apis"
import type { Client } from "#client"
import type { UntypedObject } from "#meta"
import { CommandError } from "../environment.ts"
import { kindOfManifest } from "../resource-kind.ts"
import type { ClusterPlan } from "./cluster-plan.ts"

/**
 * Refuses to change a cluster of the same name that runs: who repeats a command goes on watching,
 * who mistakes a name must not move somebody's endpoint, key or hosts. Errors: `CommandError`.
 */
export async function refuseChange(
  client: Client,
  { name, namespace }: ClusterPlan,
  manifests: readonly UntypedObject[],
): Promise<void> {
  const cluster = await client.find(ClusterKind, { namespace, name })
  if (!cluster?.status?.initialization?.controlPlaneInitialized) return
  const differing: string[] = []
  for (const manifest of manifests) {
    if (await changes(client, manifest))
      differing.push(`${manifest.kind}/${manifest.metadata.name}`)
  }
  if (differing.length === 0) return
  throw new CommandError(
    `there is a cluster ${name} in namespace ${namespace} already, and these would change: ` +
      `${differing.join(", ")}. Change it with kubectl, or choose another name`,
  )
}

async function changes(client: Client, manifest: UntypedObject): Promise<boolean> {
  const kind = kindOfManifest(manifest)
  const current = await client.find(kind, manifest.metadata)
  if (!current) return true
  const applied = await client.apply(kind, manifest, { dryRun: true })
  return contentOf(current) !== contentOf(applied)
}

/** Everything but what each write changes. */
function contentOf(object: object): string {
  const { metadata, status: _, ...rest } = object as UntypedObject & { readonly status?: unknown }
  const { labels, annotations } = metadata
  return JSON.stringify({ labels, annotations, ...rest })
}
