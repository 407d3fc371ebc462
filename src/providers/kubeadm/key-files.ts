import type { CertificatePurpose, KeyMaterial } from "#contract"
import type { HostFile } from "./host-files.ts"

const certificatePaths: Readonly<Record<CertificatePurpose, readonly [string, string]>> = {
  ca: ["ca.crt", "ca.key"],
  etcd: ["etcd/ca.crt", "etcd/ca.key"],
  proxy: ["front-proxy-ca.crt", "front-proxy-ca.key"],
  sa: ["sa.pub", "sa.key"],
}

/** The cluster's key pairs as files of a control plane machine. */
export function keyFiles(
  keys: Readonly<Record<CertificatePurpose, KeyMaterial>>,
  directory: string,
): readonly HostFile[] {
  return Object.entries(certificatePaths).flatMap(([purpose, [certificate, key]]) => {
    const material = keys[purpose as CertificatePurpose]
    return [
      file(`${directory}/${certificate}`, material.certificatePem, "0640"),
      file(`${directory}/${key}`, material.privateKeyPem, "0600"),
    ]
  })
}

function file(path: string, content: string, permissions: string): HostFile {
  const isSecret = path.endsWith(".key")
  return {
    path,
    content: Buffer.from(content),
    permissions,
    owner: "root:root",
    append: false,
    isSecret,
  }
}
