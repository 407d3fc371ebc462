import { createHash, randomUUID } from "node:crypto"
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs"
import { appendFile, chmod, mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { runCommand } from "./command.ts"
import { labCache } from "./paths.ts"
import type { ImageName } from "./state.ts"

// A Linux with systemd and sshd, sudo for the user that needs it, and nothing of Kubernetes.
const packages = [
  "dbus",
  "iproute2",
  "kmod",
  "mount",
  "openssh-server",
  "procps",
  "sudo",
  "systemd",
  "systemd-sysv",
]
const suite = "bookworm"
const machineFiles = join(import.meta.dirname, "files/machine")

const maskedUnits = [
  "console-getty.service",
  "systemd-networkd-wait-online.service",
  "systemd-resolved.service",
  "systemd-modules-load.service",
  "apt-daily.timer",
  "apt-daily-upgrade.timer",
]

/** Users besides root: one who may use sudo, and one who may not. */
const machineUsers = ["admin", "nosudo"] as const

/** A hash over a directory's file names, modes and contents. */
export function directoryKey(directory: string): string {
  const hash = createHash("sha256")
  const paths = readdirSync(directory, { recursive: true, encoding: "utf8" }).sort()
  for (const path of paths) {
    const file = join(directory, path)
    const { mode } = statSync(file)
    hash.update(`${path}\0${mode.toString(8)}\0`)
    if (statSync(file).isFile()) hash.update(readFileSync(file))
  }
  return hash.digest("hex").slice(0, 16)
}

export function shortHash(value: unknown): string {
  return createHash("sha256").update(JSON.stringify(value)).digest("hex").slice(0, 16)
}

export function plainImageKey(): string {
  return shortHash([3, suite, packages, maskedUnits, machineUsers, directoryKey(machineFiles)])
}

export function imageDirectory(name: ImageName, key: string): string {
  return join(labCache(), "rootfs", `${name}-${key}`)
}

/** Makes the plain image unless it is there. Returns its directory. */
export async function buildPlainImage(report: (line: string) => void): Promise<string> {
  const target = imageDirectory("plain", plainImageKey())
  if (existsSync(target)) return target
  const startedAt = performance.now()
  const parent = join(labCache(), "rootfs")
  await mkdir(parent, { recursive: true })
  const root = await mkdtemp(join(parent, "partial-"))
  try {
    await chmod(root, 0o755)
    await runCommand([
      "nice",
      "debootstrap",
      "--variant=minbase",
      `--include=${packages.join(",")}`,
      suite,
      root,
    ])
    await configure(root)
    await rename(root, target)
  } finally {
    await rm(root, { recursive: true, force: true })
  }
  report(`built the plain image in ${((performance.now() - startedAt) / 1000).toFixed(0)} s`)
  return target
}

async function configure(root: string): Promise<void> {
  await runCommand(["cp", "-r", "--no-preserve=ownership", `${machineFiles}/.`, root])
  await chmod(join(root, "etc/sudoers.d/admin"), 0o440)
  for (const user of machineUsers) {
    await runCommand(["chroot", root, "useradd", "--create-home", "--shell", "/bin/bash", user])
  }
  await runCommand(["systemctl", `--root=${root}`, "mask", ...maskedUnits])
  await runCommand([
    "systemctl",
    `--root=${root}`,
    "enable",
    "lab-mounts.service",
    "lab-network.service",
    "ssh.service",
  ])
  await runCommand(["systemctl", `--root=${root}`, "set-default", "multi-user.target"])
  await runCommand(["chroot", root, "apt-get", "clean"])
  await rm(join(root, "var/lib/apt/lists"), { recursive: true, force: true })
  await mkdir(join(root, "var/lib/apt/lists/partial"), { recursive: true })
  await forgetIdentity(root)
}

/** Removes what two machines must not share. */
export async function forgetIdentity(root: string): Promise<void> {
  await writeFile(join(root, "etc/machine-id"), "")
  const ssh = join(root, "etc/ssh")
  for (const file of readdirSync(ssh)) {
    if (file.startsWith("ssh_host_")) await rm(join(ssh, file))
  }
  for (const path of ["var/log/journal", "etc/lab/network", "var/lib/systemd/random-seed"]) {
    await rm(join(root, path), { recursive: true, force: true })
  }
}

export interface MachineIdentity {
  readonly name: string
  readonly address: string
  readonly gateway: string
  /** The public half of the lab's key. */
  readonly authorizedKey: string
}

/** Makes a copied image one machine of its own. Returns its SSH host key's public half. */
export async function giveIdentity(root: string, identity: MachineIdentity): Promise<string> {
  const { name, address, gateway, authorizedKey } = identity
  await forgetIdentity(root)
  // Left to itself, systemd would give every machine of this VM the same one.
  await writeFile(join(root, "etc/machine-id"), `${randomUUID().replaceAll("-", "")}\n`)
  await writeFile(join(root, "etc/hostname"), `${name}\n`)
  await writeFile(join(root, "etc/hosts"), `127.0.0.1 localhost\n${address} ${name}\n`)
  // Nothing answers there: a query that leaves the cluster fails at once instead of timing out.
  await writeFile(join(root, "etc/resolv.conf"), `nameserver ${gateway}\n`)
  await writeFile(join(root, "etc/lab/network"), `ADDRESS=${address}/24\nGATEWAY=${gateway}\n`)
  const hostKey = join(root, "etc/ssh/ssh_host_ed25519_key")
  await runCommand(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", hostKey])
  for (const user of ["root", ...machineUsers]) await authorize(root, user, authorizedKey)
  const [type, key] = readFileSync(`${hostKey}.pub`, "utf8").split(" ")
  return `${type} ${key}`
}

async function authorize(root: string, user: string, key: string): Promise<void> {
  const home = user === "root" ? "/root" : `/home/${user}`
  const directory = join(root, home, ".ssh")
  await mkdir(directory, { recursive: true, mode: 0o700 })
  const file = join(directory, "authorized_keys")
  await rm(file, { force: true })
  await appendFile(file, key.endsWith("\n") ? key : `${key}\n`, { mode: 0o600 })
  await runCommand(["chroot", root, "chown", "-R", `${user}:`, `${home}/.ssh`])
}
