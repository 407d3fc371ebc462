import { createHash } from "node:crypto"
import { Worker } from "node:worker_threads"

import type { ParsedKey } from "ssh2"

import type { HostCredentials } from "./host.ts"
import { InvalidKeyError } from "./host-error.ts"
import type { LockedKey, OpenedKey } from "./open-key.ts"

/** One key usually serves a whole pool: opened keys are kept, the least recently used go first. */
const openedKeys = new Map<string, Promise<ParsedKey>>()
const openedKeysLimit = 64

/** Reads a private key. Throws InvalidKey with what is wrong, without any of the key in it. */
export function readPrivateKey({ privateKey, passphrase }: HostCredentials): Promise<ParsedKey> {
  const locked = { privateKey: `${privateKey.trim()}\n`, passphrase }
  const id = createHash("sha256").update(JSON.stringify(locked)).digest("hex")
  const reading = openedKeys.get(id) ?? open(locked)
  openedKeys.delete(id)
  openedKeys.set(id, reading)
  reading.catch(() => openedKeys.delete(id))
  const oldest = openedKeys.keys().next()
  if (openedKeys.size > openedKeysLimit && !oldest.done) openedKeys.delete(oldest.value)
  return reading
}

/** Keys without a passphrase are read at once, the others in a thread: opening those takes long. */
async function open(locked: LockedKey): Promise<ParsedKey> {
  const { openKey } = await import("./open-key.ts")
  const plain = openKey({ ...locked, passphrase: undefined })
  const encrypted = "problem" in plain && isEncrypted(locked, plain.problem)
  if (encrypted && locked.passphrase === undefined) {
    throw new InvalidKeyError("read private key: it is encrypted and no passphrase is given")
  }
  const opened = encrypted ? await openInThread(locked) : plain
  if ("problem" in opened) throw invalid(opened.problem, encrypted)
  const { default: ssh2 } = await import("ssh2")
  const key = ssh2.utils.parseKey(opened.text)
  const first = Array.isArray(key) ? key[0] : key
  if (first === undefined || first instanceof Error) {
    throw new InvalidKeyError("read private key: it is of a kind that is not known here")
  }
  return first
}

function isEncrypted({ privateKey }: LockedKey, problem: string): boolean {
  return /BEGIN ENCRYPTED PRIVATE KEY/.test(privateKey) || /no passphrase/i.test(problem)
}

function invalid(problem: string, encrypted: boolean): InvalidKeyError {
  const known = /unsupported key format/i.test(problem)
    ? "not a private key in a known format"
    : problem.charAt(0).toLowerCase() + problem.slice(1)
  const wrong = encrypted && /integrity check|passphrase|decrypt|decoder routines/i.test(problem)
  return new InvalidKeyError(
    `read private key: ${wrong ? "the passphrase does not open it" : known}`,
  )
}

function openInThread(locked: LockedKey): Promise<OpenedKey> {
  const extension = import.meta.url.endsWith(".ts") ? "ts" : "js"
  const script = new URL(`./open-key.worker.${extension}`, import.meta.url)
  return new Promise((resolve, reject) => {
    const worker = new Worker(script, { workerData: locked, name: "open-key" })
    worker.once("message", resolve)
    worker.once("error", reject)
    worker.once("exit", () => reject(new InvalidKeyError("read private key: its thread ended")))
  })
}
