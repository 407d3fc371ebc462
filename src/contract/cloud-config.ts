import { gunzipSync } from "node:zlib"
import { isMap, isScalar, parseDocument } from "yaml"
import { isObject } from "#base"

/** A file as cloud-init's `write_files` has it, decoded. */
export interface CloudFile {
  readonly path: string
  readonly content: Uint8Array
  /** Octal, four digits. */
  readonly permissions: string
  /** `user` or `user:group`. */
  readonly owner: string
  readonly append: boolean
  /** Written after users were made. */
  readonly defer: boolean
}

/** Text runs in a shell, a list is executed as it is. */
export type CloudCommand = string | readonly string[]

export interface CloudUser {
  readonly name: string
  readonly groups: readonly string[]
  readonly shell: string | undefined
  readonly sudo: readonly string[]
  readonly homeDirectory: string | undefined
  readonly authorizedKeys: readonly string[]
}

/** What of a cloud-config concerns a running host. */
export interface CloudConfig {
  readonly bootCommands: readonly CloudCommand[]
  readonly files: readonly CloudFile[]
  readonly users: readonly CloudUser[]
  readonly runCommands: readonly CloudCommand[]
  /** Top-level keys that we do not act on: named to the user, never passed over in silence. */
  readonly unknownModules: readonly string[]
}

/** A text that is no cloud-config; the message names the key. */
export class CloudConfigError extends Error {
  override readonly name = "CloudConfigError"
}

const expandedMaxBytes = 32 * 1024 * 1024
const header = "#cloud-config"

/** Parses cloud-config user data. Errors: `CloudConfigError`. */
export function parseCloudConfig(text: string): CloudConfig {
  const lines = text.split("\n").map((line) => line.trim())
  const first = lines.find((line) => line !== "" && !line.startsWith("## template"))
  if (first !== header && !first?.startsWith(`${header} `)) {
    throw new CloudConfigError(`parse cloud-config: the first line is not ${header}`)
  }
  const root = parseRoot(text)
  const { write_files, runcmd, bootcmd, users, ...others } = root
  return {
    bootCommands: commands(bootcmd, "bootcmd"),
    files: list(write_files, "write_files").map((item, index) =>
      file(item, `write_files[${index}]`),
    ),
    users: list(users, "users").flatMap((item, index) => user(item, `users[${index}]`)),
    runCommands: commands(runcmd, "runcmd"),
    unknownModules: Object.keys(others).sort(),
  }
}

/**
 * Providers append a second `#cloud-config`: it is a comment there, but a key given twice is an
 * error.
 */
function parseRoot(text: string): Record<string, unknown> {
  const document = parseDocument(text, { version: "1.1", logLevel: "silent" })
  const [problem] = document.errors
  if (problem) throw new CloudConfigError(`parse cloud-config: ${problem.message.split("\n")[0]}`)
  if (document.contents === null || (isScalar(document.contents) && !document.contents.value)) {
    return {}
  }
  if (!isMap(document.contents)) {
    throw new CloudConfigError("parse cloud-config: it is not a mapping of modules")
  }
  try {
    return document.toJS({ maxAliasCount: 100 }) as Record<string, unknown>
  } catch (error) {
    throw new CloudConfigError(`parse cloud-config: ${(error as Error).message}`, { cause: error })
  }
}

function fail(path: string, problem: string): never {
  throw new CloudConfigError(`parse cloud-config: ${path}: ${problem}`)
}

function list(value: unknown, path: string): readonly unknown[] {
  if (value === undefined || value === null) return []
  return Array.isArray(value) ? value : fail(path, "is not a list")
}

function text(value: unknown, path: string): string {
  if (typeof value === "string") return value
  if (typeof value === "number" || typeof value === "boolean") return String(value)
  return fail(path, "is not text")
}

function commands(value: unknown, path: string): readonly CloudCommand[] {
  return list(value, path).map((item, index) => {
    const at = `${path}[${index}]`
    return Array.isArray(item)
      ? item.map((word, position) => text(word, `${at}[${position}]`))
      : text(item, at)
  })
}

