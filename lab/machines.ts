import { randomUUID } from "node:crypto"
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { readdir, rename, rm } from "node:fs/promises"
import { join } from "node:path"
import { CommandError, runCommand } from "./command.ts"
import type { CommandOptions, CommandResult } from "./command.ts"
import {
  claimedLabs,
  claimVm,
  createNetwork,
  labNetwork,
  machineAddress,
  releaseVm,
  removeNetwork,
  setSshCut,
} from "./host.ts"
import { imagePath } from "./images.ts"
import { withLock } from "./lock.ts"
import { bootMachine, isRunning, killLeftovers, killMachine, waitForPowerOff } from "./nspawn.ts"
import { labCache, labDirectory } from "./paths.ts"
import { giveIdentity } from "./rootfs.ts"
import { copyOverSsh, runOverSsh, waitForLogin } from "./ssh.ts"
import type { SshTarget } from "./ssh.ts"
import { currentBootId, readState, writeState } from "./state.ts"
import type { ImageName, LabState, MachineState } from "./state.ts"

export type { CommandOptions, CommandResult, ImageName }

/** A machine as `status --json` shows it. */
export interface LabMachine {
  readonly name: string
  readonly address: string
  readonly port: number
  readonly user: string
}

export interface LabStatus {
  readonly machines: readonly LabMachine[]
  /**
   * File of the private key that root, `admin` (sudo) and `nosudo` (none) of each machine accept.
   */
  readonly sshKey: string
}

export interface UpOptions {
  /** Machines m1 to mN are up afterwards. */
  readonly machines?: number | undefined
  /** Machines with these names are up afterwards. */
  readonly names?: readonly string[] | undefined
  /** What machines that do not exist yet are copied from; `prepared` unless given. */
  readonly image?: ImageName | undefined
}

export interface RunOptions extends CommandOptions {
  /** Who runs it; root unless given. */
  readonly user?: string | undefined
}

const loginTimeoutMs = 90_000

function vmName(number: number, machine: string): string {
  return `lab${number}-${machine}`
}

/**
 * A lab of its own for a test file; the test calls its `down` at the end. Nothing is on disk before
 * its first `up`, so tests that are skipped leave nothing.
 */
export function createTestLab(): Lab {
  return new Lab(join(labCache(), "tests", `lab-${randomUUID().slice(0, 8)}`))
}

/** Takes down every lab of this VM, whoever brought it up. */
export async function downAll(): Promise<void> {
  for (const [number, directory] of claimedLabs()) {
    await new Lab(directory).down()
    if (claimedLabs().get(number) !== directory) continue
    await removeNetwork(labNetwork(number))
    await releaseVm(number)
  }
}

/**
 * The machines of one lab: real hosts for tests, each booted from a copy of an image, on a bridge
 * of the lab's own. A lab is a directory; all its methods may be called from several processes.
 */
export class Lab {
  readonly directory: string

  constructor(directory: string = labDirectory()) {
    this.directory = directory
  }

  get sshKey(): string {
    return join(this.directory, "ssh", "id_ed25519")
  }

  /** An OpenSSH known-hosts file with every machine's key. */
  get knownHosts(): string {
    return join(this.directory, "ssh", "known_hosts")
  }

  /** What is up, machines that are switched off included; no machines while the lab is down. */
  status(): LabStatus {
    const machines = (readState(this.directory)?.machines ?? []).map(({ name, address }) => ({
      name,
      address,
      port: 22,
      user: "root",
    }))
    return { machines, sshKey: this.sshKey }
  }

  /**
   * Brings machines up and waits until each answers SSH. Those that are up already stay as they
   * are.
   */
  async up(options: UpOptions): Promise<LabMachine[]> {
    const names = [
      ...Array.from({ length: options.machines ?? 0 }, (_, index) => `m${index + 1}`),
      ...(options.names ?? []),
    ]
    for (const name of names) {
      if (!/^[a-z][a-z0-9-]{0,30}$/.test(name)) throw new Error(`add machine: bad name ${name}`)
    }
    await this.locked(async () => {
      const existing = readState(this.directory)
      if (existing !== undefined && existing.bootId !== currentBootId()) await this.clear(existing)
      if (readState(this.directory) === undefined) await this.found()
      const known = new Set(this.state().machines.map((machine) => machine.name))
      const missing = names.filter((name) => !known.has(name))
      const image = options.image ?? "prepared"
      const added = await this.createMachines(missing, image)
      this.update((state) => ({ ...state, machines: [...state.machines, ...added] }))
      this.writeKnownHosts()
      for (const name of names) await this.launch(name)
    })
    await Promise.all(names.map((name) => this.waitForSsh(name)))
    return this.status().machines.filter((machine) => names.includes(machine.name))
  }

