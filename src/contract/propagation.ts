const nodeRoleLabel = "node-role.kubernetes.io"
const restrictedLabel = "node-restriction.kubernetes.io"
const managedDomain = "node.cluster.x-k8s.io"

/** The labels of a Machine that its Node gets. */
export function nodeLabelsOf(
  labels: Readonly<Record<string, string>> | undefined,
): Readonly<Record<string, string>> {
  return select(labels, (domain) => {
    if (domain === nodeRoleLabel) return true
    return isWithin(domain, restrictedLabel) || isWithin(domain, managedDomain)
  })
}

/** The annotations of a Machine that its Node gets. */
export function nodeAnnotationsOf(
  annotations: Readonly<Record<string, string>> | undefined,
): Readonly<Record<string, string>> {
  return select(annotations, (domain) => isWithin(domain, managedDomain))
}

function isWithin(domain: string, parent: string): boolean {
  return domain === parent || domain.endsWith(`.${parent}`)
}

function select(
  entries: Readonly<Record<string, string>> | undefined,
  accepts: (domain: string) => boolean,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(entries ?? {}).filter(([key]) => accepts(key.split("/")[0] ?? "")),
  )
}
