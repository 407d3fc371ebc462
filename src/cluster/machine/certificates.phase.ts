import { isControlPlane } from "#apis"
import { done, type Outcome } from "#controller"
import { lookExternal, objectOf } from "../external-object.ts"
import type { MachineScope } from "./machine-access.ts"

/** On the Machine, or else on its bootstrap config: when its first certificate expires. */
const expiryAnnotation = "machine.cluster.x-k8s.io/certificates-expiry"

export async function followCertificates(scope: MachineScope): Promise<Outcome> {
  const { metadata, spec } = scope.object
  if (!isControlPlane(scope.object)) return done
  const { configRef } = spec.bootstrap
  const config = configRef && objectOf(await lookExternal(scope, configRef))
  const text =
    metadata.annotations?.[expiryAnnotation] ?? config?.metadata.annotations?.[expiryAnnotation]
  const isTime = text !== undefined && !Number.isNaN(Date.parse(text))
  scope.editStatus((status) => {
    if (isTime) status.certificatesExpiryDate = text
    else delete status.certificatesExpiryDate
  })
  return done
}
