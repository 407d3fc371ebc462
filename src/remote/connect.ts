import type ssh2 from "ssh2"
import type { ParsedKey } from "ssh2"

import { type Clock, type Logger, messageOf, randomHex, type Timer } from "#base"

import {
  defaultHostLayout,
  type Host,
  type HostAddress,
  type HostCredentials,
  type HostKeyPolicy,
  type HostLayout,
} from "./host.ts"
import {
  AuthenticationFailedError,
  HostKeyChangedError,
  HostUnreachableError,
  HostUnsupportedError,
  SudoRequiredError,
} from "./host-error.ts"
import {
  familyOf,
  fingerprintOf,
  type HostKeyFamily,
  hostKeyFamilies,
  normalizeFingerprint,
} from "./host-key.ts"
import { readPrivateKey } from "./private-key.ts"
import { runScript } from "./run-script.ts"
import { SshConnection } from "./ssh-connection.ts"
import { SshHost } from "./ssh-host.ts"

export interface ConnectOptions {
  readonly address: HostAddress
  readonly credentials: HostCredentials
  readonly hostKey: HostKeyPolicy
  readonly clock: Clock
  readonly log: Logger
  readonly signal?: AbortSignal | undefined
  /**
   * Bounds the wait for the host to take the connection; it may take three times as long to let us
   * in, since it is there, if slow. 20 s unless given.
   */
  readonly connectTimeoutMs?: number | undefined
  /** A host that answers nothing for three of these is gone; 8 s unless given. */
  readonly keepaliveMs?: number | undefined
  readonly layout?: HostLayout | undefined
}

/**
 * Connects, checks the host's key, and makes sure that we can be root there. Throws InvalidKey,
 * HostUnreachable, HostKeyChanged, AuthenticationFailed, SudoRequired or HostUnsupported.
 */
export async function connect(options: ConnectOptions): Promise<Host> {
  const { address, clock, log, connectTimeoutMs = 20_000 } = options
  const name = `${address.user}@${address.address}:${address.port}`
  const key = await readPrivateKey(options.credentials)
  const deadline = new AbortController()
  const give = (timeoutMs: number): Timer =>
    clock.after(timeoutMs, () => {
      const message = `connect to ${name}: no answer within ${timeoutMs} ms`
      deadline.abort(new HostUnreachableError(message))
    })
  let timer = give(connectTimeoutMs)
  const onTaken = (): void => {
    timer.cancel()
    timer = give(3 * connectTimeoutMs)
  }
  const signal = options.signal
    ? AbortSignal.any([options.signal, deadline.signal])
    : deadline.signal
  try {
    const { client, fingerprint } = await openPinned({ options, name, key, signal, onTaken })
    const connection = new SshConnection(name, client, clock)
    try {
      const sudo = await findRoot(connection, address, signal)
      log.debug("connected to host", { host: name, sudo })
      const layout = options.layout ?? defaultHostLayout
      return new SshHost({ connection, address, layout, fingerprint, sudo })
    } catch (error) {
      connection.close()
      throw error
    }
  } finally {
    timer.cancel()
  }
}

interface Attempt {
  readonly options: ConnectOptions
  readonly name: string
  readonly key: ParsedKey
  readonly signal: AbortSignal
  /** Called when the host has taken the connection. */
  readonly onTaken: () => void
}

interface Opened {
  readonly client: ssh2.Client
  readonly fingerprint: string
}

/**
 * A host has a key per family and shows the one that both sides prefer; a pin may name another.
 * So a mismatch is asked about again, family by family, before it counts as a change.
 */
async function openPinned(attempt: Attempt): Promise<Opened> {
  const policy = attempt.options.hostKey
  const expected = policy.kind === "pinned" ? normalizeFingerprint(policy.fingerprint) : undefined
  const untried = new Set<HostKeyFamily>(hostKeyFamilies)
  const presented: string[] = []
  let family: HostKeyFamily | undefined
  for (;;) {
    const opened = await open(attempt, expected, family)
    if ("client" in opened) return opened
    if (opened.refused !== undefined) {
      presented.push(fingerprintOf(opened.refused))
      const shown = familyOf(opened.refused)
      if (shown) untried.delete(shown)
    }
    if (family) untried.delete(family)
    family = [...untried][0]
    if (!family) throw new HostKeyChangedError(attempt.name, expected ?? "", presented)
  }
}

/**
 * `refused` is the host key that is not the pinned one; undefined when the host has none of that
 * family.
 */
async function open(
  { options, name, key, signal, onTaken }: Attempt,
  expected: string | undefined,
  family: HostKeyFamily | undefined,
): Promise<Opened | { readonly refused: Buffer | undefined }> {
  signal.throwIfAborted()
  const { address } = options
  const { default: library } = await import("ssh2")
  const client = new library.Client()
  let fingerprint = ""
  let refused: Buffer | undefined
  try {
    await new Promise<void>((resolve, reject) => {
      const onAbort = (): void => reject(signal.reason as Error)
      signal.addEventListener("abort", onAbort, { once: true })
      client.once("connect", onTaken)
      client.once("ready", resolve)
      client.on("error", reject)
      client.once("close", () => reject(new Error("the host closed the connection")))
      client.connect({
        host: address.address,
        port: address.port,
        username: address.user,
        readyTimeout: 0,
        keepaliveInterval: options.keepaliveMs ?? 8_000,
        keepaliveCountMax: 2,
        ...(family ? { algorithms: { serverHostKey: [...family] } } : {}),
        hostVerifier: (shown: Buffer) => {
          fingerprint = fingerprintOf(shown)
          if (expected === undefined || fingerprint === expected) return true
          refused = shown
          return false
        },
        // The type asks for text, but a parsed key is taken too and spares opening it again.
        authHandler: [
          { type: "publickey", username: address.user, key } as unknown as ssh2.AuthenticationType,
        ],
      })
    })
    client.removeAllListeners("error")
    return { client, fingerprint }
  } catch (error) {
    client.on("error", () => {})
    client.destroy()
    if (signal.aborted) throw signal.reason
    if (refused) return { refused }
    const { level } = error as { level?: string }
    if (family && level === "handshake") return { refused: undefined }
    if (level === "client-authentication") {
      const message = `authenticate as ${name}: the host does not accept this key`
      throw new AuthenticationFailedError(message, { cause: error })
    }
    throw new HostUnreachableError(`connect to ${name}: ${messageOf(error)}`, { cause: error })
  }
}

/** Whether sudo is what makes us root; throws when nothing does. */
async function findRoot(
  connection: SshConnection,
  address: HostAddress,
  signal: AbortSignal,
): Promise<boolean> {
  if (address.user === "root") return false
  const limits = { timeoutMs: 60_000, signal }
  const plain = await runScript(connection, { sudo: false, script: "id -u", ...limits })
  if (!plain.reached) {
    const said = plain.stderr || plain.stdout || "nothing"
    const message = `run sh on ${connection.name}: the login shell does not start it, it says: ${said}`
    throw new HostUnsupportedError(message)
  }
  if (plain.stdout.trim() === "0") return false
  if (!address.useSudo) {
    const message = `become root on ${connection.name}: the user is not root and useSudo is not set`
    throw new SudoRequiredError(message)
  }
  const mark = randomHex(4)
  const raised = await runScript(connection, {
    sudo: true,
    script: `echo ${mark} $(id -u)`,
    ...limits,
  })
  if (raised.stdout.trim() === `${mark} 0`) return true
  const said = raised.stderr || raised.stdout || `exit code ${raised.exitCode}`
  throw new SudoRequiredError(`become root on ${connection.name}: ${said.trim()}`)
}
