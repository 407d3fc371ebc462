import { isObject } from "#base"

import { ArtifactError } from "./artifact-error.ts"

export type ArtifactKind = "binary" | "unit" | "archive" | "image"

/** One file of an artifact set. */
export interface ArtifactFile {
  /** Relative to the set's directory. */
  readonly path: string
  /** Lower-case hexadecimal. */
  readonly sha256: string
  /** In bytes. */
  readonly size: number
  /**
   * `binary` and `unit` are copied to `target`; an `archive` is a gzipped tar, unpacked below
   * `target`; an `image` is copied to `target` and imported into containerd's namespace k8s.io.
   */
  readonly kind: ArtifactKind
  /** Absolute path on the host. */
  readonly target: string
  /** Octal, as in `0755`. */
  readonly mode: string
  /** Machines that need it; all of them when absent. */
  readonly roles?: readonly string[] | undefined
}

/** What `manifest.json` in an artifact set says. */
export interface ArtifactManifest {
  /** Version of this format; a manifest without one is of version 1. */
  readonly version: 1
  readonly name: string
  readonly kubernetesVersion: string
  /** As Go names it, such as `amd64`. */
  readonly architecture: string
  readonly files: readonly ArtifactFile[]
}

export const manifestName = "manifest.json"

/** Reads a manifest. Throws ArtifactError naming the first thing that is wrong. */
export function parseManifest(source: string): ArtifactManifest {
  const value = parseJson(source)
  if (!isObject(value)) return fail("it is not an object")
  const { version = 1 } = value
  if (version !== 1) fail(`version ${JSON.stringify(version)} is not known`)
  const name = text(value["name"], "name")
  if (!isSetName(name)) fail(`name ${JSON.stringify(name)} is not a name`)
  const files = value["files"]
  if (!Array.isArray(files)) return fail("files is not a list")
  const seen = new Set<string>()
  return {
    version: 1,
    name,
    kubernetesVersion: text(value["kubernetesVersion"], "kubernetesVersion"),
    architecture: text(value["architecture"], "architecture"),
    files: files.map((item, index) => {
      const file = parseFile(item, `files[${index}]`)
      if (seen.has(file.path)) fail(`files[${index}]: ${file.path} is there twice`)
      seen.add(file.path)
      return file
    }),
  }
}

/** True for what may name a set: no path, no hidden file. */
export function isSetName(name: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/.test(name)
}

function parseJson(source: string): unknown {
  try {
    return JSON.parse(source) as unknown
  } catch (error) {
    throw new ArtifactError(`read ${manifestName}: ${(error as Error).message}`, { cause: error })
  }
}

const kinds: readonly string[] = ["binary", "unit", "archive", "image"]

function parseFile(value: unknown, at: string): ArtifactFile {
  if (!isObject(value)) return fail(`${at} is not an object`)
  const path = text(value["path"], `${at}.path`)
  if (!isInside(path)) fail(`${at}.path: ${JSON.stringify(path)} leads out of the set`)
  const sha256 = text(value["sha256"], `${at}.sha256`)
  if (!/^[0-9a-f]{64}$/.test(sha256)) fail(`${at}.sha256 is not a SHA-256`)
  const size = value["size"]
  if (typeof size !== "number" || !Number.isSafeInteger(size) || size < 0) {
    return fail(`${at}.size is not a size in bytes`)
  }
  const kind = text(value["kind"], `${at}.kind`)
  if (!kinds.includes(kind)) fail(`${at}.kind: ${JSON.stringify(kind)} is not known`)
  const target = text(value["target"], `${at}.target`)
  if (!target.startsWith("/") || target.split("/").includes("..") || /[\n\r]/.test(target)) {
    fail(`${at}.target: ${JSON.stringify(target)} is not an absolute path`)
  }
  const mode = text(value["mode"] ?? "0644", `${at}.mode`)
  if (!/^0?[0-7]{3,4}$/.test(mode)) fail(`${at}.mode: ${JSON.stringify(mode)} is not octal`)
  const roles = value["roles"]
  if (roles !== undefined && !Array.isArray(roles)) fail(`${at}.roles is not a list`)
  return {
    path,
    sha256,
    size,
    kind: kind as ArtifactKind,
    target,
    mode,
    ...(Array.isArray(roles)
      ? { roles: roles.map((role, index) => text(role, `${at}.roles[${index}]`)) }
      : {}),
  }
}

/** True for a relative path that stays below where it starts. */
export function isInside(path: string): boolean {
  const parts = path.split("/")
  return path !== "" && parts.every((part) => part !== "" && part !== "." && part !== "..")
}

function text(value: unknown, at: string): string {
  if (typeof value !== "string" || value === "" || value.includes("\0")) {
    return fail(`${at} is not text`)
  }
  return value
}

function fail(problem: string): never {
  throw new ArtifactError(`read ${manifestName}: ${problem}`)
}
