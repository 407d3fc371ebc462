import { existsSync } from "node:fs"
import { homedir } from "node:os"
import { join, resolve } from "node:path"
import { goModuleKey, goModules } from "./go-modules.ts"
import type { GoModule } from "./go-modules.ts"

type Environment = Readonly<Record<string, string | undefined>>

/** Where everything the lab builds is kept, outside the checkout. `LAB_CACHE` overrides it. */
export function labCache(environment: Environment = process.env): string {
  const { LAB_CACHE, XDG_CACHE_HOME } = environment
  if (LAB_CACHE) return resolve(LAB_CACHE)
  return join(XDG_CACHE_HOME || join(homedir(), ".cache"), "mothership-lab")
}

/**
 * The state of one lab (its machines, its SSH key). `LAB_DIR` overrides it: one lab per directory.
 */
export function labDirectory(environment: Environment = process.env): string {
  return environment.LAB_DIR ? resolve(environment.LAB_DIR) : join(labCache(environment), "default")
}

/** Where a module's programs are, or will be once they are built. */
export function goModuleOutput(module: GoModule): string {
  return join(labCache(), "go", `${module.name}-${goModuleKey(module)}`)
}

/**
 * The path of a program that `npm run lab -- build` compiled (`kubectl`, `etcd`, `kube-apiserver`,
 * …), or undefined while it is not there.
 */
export function labBinary(name: string): string | undefined {
  const module = goModules.find((module) => name in module.programs)
  if (module === undefined) throw new Error(`find program ${name}: no module of the lab builds it`)
  const path = join(goModuleOutput(module), name)
  return existsSync(path) ? path : undefined
}
