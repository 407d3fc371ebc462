import { s } from "#schema"
import { apiServer, component, dns, etcd, imageRepository, path } from "./component.shape.ts"

/** What `kubeadm init` is told about the cluster as a whole. */
export const clusterConfiguration = s.object(
  "The cluster as a whole, for `kubeadm init`.",
  {
    etcd: s.optional(etcd),
    controlPlaneEndpoint: s.optional(path("Stable address of the control plane.")),
    apiServer: s.optional(apiServer),
    controllerManager: s.optional(component("The controller manager.")),
    scheduler: s.optional(component("The scheduler.")),
    dns: s.optional(dns),
    certificatesDir: s.optional(path("Directory of the certificates.")),
    imageRepository: s.optional(imageRepository),
    featureGates: s.optional(s.map("Feature gates of kubeadm.", s.boolean("On or off."))),
    certificateValidityPeriodDays: s.optional(
      s.int32("Days that certificates are valid.", { minimum: 1, maximum: 1095 }),
    ),
    caCertificateValidityPeriodDays: s.optional(
      s.int32("Days that CA certificates are valid.", { minimum: 1, maximum: 36500 }),
    ),
    encryptionAlgorithm: s.optional(
      s.enum("Algorithm and size of the keys.", [
        "ECDSA-P256",
        "ECDSA-P384",
        "RSA-2048",
        "RSA-3072",
        "RSA-4096",
      ]),
    ),
  },
  { minProperties: 1 },
)
