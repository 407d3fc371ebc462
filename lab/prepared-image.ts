import { existsSync, readFileSync } from "node:fs"
import { mkdtemp, rename, rm } from "node:fs/promises"
import { dirname, join } from "node:path"
import { artifactSetPath } from "./artifact-set.ts"
import type { ArtifactManifest } from "./artifact-set.ts"
import { imageTarget } from "./images.ts"
import { Lab } from "./machines.ts"
import { labCache } from "./paths.ts"
import { forgetIdentity } from "./rootfs.ts"

/**
 * Makes a plain machine ready for kubeadm from the lab's artifact set, over SSH and by hand: what a
 * plan of the product does, kept apart from it so that the two can disagree.
 */
export async function installArtifactSet(lab: Lab, machine: string): Promise<void> {
  const set = artifactSetPath()
  if (set === undefined)
    throw new Error("install artifact set: none yet; run: npm run lab -- build")
  const manifest = JSON.parse(readFileSync(join(set, "manifest.json"), "utf8")) as ArtifactManifest
  const staging = "/var/cache/kubernetes/set"
  await lab.run(machine, `mkdir -p ${dirname(staging)}`)
  await lab.copy(machine, set, staging)
  const checks = manifest.files.map(({ sha256, path }) => `${sha256}  ${path}\n`).join("")
  await lab.run(machine, `cd ${staging} && sha256sum --quiet --check -`, { input: checks })
  const lines = manifest.files.map(({ kind, path, target, mode }) => {
    if (kind === "archive") return `tar -xzf ${path} --no-same-owner -C ${target}`
    if (kind === "image") return ""
    return `mkdir -p ${dirname(target)} && install -m ${mode} ${path} ${target}`
  })
  const script = [
    "set -e",
    `cd ${staging}`,
    ...lines,
    "systemctl daemon-reload",
    "systemctl restart systemd-sysctl",
    "systemctl enable --now containerd",
    "systemctl enable kubelet",
    "for image in images/*.tar; do ctr -n k8s.io images import --local $image; done",
    `cd / && rm -rf ${staging}`,
  ]
  await lab.run(machine, "sh -s", { input: script.join("\n") })
}

/** Makes the prepared image unless it is there: a plain machine, set up once, and its disk kept. */
export async function buildPreparedImage(report: (line: string) => void): Promise<string> {
  const target = imageTarget("prepared")
  if (existsSync(target)) return target
  const startedAt = performance.now()
  const lab = new Lab(await mkdtemp(join(labCache(), "prepare-")))
  const partial = `${target}.${process.pid}.partial`
  try {
    await lab.up({ names: ["prepare"], image: "plain" })
    await installArtifactSet(lab, "prepare")
    await lab.takeDisk("prepare", partial)
    await forgetIdentity(partial)
    await rename(partial, target)
  } finally {
    await lab.down()
    await rm(partial, { recursive: true, force: true })
  }
  report(`built the prepared image in ${((performance.now() - startedAt) / 1000).toFixed(0)} s`)
  return target
}
