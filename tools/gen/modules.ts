import { execFile } from "node:child_process"
import { existsSync } from "node:fs"
import { join } from "node:path"
import { promisify } from "node:util"

const run = promisify(execFile)

/** The Kubernetes release whose published OpenAPI and discovery documents are read. */
const kubernetes = {
  path: "k8s.io/kubernetes",
  version: "v1.34.4",
  sum: "h1:Yy6R4QB8C9kJPp25GFqEvX5XQwY5qzKeqD0Xx6oAcmk=",
}

/** The Go module beside this file; its go.mod and go.sum pin the libraries with the Go types. */
const goDirectory = join(import.meta.dirname, "go")

/** Nothing can be generated here: there is no Go, or a module would have to be downloaded first. */
export class ToolchainError extends Error {
  override readonly name = "ToolchainError"
}

export interface ModuleOptions {
  /** Use only what Go has downloaded already. */
  readonly offline?: boolean | undefined
}

/** The directory with the pinned Kubernetes sources, downloaded when it is not there yet. */
export async function kubernetesDirectory(options: ModuleOptions = {}): Promise<string> {
  const { path, version, sum } = kubernetes
  const output = await go(["mod", "download", "-json", `${path}@${version}`], options)
  const module = JSON.parse(output) as { Dir?: string; Sum?: string }
  if (!module.Dir || !existsSync(module.Dir)) {
    throw new Error(`download ${path}@${version}: no directory`)
  }
  if (module.Sum !== sum) {
    throw new Error(`download ${path}@${version}: checksum ${module.Sum}, not ${sum}`)
  }
  return module.Dir
}

/** What a program of our Go module prints. */
export function runGoProgram(name: string, options: ModuleOptions = {}): Promise<string> {
  return go(["run", `./${name}`], options)
}

interface GoFailure {
  readonly code?: unknown
  readonly stdout?: string
  readonly stderr?: string
}

async function go(args: readonly string[], options: ModuleOptions): Promise<string> {
  const env = { ...process.env, GOFLAGS: "-mod=readonly", GOWORK: "off" }
  try {
    const { stdout } = await run("go", args, {
      cwd: goDirectory,
      env: options.offline ? { ...env, GOPROXY: "off" } : env,
      maxBuffer: 256 * 1024 * 1024,
    })
    return stdout
  } catch (cause) {
    const { code, stdout = "", stderr = "" } = cause as GoFailure
    const message = `run go ${args.join(" ")}: ${`${stderr}${stdout}`.trim() || String(cause)}`
    const isMissing = code === "ENOENT" || (options.offline && message.includes("GOPROXY=off"))
    throw isMissing ? new ToolchainError(message, { cause }) : new Error(message, { cause })
  }
}
