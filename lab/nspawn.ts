import { spawn } from "node:child_process"
import { closeSync, openSync, readFileSync } from "node:fs"
import { setTimeout as sleep } from "node:timers/promises"
import {
  cgroupLayout,
  cgroupProcesses,
  createCgroups,
  machineCgroups,
  removeCgroups,
} from "./cgroups.ts"

/** A booted machine, as it is remembered between two runs of the lab's command. */
export interface RunningMachine {
  readonly pid: number
  /** When the process started, in the kernel's ticks: tells it from a later one with its pid. */
  readonly startTicks: string
  readonly cgroups: readonly string[]
}

export interface BootOptions {
  /** The machine's host name. */
  readonly name: string
  /** Unique on the VM: names the machine's control groups and its network link. */
  readonly vmName: string
  readonly root: string
  readonly bridge: string
  readonly logFile: string
}

const systemCalls =
  "@keyring bpf @mount @module @raw-io @obsolete @privileged @resources @swap perf_event_open"

// Enters every control group named before `--`, then becomes the command after it.
const enterGroups =
  'while [ "$1" != -- ]; do echo $$ > "$1/cgroup.procs" || exit 1; shift; done; shift; exec "$@"'

/** Boots a root directory with systemd as its process 1. Returns as soon as it is launched. */
export function bootMachine(options: BootOptions): RunningMachine {
  const groups = machineCgroups(options.vmName)
  createCgroups(groups)
  const log = openSync(options.logFile, "a")
  try {
    const child = spawn("sh", ["-c", enterGroups, "lab", ...groups, "--", ...command(options)], {
      detached: true,
      stdio: ["ignore", log, log],
      env: {
        ...process.env,
        SYSTEMD_NSPAWN_UNIFIED_HIERARCHY: cgroupLayout() === "v2" ? "1" : "0",
        SYSTEMD_NSPAWN_API_VFS_WRITABLE: "yes",
        SYSTEMD_NSPAWN_USE_CGNS: "1",
      },
    })
    child.unref()
    const { pid } = child
    const startTicks = pid === undefined ? undefined : processStart(pid)
    if (pid === undefined || startTicks === undefined) throw new Error("it did not start")
    return { pid, startTicks, cgroups: groups }
  } catch (cause) {
    removeCgroups(groups)
    throw new Error(`boot machine ${options.name}: ${(cause as Error).message}`, { cause })
  } finally {
    closeSync(log)
  }
}

function command(options: BootOptions): string[] {
  return [
    "systemd-nspawn",
    "--quiet",
    "--boot",
    `--directory=${options.root}`,
    `--machine=${options.vmName}`,
    `--hostname=${options.name}`,
    `--network-bridge=${options.bridge}`,
    "--register=no",
    "--keep-unit",
    "--resolv-conf=off",
    "--bind=/dev/kmsg",
    "--capability=all",
    `--system-call-filter=${systemCalls}`,
    "--console=pipe",
  ]
}

/** True while the machine is on; a machine that powered itself off is not. */
export function isRunning(machine: RunningMachine): boolean {
  return processStart(machine.pid) === machine.startTicks
}

/**
 * Pulls the plug: kills the machine's process 1, and with it everything in the machine, then
 * removes its control groups. Does nothing to a machine that is off, except for the groups.
 */
export async function killMachine(machine: RunningMachine): Promise<void> {
  if (isRunning(machine)) {
    const init = childOf(machine.pid)
    kill(init ?? machine.pid)
    await until(() => !isRunning(machine), "its process ends")
  }
  await emptyCgroups(machine.cgroups)
}

/** Kills whatever still runs in the control groups of a machine of that name on the VM. */
export function killLeftovers(vmName: string): Promise<void> {
  return emptyCgroups(machineCgroups(vmName))
}

async function emptyCgroups(groups: readonly string[]): Promise<void> {
  await until(() => {
    const processes = cgroupProcesses(groups)
    for (const pid of processes) kill(pid)
    return processes.length === 0
  }, "its last processes end")
  await until(() => {
    try {
      removeCgroups(groups)
      return true
    } catch (error) {
      // The kernel lets go of a group a moment after its last process.
      if ((error as NodeJS.ErrnoException).code === "EBUSY") return false
      throw error
    }
  }, "its control groups are free")
}

/** Waits until a machine that was told to power off has done so. */
export async function waitForPowerOff(machine: RunningMachine): Promise<void> {
  await until(() => !isRunning(machine), "it is off")
  await killMachine(machine)
}

async function until(condition: () => boolean, what: string): Promise<void> {
  const deadline = performance.now() + 60_000
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`wait for machine until ${what}: timed out`)
    await sleep(25)
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL")
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error
  }
}

/** The start time of a process in ticks, or undefined when there is none or it is a zombie. */
function processStart(pid: number): string | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8")
    // The name in parentheses may hold spaces; what follows it starts with the state.
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ")
    return fields[0] === "Z" ? undefined : fields[19]
  } catch {
    return undefined
  }
}

function childOf(pid: number): number | undefined {
  try {
    const [first] = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ")
    return first === undefined || first === "" ? undefined : Number(first)
  } catch {
    return undefined
  }
}
