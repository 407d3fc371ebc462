import type { Node } from "#apis"
import type { ObjectCache } from "#meta"

/** Two Nodes claim to be the same machine. */
export class DuplicateProviderIdError extends Error {
  override readonly name = "DuplicateProviderIdError"
}

/** The Node with exactly this `spec.providerID`. Throws `DuplicateProviderIdError`. */
export function findNodeByProviderId(
  nodes: ObjectCache<Node>,
  providerId: string,
): Node | undefined {
  const [node, other] = nodes.list().filter((each) => each.spec?.providerID === providerId)
  if (node && other) {
    throw new DuplicateProviderIdError(
      `find node: ${node.metadata.name} and ${other.metadata.name} both have provider ID ${providerId}`,
    )
  }
  return node
}

/** The kubelet has stopped answering: the Node controller's taint says so. */
export function isNodeUnreachable(node: Node): boolean {
  return (node.spec?.taints ?? []).some(
    (taint) => taint.key === "node.kubernetes.io/unreachable" && taint.effect === "NoExecute",
  )
}
