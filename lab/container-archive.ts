import { createHash } from "node:crypto"
import { createReadStream } from "node:fs"
import { copyFile, mkdir, mkdtemp, readdir, rename, rm, symlink, writeFile } from "node:fs/promises"
import { basename, dirname, join } from "node:path"
import { runCommand } from "./command.ts"
import type { ContainerImage } from "./container-images.ts"
import { labBinary } from "./paths.ts"

const searchPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
const shellTools =
  "sh cat cp env grep id ip ls mkdir mv nslookup ping ps rm sed sleep test top wc".split(" ")

/** Go's name of this machine's architecture. */
export const architecture = process.arch === "x64" ? "amd64" : process.arch

/** `ar`-like arguments that make a tar of the same files the same bytes every time. */
const stableTar = ["--sort=name", "--mtime=@0", "--owner=0", "--group=0", "--numeric-owner"]

export async function sha256OfFile(path: string): Promise<string> {
  const hash = createHash("sha256")
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer)
  return hash.digest("hex")
}

/** A reproducible gzipped tar of everything in a directory. */
export async function packDirectory(directory: string, target: string): Promise<void> {
  const tar = `${target}.tar`
  await runCommand(["tar", "-C", directory, ...stableTar, "-cf", tar, "."])
  await runCommand(["nice", "gzip", "-6", "-n", "-f", tar])
  await rename(`${tar}.gz`, target)
}

/**
 * Writes an image as an archive that `ctr images import` takes: a tar of manifest, configuration
 * and one gzipped layer.
 */
export async function writeImageArchive(image: ContainerImage, target: string): Promise<void> {
  const work = await mkdtemp(`${target}.`)
  try {
    const content = join(work, "content")
    const archive = join(work, "archive")
    await mkdir(content)
    await mkdir(archive)
    await fillContent(image, content)
    const layer = join(work, "layer.tar")
    await runCommand(["tar", "-C", content, ...stableTar, "-cf", layer, "."])
    const layerDigest = await sha256OfFile(layer)
    await runCommand(["nice", "gzip", "-6", "-n", layer])
    const layerName = `${layerDigest}.tar.gz`
    await rename(`${layer}.gz`, join(archive, layerName))
    const configuration = JSON.stringify({
      architecture,
      os: "linux",
      config: { Env: [`PATH=${searchPath}`], Entrypoint: image.entrypoint ?? [] },
      rootfs: { type: "layers", diff_ids: [`sha256:${layerDigest}`] },
    })
    const configName = `${createHash("sha256").update(configuration).digest("hex")}.json`
    await writeFile(join(archive, configName), configuration)
    const manifest = [{ Config: configName, RepoTags: [image.reference], Layers: [layerName] }]
    await writeFile(join(archive, "manifest.json"), JSON.stringify(manifest))
    await runCommand(["tar", "-C", archive, ...stableTar, "-cf", join(work, "image.tar"), "."])
    await rename(join(work, "image.tar"), target)
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}

async function fillContent(image: ContainerImage, content: string): Promise<void> {
  for (const [path, program] of Object.entries(image.programs)) {
    const from = labBinary(program)
    if (from === undefined) throw new Error(`make image ${image.name}: ${program} is not built`)
    await mkdir(join(content, dirname(path)), { recursive: true })
    await copyFile(from, join(content, path))
  }
  // A world-writable /tmp as everywhere; programs that expect it fail without.
  await mkdir(join(content, "tmp"), { mode: 0o777 })
  if (image.packetFilters === true) await addPacketFilters(content)
  if (image.shell === true) await addShell(content)
}

async function addShell(content: string): Promise<void> {
  await mkdir(join(content, "bin"), { recursive: true })
  await copyFile("/usr/bin/busybox", join(content, "bin/busybox"))
  const present = new Set(await readdir(join(content, "bin")))
  for (const tool of shellTools) {
    if (!present.has(tool)) await symlink("busybox", join(content, "bin", tool))
  }
}

async function addPacketFilters(content: string): Promise<void> {
  const programs = [
    "/usr/sbin/xtables-nft-multi",
    "/usr/sbin/nft",
    "/usr/sbin/conntrack",
    "/bin/ip",
  ]
  const extensions = await extensionFiles()
  const libraries = await librariesOf([...programs, ...extensions])
  for (const path of new Set([...programs, ...extensions, ...libraries])) {
    await mkdir(join(content, dirname(path)), { recursive: true })
    await runCommand(["cp", "-L", path, join(content, path)])
  }
  for (const family of ["iptables", "ip6tables"]) {
    for (const suffix of ["", "-save", "-restore"]) {
      await symlink("xtables-nft-multi", join(content, "usr/sbin", `${family}${suffix}`))
    }
  }
}

/** What iptables loads by name at run time; no program lists it as a library. */
async function extensionFiles(): Promise<string[]> {
  const multiarch = (await runCommand(["dpkg-architecture", "-qDEB_HOST_MULTIARCH"])).trim()
  const directory = `/usr/lib/${multiarch}/xtables`
  const files = await readdir(directory)
  return files.filter((file) => file.endsWith(".so")).map((file) => join(directory, file))
}

/** Every shared library, and the loader, that the files name directly or through one another. */
async function librariesOf(files: readonly string[]): Promise<string[]> {
  const output = await runCommand(["ldd", ...files])
  const paths = output.split("\n").flatMap((line) => {
    const path = /(?:=>\s*)?(\/\S+)\s+\(0x/.exec(line)?.[1]
    return path === undefined || basename(path).startsWith("linux-vdso") ? [] : [path]
  })
  return [...new Set(paths)]
}
