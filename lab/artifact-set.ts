import { existsSync } from "node:fs"
import { copyFile, link, mkdir, mkdtemp, rename, rm, stat, writeFile } from "node:fs/promises"
import { basename, dirname, join } from "node:path"
import {
  architecture,
  packDirectory,
  sha256OfFile,
  writeImageArchive,
} from "./container-archive.ts"
import { containerImages } from "./container-images.ts"
import type { ContainerImage } from "./container-images.ts"
import { goModuleKey, goModules, kubernetesVersion } from "./go-modules.ts"
import { labBinary, labCache } from "./paths.ts"
import { directoryKey, shortHash } from "./rootfs.ts"

/** One file of an artifact set. */
export interface ArtifactFile {
  /** Relative to the set's directory. */
  readonly path: string
  readonly sha256: string
  /** In bytes. */
  readonly size: number
  /**
   * `binary` and `unit` are copied to `target`; an `archive` is a gzipped tar, unpacked below
   * `target`; an `image` is copied to `target` and imported into containerd's namespace k8s.io.
   */
  readonly kind: "binary" | "unit" | "archive" | "image"
  /** Absolute path on the host. */
  readonly target: string
  /** Octal, as in `0755`. */
  readonly mode: string
  /** Machines that need it; all of them when absent. */
  readonly roles?: readonly string[] | undefined
}

export interface ArtifactManifest {
  readonly name: string
  readonly kubernetesVersion: string
  readonly architecture: string
  readonly files: readonly ArtifactFile[]
}

const setFiles = join(import.meta.dirname, "files/set")
const hostPrograms = [
  "kubeadm",
  "kubectl",
  "kubelet",
  "containerd",
  "containerd-shim-runc-v2",
  "ctr",
  "runc",
]
const cniPlugins = ["bridge", "host-local", "loopback", "portmap"]
const units = ["containerd.service", "kubelet.service", "kubelet.service.d/10-kubeadm.conf"]
const formatVersion = 2
// Raised when archives of the same programs come out differently.
const imageFormatVersion = 1

export function artifactSetKey(): string {
  const programs = new Set([
    ...hostPrograms,
    ...cniPlugins,
    ...containerImages.flatMap((image) => Object.values(image.programs)),
  ])
  const modules = goModules.filter((module) =>
    Object.keys(module.programs).some((program) => programs.has(program)),
  )
  return shortHash([
    formatVersion,
    directoryKey(setFiles),
    containerImages,
    modules.map(goModuleKey),
  ])
}

function setDirectory(): string {
  return join(labCache(), "artifacts", `kubernetes-${kubernetesVersion}-${artifactSetKey()}`)
}

/**
 * The directory of the artifact set that `build` made, or undefined while it is not there. It holds
 * `manifest.json` (an ArtifactManifest) and everything that turns a host with only systemd and sshd
 * into one that kubeadm accepts.
 */
export function artifactSetPath(): string | undefined {
  return existsSync(setDirectory()) ? setDirectory() : undefined
}

/** Makes the artifact set, image archives included, unless it is there. Returns its directory. */
export async function buildArtifactSet(report: (line: string) => void): Promise<string> {
  const target = setDirectory()
  if (existsSync(target)) return target
  const startedAt = performance.now()
  await mkdir(dirname(target), { recursive: true })
  const work = await mkdtemp(join(dirname(target), "partial-"))
  try {
    const files = [
      ...(await addPrograms(work)),
      ...(await addUnits(work)),
      await addHostConfiguration(work),
      ...(await addImages(work, report)),
    ]
    const manifest: ArtifactManifest = {
      name: `kubernetes-${kubernetesVersion}`,
      kubernetesVersion,
      architecture,
      files,
    }
    await writeFile(join(work, "manifest.json"), `${JSON.stringify(manifest, null, 2)}\n`)
    await rename(work, target)
  } finally {
    await rm(work, { recursive: true, force: true })
  }
  report(`made the artifact set in ${((performance.now() - startedAt) / 1000).toFixed(0)} s`)
  return target
}

type Placement = Pick<ArtifactFile, "path" | "kind" | "target" | "mode" | "roles">

async function describe(directory: string, placement: Placement): Promise<ArtifactFile> {
  const file = join(directory, placement.path)
  const { size } = await stat(file)
  return { ...placement, sha256: await sha256OfFile(file), size }
}

async function addPrograms(work: string): Promise<ArtifactFile[]> {
  const places = [
    ...hostPrograms.map((name) => ({ name, target: `/usr/local/bin/${name}` })),
    ...cniPlugins.map((name) => ({ name, target: `/opt/cni/bin/${name}` })),
  ]
  await mkdir(join(work, "bin"))
  return Promise.all(
    places.map(async ({ name, target }) => {
      const from = labBinary(name)
      if (from === undefined) throw new Error(`make artifact set: ${name} is not built`)
      const path = `bin/${name}`
      await link(from, join(work, path))
      return describe(work, { path, kind: "binary", target, mode: "0755" })
    }),
  )
}

async function addUnits(work: string): Promise<ArtifactFile[]> {
  await mkdir(join(work, "units"))
  return Promise.all(
    units.map(async (name) => {
      const path = `units/${basename(name)}`
      await copyFile(join(setFiles, "systemd", name), join(work, path))
      const target = `/etc/systemd/system/${name}`
      return describe(work, { path, kind: "unit", target, mode: "0644" })
    }),
  )
}

async function addHostConfiguration(work: string): Promise<ArtifactFile> {
  const path = "host-config.tar.gz"
  await packDirectory(join(setFiles, "host"), join(work, path))
  return describe(work, { path, kind: "archive", target: "/", mode: "0644" })
}

/** The archive of an image, made unless the cache has it. */
async function imageArchive(
  image: ContainerImage,
  report: (line: string) => void,
): Promise<string> {
  const parts = Object.values(image.programs).map((program) =>
    goModules.filter((module) => program in module.programs).map(goModuleKey),
  )
  const key = shortHash([imageFormatVersion, image, parts])
  const path = join(labCache(), "containers", `${image.name}-${key}.tar`)
  if (existsSync(path)) return path
  await mkdir(dirname(path), { recursive: true })
  await writeImageArchive(image, path)
  report(`made image ${image.reference}`)
  return path
}

async function addImages(work: string, report: (line: string) => void): Promise<ArtifactFile[]> {
  await mkdir(join(work, "images"))
  const files: ArtifactFile[] = []
  for (const image of containerImages) {
    const path = `images/${image.name}.tar`
    await link(await imageArchive(image, report), join(work, path))
    const target = `/var/cache/kubernetes/images/${image.name}.tar`
    const roles = image.controlPlaneOnly === true ? ["control-plane"] : undefined
    files.push(await describe(work, { path, kind: "image", target, mode: "0644", roles }))
  }
  return files
}
