import type { MachineTemplate } from "#apis"

/**
 * Says in which ways a template differs from another so that Machines have to be replaced; none
 * when they may stay. Labels, annotations, timeouts, gates and taints are changed in place.
 */
export function templateDifferences(
  current: MachineTemplate,
  desired: MachineTemplate,
): readonly string[] {
  const differences: string[] = []
  const compare = (name: string, from: string | undefined, to: string | undefined): void => {
    if ((from ?? "") !== (to ?? "")) {
      differences.push(`${name} ${from || "not set"}, ${to || "none"} required`)
    }
  }
  compare("Version", current.spec.version, desired.spec.version)
  compare("Failure domain", current.spec.failureDomain, desired.spec.failureDomain)
  const infrastructure = [current, desired].map(({ spec }) => referenceText(spec.infrastructureRef))
  compare("Infrastructure", infrastructure[0], infrastructure[1])
  const bootstrap = [current, desired].map(({ spec }) => bootstrapText(spec.bootstrap))
  compare("Bootstrap", bootstrap[0], bootstrap[1])
  return differences
}

/** A Secret's name is filled in beside a config; only without one it is the user's own. */
function bootstrapText(bootstrap: MachineTemplate["spec"]["bootstrap"]): string {
  if (bootstrap.configRef) return referenceText(bootstrap.configRef)
  return bootstrap.dataSecretName === undefined ? "" : `Secret ${bootstrap.dataSecretName}`
}

/** Group, kind and name: what makes a reference another one. */
function referenceText(
  reference:
    | { readonly apiGroup: string; readonly kind: string; readonly name: string }
    | undefined,
): string {
  return reference ? `${reference.kind}.${reference.apiGroup} ${reference.name}` : ""
}
