import { readFile } from "node:fs/promises"

export interface MachineIdentity {
  readonly machineId: string
  readonly bootId: string
}

/**
 * True when a host is the machine that this process runs on. Clones share a machine id and
 * containers a boot id, so both must agree; where one of the machine ids is unknown the boot id
 * decides alone.
 */
export async function isSameMachine(host: MachineIdentity): Promise<boolean> {
  return describesSameMachine(host, await readOwnIdentity())
}

/** The comparison behind `isSameMachine`. */
export function describesSameMachine(left: MachineIdentity, right: MachineIdentity): boolean {
  if (left.bootId === "" || left.bootId !== right.bootId) return false
  return left.machineId === "" || right.machineId === "" || left.machineId === right.machineId
}

async function readOwnIdentity(): Promise<MachineIdentity> {
  const read = (path: string): Promise<string> =>
    readFile(path, "utf8").then(
      (text) => text.trim(),
      () => "",
    )
  return {
    machineId: await read("/etc/machine-id"),
    bootId: await read("/proc/sys/kernel/random/boot_id"),
  }
}
