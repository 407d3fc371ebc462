import { createPrivateKey } from "node:crypto"

import ssh2 from "ssh2"

/** A key as text that `ssh2` reads without a passphrase, or what is wrong with it. */
export type OpenedKey = { readonly text: string } | { readonly problem: string }

export interface LockedKey {
  readonly privateKey: string
  readonly passphrase: string | undefined
}

/** Opens a key in any format. An encrypted one costs a fifth of a second of pure computation. */
export function openKey({ privateKey, passphrase }: LockedKey): OpenedKey {
  try {
    if (/-----BEGIN (?:ENCRYPTED )?PRIVATE KEY-----/.test(privateKey)) {
      return { text: fromPkcs8(privateKey, passphrase) }
    }
    const parsed = ssh2.utils.parseKey(privateKey, passphrase)
    const key = Array.isArray(parsed) ? parsed[0] : parsed
    if (key === undefined) return { problem: "no key in it" }
    if (key instanceof Error) return { problem: key.message }
    if (!key.isPrivateKey()) return { problem: "this is a public key" }
    const pem = key.getPrivatePEM()
    return { text: pem.includes("BEGIN PRIVATE KEY") ? fromPkcs8(pem, undefined) : pem }
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) }
  }
}

/** `ssh2` reads the formats of OpenSSH and of old OpenSSL, not the one OpenSSL writes today. */
function fromPkcs8(pem: string, passphrase: string | undefined): string {
  const key = createPrivateKey({
    key: pem,
    ...(passphrase === undefined ? {} : { passphrase }),
  })
  if (key.asymmetricKeyType === "rsa")
    return key.export({ type: "pkcs1", format: "pem" }).toString()
  if (key.asymmetricKeyType === "ec") return key.export({ type: "sec1", format: "pem" }).toString()
  const { crv, d = "", x = "" } = key.export({ format: "jwk" })
  if (crv !== "Ed25519") throw new Error(`${key.asymmetricKeyType} keys are not for SSH`)
  return encodeEd25519(Buffer.from(d, "base64url"), Buffer.from(x, "base64url"))
}

/** The unencrypted `openssh-key-v1` form of an Ed25519 key. */
function encodeEd25519(seed: Buffer, publicKey: Buffer): string {
  const field = (value: Buffer | string): Buffer => {
    const bytes = Buffer.from(value)
    const size = Buffer.alloc(4)
    size.writeUInt32BE(bytes.length)
    return Buffer.concat([size, bytes])
  }
  const type = "ssh-ed25519"
  const numbers = Buffer.alloc(8)
  const secret = Buffer.concat([
    numbers,
    field(type),
    field(publicKey),
    field(Buffer.concat([seed, publicKey])),
    field(""),
  ])
  const padding = Buffer.from([1, 2, 3, 4, 5, 6, 7].slice(0, (8 - (secret.length % 8)) % 8))
  const body = Buffer.concat([
    Buffer.from("openssh-key-v1\0"),
    field("none"),
    field("none"),
    field(""),
    Buffer.from([0, 0, 0, 1]),
    field(Buffer.concat([field(type), field(publicKey)])),
    field(Buffer.concat([secret, padding])),
  ])
  const lines = body.toString("base64").replace(/(.{70})/g, "$1\n")
  return `-----BEGIN OPENSSH PRIVATE KEY-----\n${lines}\n-----END OPENSSH PRIVATE KEY-----\n`
}
