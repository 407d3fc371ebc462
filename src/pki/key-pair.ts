import { createPrivateKey, createPublicKey, generateKeyPair, type KeyObject } from "node:crypto"
import { promisify } from "node:util"

export type KeyKind = "rsa-2048" | "p-256"

/**
 * Both halves as PEM. RSA private keys are PKCS#1 and EC ones SEC1, as Kubernetes' tools write
 * them.
 */
export interface KeyPair {
  readonly privateKeyPem: string
  readonly publicKeyPem: string
}

const generate = promisify(generateKeyPair)

/**
 * Makes a key in a thread: an RSA key takes tens of milliseconds, which the event loop must not
 * pay.
 */
export async function generateKey(kind: KeyKind): Promise<KeyPair> {
  const { privateKey, publicKey } =
    kind === "rsa-2048"
      ? await generate("rsa", { modulusLength: 2048 })
      : await generate("ec", { namedCurve: "P-256" })
  return { privateKeyPem: privatePem(privateKey), publicKeyPem: publicPem(publicKey) }
}

export function readPrivateKey(pem: string): KeyObject {
  try {
    return createPrivateKey(pem)
  } catch (cause) {
    throw new PkiError("read private key: not a PEM private key", { cause })
  }
}

export function readPublicKey(pem: string): KeyObject {
  try {
    return createPublicKey(pem)
  } catch (cause) {
    throw new PkiError("read public key: not a PEM public key", { cause })
  }
}

/** A key, certificate, token or kubeconfig that cannot be read, made or trusted. */
export class PkiError extends Error {
  override readonly name = "PkiError"
}

function privatePem(key: KeyObject): string {
  const type = key.asymmetricKeyType === "rsa" ? "pkcs1" : "sec1"
  return key.export({ format: "pem", type }) as string
}

function publicPem(key: KeyObject): string {
  return key.export({ format: "pem", type: "spki" }) as string
}
