import { connect } from "node:net"
import { setTimeout as sleep } from "node:timers/promises"
import { tryCommand } from "./command.ts"
import type { CommandOptions, CommandResult } from "./command.ts"

export interface SshTarget {
  readonly address: string
  readonly user: string
  /** File of the private key. */
  readonly key: string
  readonly knownHosts: string
}

function sshOptions(target: SshTarget): string[] {
  const options = [
    `UserKnownHostsFile=${target.knownHosts}`,
    "GlobalKnownHostsFile=/dev/null",
    "StrictHostKeyChecking=yes",
    "IdentitiesOnly=yes",
    "BatchMode=yes",
    "ConnectTimeout=10",
    "ServerAliveInterval=5",
    "ControlMaster=no",
    "ControlPath=none",
    "LogLevel=ERROR",
  ]
  return ["-F", "none", "-i", target.key, ...options.flatMap((option) => ["-o", option])]
}

/** Runs a shell command on a machine. Exit 255 is ssh's own: no connection, or a lost one. */
export function runOverSsh(
  target: SshTarget,
  command: string,
  options: CommandOptions = {},
): Promise<CommandResult> {
  const login = `${target.user}@${target.address}`
  return tryCommand(["ssh", ...sshOptions(target), login, "--", command], {
    timeoutMs: 600_000,
    ...options,
  })
}

/** Copies a file or a directory of this machine to a path on the other one. */
export async function copyOverSsh(target: SshTarget, from: string, to: string): Promise<void> {
  const login = `${target.user}@${target.address}`
  const result = await tryCommand(
    ["scp", "-q", "-r", "-p", ...sshOptions(target), from, `${login}:${to}`],
    { timeoutMs: 600_000 },
  )
  if (result.code !== 0) throw new Error(`copy ${from} to ${login}: ${result.stderr.trim()}`)
}

/**
 * Waits until the users of a machine may log in, that is until it has booted; throws after
 * `timeoutMs`.
 */
export async function waitForLogin(target: SshTarget, timeoutMs: number): Promise<void> {
  const deadline = performance.now() + timeoutMs
  for (;;) {
    if (await listens(target.address)) {
      const result = await runOverSsh(target, "true", { timeoutMs: 15_000 })
      if (result.code === 0) return
    }
    if (performance.now() > deadline) {
      throw new Error(`wait for SSH on ${target.address}: none in ${timeoutMs / 1000} s`)
    }
    await sleep(100)
  }
}

function listens(address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: address, port: 22, timeout: 1000 })
    const finish = (answer: boolean): void => {
      socket.destroy()
      resolve(answer)
    }
    socket.on("connect", () => finish(true))
    socket.on("error", () => finish(false))
    socket.on("timeout", () => finish(false))
  })
}
