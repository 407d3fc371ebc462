import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"

const mountPoint = "/sys/fs/cgroup"

/**
 * Control groups are how the kernel keeps one machine's processes apart from another's: without a
 * group of its own in every hierarchy, a machine's kubelet deletes the pods of its neighbours.
 */
export type CgroupLayout = "v1" | "v2"

/** `v1` also for hybrid hosts, which have a version 2 hierarchy beside the version 1 ones. */
export function cgroupLayout(): CgroupLayout {
  return existsSync(join(mountPoint, "cgroup.controllers")) ? "v2" : "v1"
}

/** The control groups of a machine: one directory below this process's own, in every hierarchy. */
export function machineCgroups(name: string): string[] {
  return readFileSync("/proc/self/cgroup", "utf8")
    .trim()
    .split("\n")
    .flatMap((line) => {
      const [, controllers, path] = /^\d+:([^:]*):(.*)$/.exec(line) ?? []
      if (controllers === undefined || path === undefined) return []
      const hierarchy = hierarchyDirectory(controllers)
      return hierarchy === undefined ? [] : [join(hierarchy, path, name)]
    })
}

function hierarchyDirectory(controllers: string): string | undefined {
  if (controllers === "") {
    return cgroupLayout() === "v2" ? mountPoint : existing(join(mountPoint, "unified"))
  }
  return existing(join(mountPoint, controllers.replace(/^name=/, "")))
}

function existing(path: string): string | undefined {
  return existsSync(path) ? path : undefined
}

/**
 * Makes the groups. They are also a lock: a group that exists belongs to a machine that runs, or
 * that was not cleaned up, and is an error.
 */
export function createCgroups(groups: readonly string[]): void {
  for (const group of groups) {
    mkdirSync(group)
    if (existsSync(join(group, "cpuset.cpus")) && cgroupLayout() === "v1") {
      for (const file of ["cpuset.cpus", "cpuset.mems"]) {
        writeFileSync(join(group, file), readFileSync(join(group, "..", file)))
      }
      writeFileSync(join(group, "cgroup.clone_children"), "1")
    }
  }
}

/** Every process in the groups and below them. */
export function cgroupProcesses(groups: readonly string[]): number[] {
  const found = new Set<number>()
  for (const directory of groups.flatMap(withDescendants)) {
    const text = readIfThere(join(directory, "cgroup.procs"))
    for (const line of text.split("\n")) if (line !== "") found.add(Number(line))
  }
  return [...found]
}

/** Removes the groups with everything below them; their processes must be gone. */
export function removeCgroups(groups: readonly string[]): void {
  for (const directory of groups.flatMap(withDescendants).reverse()) {
    try {
      rmdirSync(directory)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error
    }
  }
}

/** A directory and all directories below it, each before its own. */
function withDescendants(directory: string): string[] {
  let names: string[]
  try {
    names = readdirSync(directory, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name)
  } catch {
    return []
  }
  return [directory, ...names.flatMap((name) => withDescendants(join(directory, name)))]
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, "utf8")
  } catch {
    return ""
  }
}
