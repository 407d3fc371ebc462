import {
  type Node,
  type PersistentVolume,
  PersistentVolumeKind,
  type Pod,
  VolumeAttachmentKind,
} from "#apis"
import type { Client } from "#client"
import { podsOf } from "./drain-node.ts"
import { planPods } from "./pod-plan.ts"

/**
 * Names of the volumes that are still attached to a Node. Those of Pods that draining passes over
 * do not count: they stay attached as long as the Pods do.
 */
export async function attachedVolumes(
  client: Client,
  node: Node,
  nowMs: number,
): Promise<readonly string[]> {
  const { name } = node.metadata
  const onNode = (node.status?.volumesAttached ?? []).map((volume) => volume.name)
  const attachments = await client.listAll(VolumeAttachmentKind)
  const attached = attachments
    .filter(({ spec, status }) => spec.nodeName === name && status?.attached === true)
    .map(({ spec }) => spec.source.persistentVolumeName)
    .filter((volume) => volume !== undefined)
  if (onNode.length + attached.length === 0) return []
  const pods = await podsOf(client, name)
  const claims = claimsOf(skippedPods(pods, nowMs))
  if (claims.size === 0) return [...new Set([...onNode, ...attached])].sort()
  const volumes = await client.listAll(PersistentVolumeKind)
  const ignored = new Set(
    volumes.filter((volume) => claims.has(claimName(volume))).flatMap(volumeNames),
  )
  return [...new Set([...onNode, ...attached])].filter((volume) => !ignored.has(volume)).sort()
}

/** After draining, DaemonSets' Pods are those that are still owned by one. */
function skippedPods(pods: readonly Pod[], nowMs: number): readonly Pod[] {
  const owners = pods.flatMap(({ metadata }) =>
    (metadata.ownerReferences ?? [])
      .filter((owner) => owner.kind === "DaemonSet")
      .map((owner) => `${metadata.namespace}/${owner.name}`),
  )
  return planPods({ pods, daemonSets: new Set(owners), isUnreachable: false, nowMs }).skipped
}

function claimsOf(pods: readonly Pod[]): ReadonlySet<string> {
  return new Set(
    pods.flatMap(({ metadata, spec }) =>
      (spec?.volumes ?? [])
        .map((volume) => volume.persistentVolumeClaim?.claimName)
        .filter((claim) => claim !== undefined)
        .map((claim) => `${metadata.namespace}/${claim}`),
    ),
  )
}

function claimName({ spec }: PersistentVolume): string {
  return `${spec?.claimRef?.namespace}/${spec?.claimRef?.name}`
}

/** As a VolumeAttachment names it, and as a Node does. */
function volumeNames({ metadata, spec }: PersistentVolume): readonly string[] {
  const csi = spec?.csi
  return csi
    ? [metadata.name, `kubernetes.io/csi/${csi.driver}^${csi.volumeHandle}`]
    : [metadata.name]
}
