import type { IncomingHttpHeaders } from "node:http"
import type { PeerCertificate, TLSSocket } from "node:tls"
import type { Clock } from "#base"
import { ApiError, type KindRef, type UserInfo } from "#meta"
import type { TokenVerifier, VerifiedToken } from "#pki"
import type { Hub } from "../hub/hub.ts"
import { keyFor, prefixFor } from "../hub/record.ts"

export const anonymous: UserInfo = {
  name: "system:anonymous",
  groups: ["system:unauthenticated"],
}

const authenticatedGroup = "system:authenticated"

/** A kind whose objects a token may be bound to. */
type BoundKind = Pick<KindRef, "group" | "plural">

const serviceAccounts: BoundKind = { group: "", plural: "serviceaccounts" }

export interface AuthenticatorOptions {
  readonly clock: Clock
  readonly hub: Hub
  readonly tokens: TokenVerifier
  readonly audience: string
}

/** Names the user of a request: client certificate, service-account token, or nobody. */
export class Authenticator {
  readonly #options: AuthenticatorOptions
  readonly #bySocket = new WeakMap<TLSSocket, CertifiedUser>()

  constructor(options: AuthenticatorOptions) {
    this.#options = options
  }

  /** Errors: `Unauthorized` for credentials that are there and do not hold. */
  async authenticate(headers: IncomingHttpHeaders, socket: TLSSocket): Promise<UserInfo> {
    const certified = this.#certificateUser(socket)
    if (certified) return certified
    const { authorization } = headers
    if (!authorization) return anonymous
    const match = /^Bearer\s+(\S+)$/i.exec(authorization)
    if (!match) throw unauthorized()
    return await this.tokenUser(match[1] ?? "", [this.#options.audience])
  }

  /** Errors: `Unauthorized` unless the token holds and all that it is bound to is still there. */
  async tokenUser(token: string, audiences: readonly string[]): Promise<UserInfo> {
    const nowMs = this.#options.clock.now()
    const claims = await this.#options.tokens.verify(token, { audiences, nowMs }).catch((cause) => {
      throw unauthorized(cause)
    })
    if (!this.#isAlive(claims)) throw unauthorized()
    return serviceAccountUser(claims)
  }

  #isAlive(claims: VerifiedToken): boolean {
    const { namespace, serviceAccount, secret, pod } = claims
    const bound = [
      { kind: serviceAccounts, object: serviceAccount },
      { kind: { group: "", plural: "secrets" }, object: secret },
      { kind: { group: "", plural: "pods" }, object: pod },
    ]
    return bound.every(({ kind, object }) => {
      if (!object) return true
      const prefix = prefixFor(kind.group, kind.plural)
      const record = this.#options.hub.table(prefix).get(keyFor(prefix, namespace, object.name))
      return record?.uid === object.uid
    })
  }

  /**
   * The handshake proved the certificate once; its user holds for the connection, as long as the
   * certificate is valid. Errors: `Unauthorized` for one that our authority did not sign.
   */
  #certificateUser(socket: TLSSocket): UserInfo | undefined {
    let known = this.#bySocket.get(socket)
    if (!known) {
      known = certifiedUser(socket)
      this.#bySocket.set(socket, known)
    }
    if (known.isRefused || this.#options.clock.now() > known.untilMs) throw unauthorized()
    return known.user
  }
}

/** Who a connection's certificate says is there. */
interface CertifiedUser {
  readonly user: UserInfo | undefined
  readonly untilMs: number
  /** There is a certificate, and it does not hold. */
  readonly isRefused: boolean
}

function certifiedUser(socket: TLSSocket): CertifiedUser {
  const certificate = socket.getPeerCertificate()
  if (Object.keys(certificate ?? {}).length === 0) {
    return { user: undefined, untilMs: Number.POSITIVE_INFINITY, isRefused: false }
  }
  return {
    user: certificateUser(certificate),
    untilMs: Date.parse(certificate.valid_to),
    isRefused: !socket.authorized,
  }
}

function certificateUser({ subject }: PeerCertificate): UserInfo | undefined {
  const name: unknown = subject?.CN
  if (typeof name !== "string") return undefined
  const organizations: unknown = subject.O
  const groups = Array.isArray(organizations) ? organizations : [organizations]
  return {
    name,
    groups: [
      ...groups.filter((group): group is string => typeof group === "string"),
      authenticatedGroup,
    ],
  }
}

function serviceAccountUser(claims: VerifiedToken): UserInfo {
  const { namespace, serviceAccount, id } = claims
  return {
    name: `system:serviceaccount:${namespace}:${serviceAccount.name}`,
    uid: serviceAccount.uid,
    groups: ["system:serviceaccounts", `system:serviceaccounts:${namespace}`, authenticatedGroup],
    ...(id ? { extra: { "authentication.kubernetes.io/credential-id": [`JTI=${id}`] } } : {}),
  }
}

function unauthorized(cause?: unknown): ApiError {
  return new ApiError(401, "Unauthorized", "Unauthorized", { cause })
}