  /** Stops everything that `up` started and removes all it made. */
  async down(): Promise<void> {
    if (!existsSync(this.directory)) return
    await this.locked(async () => {
      const state = readState(this.directory)
      if (state !== undefined) await this.clear(state)
      await this.empty()
      await rm(this.directory, { recursive: true, force: true })
    })
  }

  /** Pulls a machine's plug: every process in it is killed at once. Its disk stays. */
  async stop(name: string): Promise<void> {
    await this.locked(async () => {
      await this.switchOff(this.machine(name))
      this.updateMachine({ ...this.machine(name), running: undefined })
    })
  }

  /** Switches a machine on and waits until it answers SSH. */
  async start(name: string): Promise<void> {
    await this.locked(() => this.launch(name))
    await this.waitForSsh(name)
  }

  /** Pulls a machine's plug and switches it on again. */
  async reboot(name: string): Promise<void> {
    await this.stop(name)
    await this.start(name)
  }

  /** Stops a machine for good and deletes its disk. Its address is not given out again. */
  async remove(name: string): Promise<void> {
    await this.stop(name)
    await this.locked(async () => {
      await rm(this.machineDirectory(name), { recursive: true, force: true })
      this.update((state) => ({
        ...state,
        machines: state.machines.filter((machine) => machine.name !== name),
      }))
      this.writeKnownHosts()
    })
  }

  /** Drops every packet of SSH between this VM and a machine, open connections included. */
  async cut(name: string): Promise<void> {
    await setSshCut(labNetwork(this.state().number), this.machine(name).address, true)
  }

  /** Lets SSH through again. */
  async heal(name: string): Promise<void> {
    await setSshCut(labNetwork(this.state().number), this.machine(name).address, false)
  }

  /** Powers a machine off in good order and moves its disk elsewhere; the machine is gone then. */
  async takeDisk(name: string, to: string): Promise<void> {
    const { running } = this.machine(name)
    await this.tryRun(name, "sync; systemctl poweroff", { timeoutMs: 30_000 })
    if (running !== undefined) await waitForPowerOff(running)
    await this.stop(name)
    await rename(this.root(name), to)
    await this.remove(name)
  }

  isRunning(name: string): boolean {
    const { running } = this.machine(name)
    return running !== undefined && isRunning(running)
  }

  /** The public half of a machine's SSH host key: `ssh-ed25519 AAAA…`. */
  hostKey(name: string): string {
    return this.machine(name).hostKey
  }

  /**
   * Gives a machine another SSH host key, as a reinstalled host has; the lab knows it from then on.
   */
  async changeHostKey(name: string): Promise<void> {
    const file = "/etc/ssh/ssh_host_ed25519_key"
    await this.run(
      name,
      `rm -f ${file}*; ssh-keygen -q -t ed25519 -N '' -f ${file}; systemctl restart ssh`,
    )
    const text = readFileSync(join(this.root(name), `${file}.pub`), "utf8")
    await this.locked(() => {
      const [type, key] = text.split(" ")
      this.updateMachine({ ...this.machine(name), hostKey: `${type} ${key}` })
      this.writeKnownHosts()
    })
  }

  /**
   * A machine's root directory as this VM sees it: read its files without SSH, even while it is
   * off.
   */
  root(name: string): string {
    return join(this.machineDirectory(name), "root")
  }

  /** Runs a shell command on a machine and returns its result, whatever its exit status. */
  tryRun(name: string, command: string, options: RunOptions = {}): Promise<CommandResult> {
    const { user, ...rest } = options
    return runOverSsh(this.target(name, user), command, rest)
  }

  /** Runs a shell command on a machine and returns its output; throws unless it exits 0. */
  async run(name: string, command: string, options: RunOptions = {}): Promise<string> {
    const result = await this.tryRun(name, command, options)
    if (result.code !== 0) throw new CommandError([name, command], result)
    return result.stdout
  }

  /** Copies a file or directory of this VM to a path on a machine. */
  copy(name: string, from: string, to: string): Promise<void> {
    return copyOverSsh(this.target(name), from, to)
  }

  async waitForSsh(name: string): Promise<void> {
    try {
      // Only root may log in while a machine still boots.
      await waitForLogin(this.target(name, "admin"), loginTimeoutMs)
    } catch (cause) {
      const log = readFileSync(this.logFile(name), "utf8").split("\n").slice(-15).join("\n")
      throw new Error(`${(cause as Error).message}; the end of its console:\n${log}`, { cause })
    }
  }

  private locked<T>(body: () => Promise<T> | T): Promise<T> {
    mkdirSync(this.directory, { recursive: true, mode: 0o700 })
    return withLock(`${this.directory}.lock`, body)
  }

