import type { KubeadmConfig } from "#apis"
import type { Observed, ReconcileResult } from "#controller"

/** The whole status of a KubeadmConfig: where its data is, or why there is none. */
export function kubeadmConfigStatus(
  scope: { readonly object: KubeadmConfig },
  result: ReconcileResult,
): Observed<KubeadmConfig> {
  const dataSecretName = scope.object.status?.dataSecretName
  if (dataSecretName !== undefined) {
    return {
      dataSecretName,
      initialization: { dataSecretCreated: true },
      conditions: [
        { type: "DataSecretAvailable", status: "True", reason: "Available" },
        { type: "CertificatesAvailable", status: "True", reason: "Available" },
        { type: "Ready", status: "True", reason: "Ready" },
      ],
    }
  }
  const wait = result.waits.find(({ stop }) => stop)
  const message = result.error?.message ?? wait?.message ?? ""
  const reason = result.error ? "InternalError" : (wait?.reason ?? "DataSecretNotAvailable")
  return {
    conditions: [
      { type: "DataSecretAvailable", status: "False", reason, message },
      { type: "CertificatesAvailable", status: "Unknown", reason: "Unknown", message },
      { type: "Ready", status: "False", reason: "NotReady", message },
    ],
  }
}