function file(item: unknown, path: string): CloudFile {
  if (!isObject(item)) fail(path, "is not a mapping")
  const target = text(item["path"], `${path}.path`)
  if (!target.startsWith("/")) fail(`${path}.path`, "is not an absolute path")
  const encoding = item["encoding"] === undefined ? "" : text(item["encoding"], `${path}.encoding`)
  return {
    path: target,
    content: decode(content(item["content"], `${path}.content`), encoding, path),
    permissions: permissions(item["permissions"], `${path}.permissions`),
    owner: item["owner"] === undefined ? "root:root" : text(item["owner"], `${path}.owner`),
    append: item["append"] === true,
    defer: item["defer"] === true,
  }
}

function content(value: unknown, path: string): string {
  return value === undefined || value === null ? "" : text(value, path)
}

/** YAML 1.1 reads `0644` as an octal number; text is taken as octal digits. */
function permissions(value: unknown, path: string): string {
  if (value === undefined || value === null) return "0644"
  const digits =
    typeof value === "number" ? value.toString(8) : text(value, path).replace(/^0o/, "")
  if (!/^[0-7]{1,4}$/.test(digits)) fail(path, `${JSON.stringify(value)} is not an octal mode`)
  return digits.padStart(4, "0")
}

function decode(source: string, encoding: string, path: string): Uint8Array {
  const parts = encoding.toLowerCase().split("+").filter(Boolean)
  const isPacked = parts.some((part) => part === "gz" || part === "gzip")
  const isBase64 = parts.some((part) => part === "b64" || part === "base64")
  const isKnown = parts.every((part) =>
    ["gz", "gzip", "b64", "base64", "text/plain"].includes(part),
  )
  if (!isKnown) fail(`${path}.encoding`, `${JSON.stringify(encoding)} is not known`)
  const bytes = isBase64 ? base64(source, path) : Buffer.from(source, isPacked ? "latin1" : "utf8")
  if (!isPacked) return bytes
  try {
    return gunzipSync(bytes, { maxOutputLength: expandedMaxBytes })
  } catch (error) {
    return fail(`${path}.content`, `cannot be unpacked: ${(error as Error).message}`)
  }
}

function base64(source: string, path: string): Buffer {
  const compact = source.replaceAll(/\s/g, "")
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(compact) || compact.length % 4 === 1) {
    fail(`${path}.content`, "is not base64")
  }
  return Buffer.from(compact, "base64")
}

/** The word `default` keeps the image's own user and means nothing here. */
function user(item: unknown, path: string): CloudUser[] {
  if (item === "default") return []
  if (typeof item === "string") return [plainUser(item)]
  if (!isObject(item)) return fail(path, "is neither a name nor a mapping")
  const name = text(item["name"], `${path}.name`)
  if (!/^[a-z_][-a-z0-9_]{0,31}$/.test(name))
    fail(`${path}.name`, `${JSON.stringify(name)} is no user name`)
  return [
    {
      name,
      groups: words(item["groups"], `${path}.groups`),
      shell: item["shell"] === undefined ? undefined : text(item["shell"], `${path}.shell`),
      sudo: item["sudo"] === false ? [] : words(item["sudo"], `${path}.sudo`, "\n"),
      homeDirectory:
        item["homedir"] === undefined ? undefined : text(item["homedir"], `${path}.homedir`),
      authorizedKeys: words(item["ssh_authorized_keys"], `${path}.ssh_authorized_keys`, "\n"),
    },
  ]
}

function plainUser(name: string): CloudUser {
  return {
    name,
    groups: [],
    shell: undefined,
    sudo: [],
    homeDirectory: undefined,
    authorizedKeys: [],
  }
}

/** A list, or one text with separators. */
function words(value: unknown, path: string, separator = ","): readonly string[] {
  if (value === undefined || value === null) return []
  if (Array.isArray(value)) return value.map((word, index) => text(word, `${path}[${index}]`))
  return text(value, path)
    .split(separator)
    .map((word) => word.trim())
    .filter(Boolean)
}
