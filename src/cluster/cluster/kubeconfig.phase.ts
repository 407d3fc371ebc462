import { ClusterKind, SecretKind } from "#apis"
import {
  adminKubeconfigFor,
  clusterSecret,
  clusterSecretName,
  encodeSecret,
  endpointOf,
  isOwnedBy,
  kubeconfigNeedsRenewal,
  ownerReference,
  readClusterKey,
  secretText,
} from "#contract"
import { done, type Outcome, waitFor } from "#controller"
import { isAlreadyExists } from "#meta"
import { PkiError } from "#pki"
import type { ClusterScope } from "./cluster-access.ts"

/**
 * Keeps the kubeconfig Secret of a Cluster that no control plane object takes care of. One that the
 * Cluster does not own is its user's, and left as it is.
 */
export async function ensureKubeconfig(scope: ClusterScope): Promise<Outcome> {
  const cluster = scope.object
  if (cluster.spec.controlPlaneRef || !endpointOf(cluster.spec.controlPlaneEndpoint)) return done
  const { namespace, name } = scope.key
  const key = { namespace, name: clusterSecretName(name, "kubeconfig") }
  const cached = scope.read(SecretKind).get(namespace, key.name)
  const known = cached ?? (await scope.live(SecretKind, key))
  const text = secretText(known, "value")
  if (known && !isOwnedBy(known, cluster)) return done
  if (known && text !== undefined && !needsRenewal(text, scope)) return done
  const authorityName = clusterSecretName(name, "ca")
  const isSeen = scope.read(SecretKind).get(namespace, authorityName) !== undefined
  const authority = isSeen ? await readClusterKey(scope, cluster, "ca") : undefined
  if (!authority?.privateKeyPem) {
    if (known) return done
    const message = `waiting for Secret ${authorityName}`
    return waitFor("WaitingForClusterCertificates", { message, stop: false })
  }
  const value = await adminKubeconfigFor(cluster, authority, scope.clock)
  if (known) {
    const { resourceVersion } = known.metadata
    const body = { metadata: { resourceVersion }, data: { value: encodeSecret(value) } }
    await scope.patch(SecretKind, key, { type: "merge", body })
    return done
  }
  const owner = ownerReference(ClusterKind, cluster)
  try {
    await scope.create(SecretKind, clusterSecret(key, name, owner, { value }))
  } catch (error) {
    if (!isAlreadyExists(error)) throw error
  }
  return done
}

/** One that we cannot read is a user's own, and left as it is. */
function needsRenewal(text: string, scope: ClusterScope): boolean {
  try {
    return kubeconfigNeedsRenewal(text, scope.clock)
  } catch (error) {
    if (error instanceof PkiError) return false
    throw error
  }
}
