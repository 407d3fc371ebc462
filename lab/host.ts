import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { availableParallelism } from "node:os"
import { join } from "node:path"
import { runCommand, tryCommand } from "./command.ts"
import { withLock } from "./lock.ts"

// What labs change on the VM itself, and undo. One directory for all labs of the VM: the first lab
// saves the settings, the last one restores them.
const vmDirectory = "/run/mothership-lab"
const settingsFile = join(vmDirectory, "sysctls.json")
const leaseDirectory = join(vmDirectory, "labs")

/** Settings that kubelets write, although they belong to the whole VM. */
const keptSettings = [
  "vm/overcommit_memory",
  "vm/panic_on_oom",
  "kernel/panic",
  "kernel/panic_on_oops",
  "kernel/keys/root_maxkeys",
  "kernel/keys/root_maxbytes",
  "net/netfilter/nf_conntrack_max",
]

function settingPath(name: string): string {
  return join("/proc/sys", name)
}

const vmLock = `${vmDirectory}.lock`

/** The lowest free number of 0 to 31, taken for this lab until `releaseVm`; it names its subnet. */
export function claimVm(labPath: string): Promise<number> {
  return withLock(vmLock, () => {
    mkdirSync(leaseDirectory, { recursive: true })
    const taken = new Set(readdirSync(leaseDirectory))
    for (let number = 0; number < 32; number++) {
      if (taken.has(String(number))) continue
      writeFileSync(join(leaseDirectory, String(number)), labPath)
      prepareVm()
      return number
    }
    throw new Error("claim a subnet: 32 labs are up already")
  })
}

/** Gives the number back; the last lab to leave restores the VM's settings. */
export function releaseVm(number: number): Promise<void> {
  return withLock(vmLock, () => {
    rmSync(join(leaseDirectory, String(number)), { force: true })
    if (!existsSync(leaseDirectory) || readdirSync(leaseDirectory).length > 0) return
    const saved = JSON.parse(readFileSync(settingsFile, "utf8")) as Record<string, string>
    for (const [name, value] of Object.entries(saved)) {
      const path = settingPath(name)
      if (readFileSync(path, "utf8").trim() !== value) writeFileSync(path, value)
    }
    rmSync(vmDirectory, { recursive: true, force: true })
  })
}

/** The directories of all labs that are up on this VM, by number. */
export function claimedLabs(): ReadonlyMap<number, string> {
  if (!existsSync(leaseDirectory)) return new Map()
  return new Map(
    readdirSync(leaseDirectory).map((name) => [
      Number(name),
      readFileSync(join(leaseDirectory, name), "utf8"),
    ]),
  )
}

function prepareVm(): void {
  if (!existsSync(settingsFile)) {
    const values = keptSettings
      .filter((name) => existsSync(settingPath(name)))
      .map((name) => [name, readFileSync(settingPath(name), "utf8").trim()])
    writeFileSync(settingsFile, JSON.stringify(Object.fromEntries(values)))
  }
  // kube-proxy wants exactly this many and cannot write it in a network namespace of its own; where
  // the value is right already it leaves it alone.
  const connections = settingPath("net/netfilter/nf_conntrack_max")
  if (existsSync(connections)) {
    writeFileSync(connections, String(Math.max(131_072, 32_768 * availableParallelism())))
  }
}

export interface LabNetwork {
  readonly number: number
  readonly bridge: string
  /** The bridge's own address: the machines' gateway. */
  readonly gateway: string
}

export function labNetwork(number: number): LabNetwork {
  return { number, bridge: `lab${number}`, gateway: `10.88.${number}.1` }
}

/** The address of the lab's nth machine, from 0. */
export function machineAddress(network: LabNetwork, index: number): string {
  if (index > 240) throw new Error("give an address: a lab has room for 240 machines")
  return `10.88.${network.number}.${index + 10}`
}

const tableName = (network: LabNetwork): string => `mothership_lab_${network.number}`

/**
 * Makes the bridge, and an empty set of machines to which SSH is cut. Nothing leaves the bridge: a
 * packet to elsewhere is refused at once, not lost, so that no program waits for its answer.
 */
export async function createNetwork(network: LabNetwork): Promise<void> {
  const { bridge, gateway } = network
  await removeNetwork(network)
  await runCommand(["ip", "link", "add", bridge, "type", "bridge"])
  await runCommand(["ip", "address", "add", `${gateway}/24`, "dev", bridge])
  await runCommand(["ip", "link", "set", bridge, "up"])
  // The kernel answers for what it refuses only where it would forward.
  writeFileSync(settingPath(`net/ipv4/conf/${bridge}/forwarding`), "1")
  await runCommand(["nft", "-f", "-"], {
    input: `table inet ${tableName(network)} {
      set cut { type ipv4_addr; }
      chain output { type filter hook output priority -10; ip daddr @cut tcp dport 22 drop; }
      chain input { type filter hook input priority -10; ip saddr @cut tcp sport 22 drop; }
      chain forward {
        type filter hook forward priority -10
        iifname "${bridge}" oifname != "${bridge}" reject
      }
    }`,
  })
}

export async function removeNetwork(network: LabNetwork): Promise<void> {
  await tryCommand(["ip", "link", "delete", network.bridge])
  await tryCommand(["nft", "delete", "table", "inet", tableName(network)])
}

/** Drops every packet of SSH between the VM and an address, or stops dropping them. */
export async function setSshCut(network: LabNetwork, address: string, cut: boolean): Promise<void> {
  const verb = cut ? "add" : "delete"
  const set = ["inet", tableName(network), "cut"] as const
  const result = await tryCommand(["nft", verb, "element", ...set, `{ ${address} }`])
  // Healing what was never cut is no error.
  if (result.code !== 0 && cut) throw new Error(`cut SSH to ${address}: ${result.stderr.trim()}`)
}
