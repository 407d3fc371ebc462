import type { KubeadmConfig } from "#apis"
import type { Observed, ReconcileResult } from "#controller"

/** The whole status of a KubeadmConfig: where its data is, or why there is none. */
export function kubeadmConfigStatus(
  scope: { readonly object: KubeadmConfig },
  result: ReconcileResult,
): Observed<KubeadmConfig> {
  const name = scope.object.status?.dataSecretName
  const problem = result.error?.message ?? result.waits.find((wait) => wait.stop)?.message ?? ""
  const reason = result.waits.find((wait) => wait.stop)?.reason ?? "DataSecretNotAvailable"
  const isAvailable = name !== undefined
  return {
    ...(isAvailable ? { dataSecretName: name, initialization: { dataSecretCreated: true } } : {}),
    conditions: [
      isAvailable
        ? { type: "DataSecretAvailable", status: "True", reason: "Available" }
        : {
            type: "DataSecretAvailable",
            status: "False",
            reason: result.error ? "InternalError" : reason,
            message: problem,
          },
      isAvailable
        ? { type: "CertificatesAvailable", status: "True", reason: "Available" }
        : { type: "CertificatesAvailable", status: "Unknown", reason: "Unknown", message: problem },
      isAvailable
        ? { type: "Ready", status: "True", reason: "Ready" }
        : { type: "Ready", status: "False", reason: "NotReady", message: problem },
    ],
  }
}