  private target(name: string, user = "root"): SshTarget {
    const { address } = this.machine(name)
    return { address, user, key: this.sshKey, knownHosts: this.knownHosts }
  }

  private machineDirectory(name: string): string {
    return join(this.directory, "machines", name)
  }

  private logFile(name: string): string {
    return join(this.machineDirectory(name), "console.log")
  }

  private state(): LabState {
    const state = readState(this.directory)
    if (state === undefined) throw new Error(`use lab: none is up in ${this.directory}`)
    return state
  }

  private machine(name: string): MachineState {
    const machine = this.state().machines.find((machine) => machine.name === name)
    if (machine === undefined) throw new Error(`use machine ${name}: the lab has none of that name`)
    return machine
  }

  private update(change: (state: LabState) => LabState): void {
    writeState(this.directory, change(this.state()))
  }

  private updateMachine(machine: MachineState): void {
    this.update((state) => ({
      ...state,
      machines: state.machines.map((old) => (old.name === machine.name ? machine : old)),
    }))
  }

  private async found(): Promise<void> {
    const number = await claimVm(this.directory)
    try {
      await createNetwork(labNetwork(number))
      rmSync(join(this.directory, "ssh"), { recursive: true, force: true })
      mkdirSync(join(this.directory, "ssh"), { recursive: true, mode: 0o700 })
      await runCommand([
        "ssh-keygen",
        "-q",
        "-t",
        "ed25519",
        "-N",
        "",
        "-C",
        "lab",
        "-f",
        this.sshKey,
      ])
      const bootId = currentBootId()
      writeState(this.directory, { number, bootId, addressesUsed: 0, machines: [] })
    } catch (error) {
      await removeNetwork(labNetwork(number))
      await releaseVm(number)
      throw error
    }
  }

  private async createMachines(
    names: readonly string[],
    image: ImageName,
  ): Promise<MachineState[]> {
    if (names.length === 0) return []
    const from = imagePath(image)
    if (from === undefined) {
      throw new Error(`add machines: no ${image} image yet; run: npm run lab -- build`)
    }
    const { number, addressesUsed } = this.state()
    this.update((state) => ({ ...state, addressesUsed: addressesUsed + names.length }))
    const network = labNetwork(number)
    const authorizedKey = readFileSync(`${this.sshKey}.pub`, "utf8")
    return Promise.all(
      names.map(async (name, index) => {
        const address = machineAddress(network, addressesUsed + index)
        const root = this.root(name)
        rmSync(this.machineDirectory(name), { recursive: true, force: true })
        mkdirSync(this.machineDirectory(name), { recursive: true })
        await runCommand(["cp", "-a", "--reflink=auto", from, root])
        const { gateway } = network
        const hostKey = await giveIdentity(root, { name, address, gateway, authorizedKey })
        return { name, address, image, hostKey }
      }),
    )
  }

  private async launch(name: string): Promise<void> {
    const machine = this.machine(name)
    if (machine.running !== undefined && isRunning(machine.running)) return
    await this.switchOff(machine)
    const { number } = this.state()
    const running = bootMachine({
      name,
      vmName: vmName(number, name),
      root: this.root(name),
      bridge: labNetwork(number).bridge,
      logFile: this.logFile(name),
    })
    this.updateMachine({ ...machine, running })
  }

  /** Also ends a machine whose launch was interrupted before it was noted down. */
  private async switchOff(machine: MachineState): Promise<void> {
    if (machine.running !== undefined) await killMachine(machine.running)
    await killLeftovers(vmName(this.state().number, machine.name))
  }

  private writeKnownHosts(): void {
    const lines = this.state().machines.map(({ address, hostKey }) => `${address} ${hostKey}\n`)
    writeFileSync(this.knownHosts, lines.join(""))
  }

  private async clear(state: LabState): Promise<void> {
    const launched = state.machines.flatMap(({ running }) =>
      running === undefined ? [] : [running],
    )
    await Promise.all(launched.map(killMachine))
    // After an interrupted `down` the number may be another lab's already.
    if (claimedLabs().get(state.number) === this.directory) {
      const names = state.machines.map((machine) => vmName(state.number, machine.name))
      await Promise.all(names.map(killLeftovers))
      await removeNetwork(labNetwork(state.number))
      await releaseVm(state.number)
    }
    await this.empty()
  }

  private async empty(): Promise<void> {
    for (const entry of await readdir(this.directory)) {
      // An interrupted `up` may have left a copy under way: it fails once its target is gone.
      const patience = { maxRetries: 20, retryDelay: 50 }
      await rm(join(this.directory, entry), { recursive: true, force: true, ...patience })
    }
  }
}
