import { createHash, type KeyObject } from "node:crypto"
import { exportJWK, type JWK, type JWTPayload, jwtVerify, SignJWT } from "jose"
import { isObject, randomUid } from "#base"
import { PkiError, readPrivateKey, readPublicKey } from "./key-pair.ts"

/** An object that a token names: when it goes, the token does. */
export interface TokenObject {
  readonly name: string
  readonly uid: string
}

/** What a service-account token says, beside who issued it and for how long. */
export interface ServiceAccountClaims {
  readonly namespace: string
  readonly serviceAccount: TokenObject
  readonly pod?: TokenObject | undefined
  readonly secret?: TokenObject | undefined
  readonly node?: TokenObject | undefined
}

export interface TokenRequestOptions extends ServiceAccountClaims {
  readonly audiences: readonly string[]
  readonly expirationSeconds: number
  readonly nowMs: number
}

export interface IssuedToken {
  readonly token: string
  readonly expiresAtMs: number
}

export interface VerifiedToken extends ServiceAccountClaims {
  /**
   * The token's own id, as `authentication.kubernetes.io/credential-id` carries it after `JTI=`.
   */
  readonly id: string | undefined
  readonly audiences: readonly string[]
  readonly expiresAtMs: number
}

/** Makes service-account tokens with Kubernetes' claims: RS256 or ES256, by the kind of the key. */
export class TokenSigner {
  readonly #key: KeyObject
  readonly #issuer: string
  readonly #keyId: string

  constructor(options: { readonly privateKeyPem: string; readonly issuer: string }) {
    this.#key = readPrivateKey(options.privateKeyPem)
    this.#issuer = options.issuer
    this.#keyId = keyIdOf(readPublicKey(options.privateKeyPem))
  }

  async sign(request: TokenRequestOptions): Promise<IssuedToken> {
    const issuedAt = Math.floor(request.nowMs / 1000)
    const expiresAt = issuedAt + request.expirationSeconds
    const { namespace, serviceAccount, pod, secret, node } = request
    const token = await new SignJWT({
      "kubernetes.io": {
        namespace,
        ...(node ? { node } : {}),
        ...(pod ? { pod } : {}),
        ...(secret ? { secret } : {}),
        serviceaccount: serviceAccount,
      },
    })
      .setProtectedHeader({ alg: algorithmOf(this.#key), kid: this.#keyId })
      .setIssuer(this.#issuer)
      .setSubject(subjectOf(request))
      .setAudience([...request.audiences])
      .setIssuedAt(issuedAt)
      .setNotBefore(issuedAt)
      .setExpirationTime(expiresAt)
      .setJti(randomUid())
      .sign(this.#key)
    return { token, expiresAtMs: expiresAt * 1000 }
  }
}

/** Checks service-account tokens against one or more public keys. */
export class TokenVerifier {
  readonly #keys: ReadonlyMap<string, KeyObject>
  readonly #issuer: string

  constructor(options: { readonly publicKeysPem: readonly string[]; readonly issuer: string }) {
    const keys = options.publicKeysPem.map((pem) => readPublicKey(pem))
    this.#keys = new Map(keys.map((key) => [keyIdOf(key), key]))
    this.#issuer = options.issuer
  }

  /** Rejects with `PkiError` unless signature, issuer, times and one of the audiences hold. */
  async verify(
    token: string,
    options: { readonly audiences: readonly string[]; readonly nowMs: number },
  ): Promise<VerifiedToken> {
    let payload: JWTPayload
    try {
      const verified = await jwtVerify(token, (header) => this.#keyFor(header.kid), {
        algorithms: ["RS256", "ES256"],
        issuer: this.#issuer,
        audience: [...options.audiences],
        currentDate: new Date(options.nowMs),
        requiredClaims: ["exp", "sub", "iat"],
      })
      payload = verified.payload
    } catch (cause) {
      throw new PkiError("verify token: not a valid service account token", { cause })
    }
    return claimsOf(payload)
  }

  /** The public keys as a JSON Web Key Set, for `/openid/v1/jwks`. */
  async keySet(): Promise<{ readonly keys: readonly JWK[] }> {
    const keys = [...this.#keys].map(async ([kid, key]): Promise<JWK> => ({
      use: "sig",
      kid,
      alg: algorithmOf(key),
      ...(await exportJWK(key)),
    }))
    return { keys: await Promise.all(keys) }
  }

  #keyFor(keyId: string | undefined): KeyObject {
    const key = keyId === undefined ? undefined : this.#keys.get(keyId)
    if (!key) throw new PkiError("verify token: signed by an unknown key")
    return key
  }
}

function subjectOf(claims: ServiceAccountClaims): string {
  return `system:serviceaccount:${claims.namespace}:${claims.serviceAccount.name}`
}

function algorithmOf(key: KeyObject): string {
  return key.asymmetricKeyType === "rsa" ? "RS256" : "ES256"
}

/** Kubernetes' key id: SHA-256 of the public key's DER, base64url. */
function keyIdOf(publicKey: KeyObject): string {
  const encoded = publicKey.export({ format: "der", type: "spki" })
  return createHash("sha256").update(encoded).digest("base64url")
}

function claimsOf(payload: JWTPayload): VerifiedToken {
  const own = payload["kubernetes.io"]
  const namespace = isObject(own) && typeof own.namespace === "string" ? own.namespace : ""
  const serviceAccount = isObject(own) ? objectOf(own.serviceaccount) : undefined
  if (!isObject(own) || namespace === "" || !serviceAccount) {
    throw new PkiError("verify token: no service account in its claims")
  }
  const claims = {
    namespace,
    serviceAccount,
    pod: objectOf(own.pod),
    secret: objectOf(own.secret),
    node: objectOf(own.node),
  }
  if (payload.sub !== subjectOf(claims)) {
    throw new PkiError("verify token: its subject is not its service account")
  }
  return {
    ...claims,
    id: payload.jti,
    audiences: typeof payload.aud === "string" ? [payload.aud] : (payload.aud ?? []),
    expiresAtMs: (payload.exp ?? 0) * 1000,
  }
}

function objectOf(value: unknown): TokenObject | undefined {
  return isObject(value) && typeof value.name === "string" && typeof value.uid === "string"
    ? { name: value.name, uid: value.uid }
    : undefined
}
