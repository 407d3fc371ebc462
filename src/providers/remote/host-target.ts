import { hostKeyAnnotation, type RemoteMachine, type Secret } from "#apis"
import { secretText } from "#contract"
import type { HostCredentials, HostKeyPolicy } from "#remote"

import { ProvisionError } from "./plan/provision-error.ts"
import type { SessionTarget } from "./session/session-state.ts"

/** How a machine's host is reached. Throws ProvisionError for what is missing. */
export function targetOf(machine: RemoteMachine, secret: Secret | undefined): SessionTarget {
  const { address, port = 22, user = "root", useSudo = false, sshKeyRef } = machine.spec ?? {}
  const missing = [
    ...(address ? [] : ["spec.address"]),
    ...(sshKeyRef?.name ? [] : ["spec.sshKeyRef.name"]),
  ]
  if (!address || !sshKeyRef?.name) {
    const message = `${missing.join(" and ")} must be set, or spec.pool`
    throw new ProvisionError("MissingFields", message)
  }
  return {
    address: { address, port, user, useSudo },
    credentials: credentialsOf(secret, sshKeyRef.name),
    hostKey: hostKeyOf(machine),
    isContactNoted: machine.metadata.annotations?.[hostKeyAnnotation] !== undefined,
  }
}

/** The key in a Secret. Throws ProvisionError when there is none. */
export function credentialsOf(secret: Secret | undefined, name: string): HostCredentials {
  if (!secret) {
    throw new ProvisionError("MissingKeySecret", `Secret ${name} with the SSH key is not there`)
  }
  const privateKey = secretText(secret, "value")
  if (!privateKey) {
    throw new ProvisionError("MissingKeySecret", `Secret ${name} has no SSH key under "value"`)
  }
  const passphrase = secretText(secret, "passphrase")
  return { privateKey, ...(passphrase === undefined ? {} : { passphrase }) }
}

function hostKeyOf({ spec, metadata }: RemoteMachine): HostKeyPolicy {
  const fingerprint = spec?.hostKey ?? metadata.annotations?.[hostKeyAnnotation]
  if (fingerprint !== undefined) return { kind: "pinned", fingerprint }
  if (spec?.hostKeyPolicy === "Strict") {
    const message = "spec.hostKeyPolicy is Strict, and spec.hostKey does not say which key to trust"
    throw new ProvisionError("HostKeyRequired", message)
  }
  return { kind: "pin-on-first-contact" }
}
