import { stringify } from "yaml"
import type { KubeadmConfigSpec } from "#apis"
import type { HostFile } from "./host-files.ts"

type JoinConfiguration = NonNullable<KubeadmConfigSpec["joinConfiguration"]>
type Discovery = NonNullable<JoinConfiguration["discovery"]>
type DiscoveryKubeconfig = NonNullable<NonNullable<Discovery["file"]>["kubeConfig"]>

export interface DiscoveryDefaults {
  /** URL of the API server. */
  readonly server: string
  readonly authorityPem: string
}

/**
 * The kubeconfig that a joining machine discovers its cluster by, where the KubeadmConfig describes
 * one.
 */
export function discoveryFile(
  discovery: Discovery | undefined,
  defaults: DiscoveryDefaults,
): HostFile | undefined {
  const { kubeConfigPath: path, kubeConfig } = discovery?.file ?? {}
  if (path === undefined || !kubeConfig) return undefined
  return {
    path,
    content: Buffer.from(stringify(kubeconfigOf(kubeConfig, defaults), { lineWidth: 0 })),
    permissions: "0640",
    owner: "root:root",
    append: false,
    isSecret: false,
  }
}

function kubeconfigOf(
  { cluster = {}, user }: DiscoveryKubeconfig,
  { server, authorityPem }: DiscoveryDefaults,
): object {
  const { tlsServerName, insecureSkipTLSVerify, proxyURL, certificateAuthorityData } = cluster
  const authority = Buffer.from(authorityPem).toString("base64")
  const name = "default"
  return {
    apiVersion: "v1",
    kind: "Config",
    clusters: [
      {
        name,
        cluster: {
          server: cluster.server ?? server,
          ...(tlsServerName ? { "tls-server-name": tlsServerName } : {}),
          ...(insecureSkipTLSVerify
            ? { "insecure-skip-tls-verify": true }
            : { "certificate-authority-data": certificateAuthorityData ?? authority }),
          ...(proxyURL ? { "proxy-url": proxyURL } : {}),
        },
      },
    ],
    contexts: [{ name, context: { cluster: name, user: name } }],
    "current-context": name,
    users: [
      {
        name,
        user: {
          ...(user.authProvider ? { "auth-provider": user.authProvider } : {}),
          ...(user.exec ? { exec: user.exec } : {}),
        },
      },
    ],
  }
}
