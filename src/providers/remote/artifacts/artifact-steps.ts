import { type InstallAction, type PlanStep, quote } from "#remote"

import type { ArtifactFile, ArtifactManifest } from "./manifest.ts"

/** Files of the set that a machine of that role needs. */
export function filesForRole(
  manifest: ArtifactManifest,
  role: "control-plane" | "worker",
): readonly ArtifactFile[] {
  return manifest.files.filter(({ roles }) => roles === undefined || roles.includes(role))
}

/**
 * They put the set's files in place and get containerd and the kubelet going. All of them may run
 * again.
 */
export function artifactSteps(files: readonly ArtifactFile[], rootDir: string): PlanStep[] {
  const archives = files.filter(({ kind }) => kind === "archive")
  const images = files.filter(({ kind }) => kind === "image")
  return [
    {
      name: "install-artifacts",
      title: "Install the artifact set",
      action: { kind: "install", artifacts: files.map((file) => placement(file, rootDir)) },
    },
    ...(archives.length > 0 ? [unpackStep(archives, rootDir)] : []),
    ...(files.some(({ kind }) => kind === "unit") ? [servicesStep] : []),
    ...(images.length > 0 ? [importStep(images)] : []),
  ]
}

function placement(file: ArtifactFile, rootDir: string): InstallAction["artifacts"][number] {
  const path = file.kind === "archive" ? archivePath(file, rootDir) : file.target
  return { path, sha256: file.sha256, mode: file.mode }
}

/**
 * Beside the claims; release takes the claim's directory away, and these few bytes stay for the
 * next.
 */
function archivePath(file: ArtifactFile, rootDir: string): string {
  return `${rootDir}/archives/${file.sha256}.tar.gz`
}

function unpackStep(archives: readonly ArtifactFile[], rootDir: string): PlanStep {
  const lines = archives.flatMap((file) => [
    `mkdir -p ${quote(file.target)}`,
    `tar -xzf ${quote(archivePath(file, rootDir))} --no-same-owner -C ${quote(file.target)}`,
  ])
  return command("unpack-artifacts", "Unpack the set's archives", lines)
}

/** Returns once it answers. */
const startRuntime = [
  "if systemctl cat containerd.service >/dev/null 2>&1; then",
  "  systemctl start containerd.service",
  "fi",
]

const servicesStep = command("start-services", "Start containerd, enable the kubelet", [
  "systemctl daemon-reload",
  "systemctl restart systemd-sysctl || true",
  "if systemctl cat containerd.service >/dev/null 2>&1; then",
  "  systemctl enable containerd.service",
  "  systemctl restart containerd.service",
  "fi",
  "if systemctl cat kubelet.service >/dev/null 2>&1; then systemctl enable kubelet.service; fi",
])

/**
 * Goes before what needs the services: after a reboot SSH is there before they are. Nothing for a
 * set that brings none.
 */
export function runtimeSteps(files: readonly ArtifactFile[]): PlanStep[] {
  if (!files.some(({ kind }) => kind === "unit")) return []
  return [command("await-services", "Wait until containerd runs", startRuntime)]
}

/**
 * The archives stay on the host: a plan that goes on later, or the next one, need not send them
 * again.
 */
function importStep(images: readonly ArtifactFile[]): PlanStep {
  const lines = [
    ...startRuntime,
    ...images.map(({ target }) => `ctr -n k8s.io images import --local ${quote(target)}`),
  ]
  return command("import-images", "Import container images", lines)
}

function command(name: string, title: string, lines: readonly string[]): PlanStep {
  return {
    name,
    title,
    action: { kind: "command", command: `set -e\n${lines.join("\n")}\n` },
    check: "exit 1",
  }
}
