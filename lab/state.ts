import { readFileSync, renameSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import type { RunningMachine } from "./nspawn.ts"

export type ImageName = "prepared" | "plain"

export interface MachineState {
  readonly name: string
  readonly address: string
  readonly image: ImageName
  /** The SSH host's public key, as `ssh-ed25519 AAAA…`. */
  readonly hostKey: string
  /** Present from its launch until it was stopped here; the machine may have gone off by itself. */
  readonly running?: RunningMachine | undefined
}

export interface LabState {
  /** The lab's number on this VM: its bridge is `labN`, its subnet 10.88.N.0/24. */
  readonly number: number
  /** Of the VM's boot that the lab was started in: after another boot none of it runs. */
  readonly bootId: string
  /** How many addresses were given out so far; none is given twice. */
  readonly addressesUsed: number
  readonly machines: readonly MachineState[]
}

const stateFile = (directory: string): string => join(directory, "lab.json")

/** The state of the lab in a directory, or undefined when none is up there. */
export function readState(directory: string): LabState | undefined {
  try {
    return JSON.parse(readFileSync(stateFile(directory), "utf8")) as LabState
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined
    throw new Error(`read lab state: ${(error as Error).message}`, { cause: error })
  }
}

export function writeState(directory: string, state: LabState): void {
  const partial = `${stateFile(directory)}.partial`
  writeFileSync(partial, `${JSON.stringify(state, null, 2)}\n`)
  renameSync(partial, stateFile(directory))
}

export function currentBootId(): string {
  return readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim()
}
