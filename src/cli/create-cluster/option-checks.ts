import { BlockList, isIP } from "node:net"
import { CommandError } from "../environment.ts"

/** Refuses ranges that are none, or that overlap. Errors: `CommandError`. */
export function checkRanges(podCidr: string, serviceCidr: string): void {
  const [pods, services] = [parseRange(podCidr), parseRange(serviceCidr)]
  if (holds(pods, services) || holds(services, pods)) {
    throw new CommandError(
      `--pod-cidr ${podCidr} and --service-cidr ${serviceCidr} overlap: a cluster needs two ranges`,
    )
  }
}

interface Range {
  readonly address: string
  readonly family: "ipv4" | "ipv6"
  readonly addresses: BlockList
}

function parseRange(text: string): Range {
  const [address = "", bits = "", ...rest] = text.split("/")
  const version = isIP(address)
  const isPrefix = /^\d{1,3}$/.test(bits) && Number(bits) <= (version === 6 ? 128 : 32)
  if (version === 0 || !isPrefix || rest.length > 0) {
    throw new CommandError(`${JSON.stringify(text)} is not a range such as 10.244.0.0/16`)
  }
  const family = version === 6 ? "ipv6" : "ipv4"
  const addresses = new BlockList()
  addresses.addSubnet(address, Number(bits), family)
  return { address, family, addresses }
}

function holds(outer: Range, inner: Range): boolean {
  return outer.family === inner.family && outer.addresses.check(inner.address, inner.family)
}

/** Minutes, as `--timeout-minutes` has them. Errors: `CommandError`. */
export function parseMinutes(text: string): number {
  const minutes = Number(text)
  if (text.trim() !== "" && minutes > 0 && minutes < Infinity) return minutes
  throw new CommandError(`--timeout-minutes ${text}: give a number of minutes, such as 30`)
}

/** True for a private key that opens with a passphrase only. */
export function isEncryptedKey(pem: string): boolean {
  if (/^(Proc-Type: 4,ENCRYPTED|-----BEGIN ENCRYPTED)/m.test(pem)) return true
  const body = /-----BEGIN OPENSSH PRIVATE KEY-----([^-]+)-----END/.exec(pem)?.[1]
  const bytes = Buffer.from(body ?? "", "base64")
  const magic = "openssh-key-v1\0"
  if (!bytes.subarray(0, magic.length).equals(Buffer.from(magic))) return false
  const cipher = bytes.subarray(
    magic.length + 4,
    magic.length + 4 + bytes.readUInt32BE(magic.length),
  )
  return cipher.toString() !== "none"
}
