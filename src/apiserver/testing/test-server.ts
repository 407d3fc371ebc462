import { type Clock, type Logger, silentLogger, systemClock } from "#base"
import type { ApiTransport, Kind, KindRules, UserInfo } from "#meta"
import {
  type Authority,
  buildKubeconfig,
  createAuthority,
  generateKey,
  issueCertificate,
  TokenSigner,
  TokenVerifier,
} from "#pki"
import { openMemoryStore, type Store } from "#store"
import { ApiServer, type ApiServerOptions } from "../api-server.ts"
import { seedCluster } from "../seed.ts"

export interface TestServerOptions {
  readonly clock?: Clock | undefined
  readonly log?: Logger | undefined
  readonly store?: Store | undefined
  readonly kinds?: readonly Kind[] | undefined
  readonly rules?: readonly KindRules[] | undefined
  readonly version?: string | undefined
  readonly limits?: ApiServerOptions["limits"]
}

export const adminUser: UserInfo = {
  name: "kubernetes-admin",
  groups: ["system:masters", "system:authenticated"],
}

const issuer = "https://kubernetes.default.svc"

/** A whole API server for a test: in process, on a memory store unless given another. */
export class TestServer implements AsyncDisposable {
  readonly server: ApiServer
  readonly store: Store
  readonly #authority: Authority
  readonly #clock: Clock
  #address: { readonly host: string; readonly port: number } | undefined

  private constructor(server: ApiServer, store: Store, authority: Authority, clock: Clock) {
    this.server = server
    this.store = store
    this.#authority = authority
    this.#clock = clock
  }

  static async start(options: TestServerOptions = {}): Promise<TestServer> {
    const { clock = systemClock, log = silentLogger, version = "v1.34.4" } = options
    const store = options.store ?? openMemoryStore({ clock })
    const key = await generateKey("p-256")
    const authority = await createAuthority({
      commonName: "test-ca",
      validityDays: 1,
      keyKind: "p-256",
      nowMs: clock.now(),
    })
    const server = new ApiServer({
      ...options,
      store,
      clock,
      log,
      version,
      tokens: {
        issuer,
        signer: new TokenSigner({ privateKeyPem: key.privateKeyPem, issuer }),
        verifier: new TokenVerifier({ publicKeysPem: [key.publicKeyPem], issuer }),
      },
    })
    await server.start()
    await seedCluster(server, options.kinds ?? [])
    return new TestServer(server, store, authority, clock)
  }

  /** A way in for a user; by default one who may do everything. */
  transport(user: UserInfo = adminUser, fieldManager = "test"): ApiTransport {
    return this.server.transport(user, fieldManager)
  }

  /** The base URL; the server listens from the first call on. */
  async url(): Promise<string> {
    this.#address ??= await this.#listen()
    return `https://127.0.0.1:${this.#address.port}`
  }

  get caPem(): string {
    return this.#authority.certificatePem
  }

  /** A client certificate that names a user. */
  async clientCertificate(
    user: UserInfo = adminUser,
  ): Promise<{ readonly certificatePem: string; readonly privateKeyPem: string }> {
    return await issueCertificate(this.#authority, {
      commonName: user.name,
      organizations: user.groups.filter((group) => group !== "system:authenticated"),
      usages: ["client"],
      validityDays: 1,
      keyKind: "p-256",
      nowMs: this.#clock.now(),
    })
  }

  /** A kubeconfig as text, for clients outside this process. */
  async kubeconfig(user: UserInfo = adminUser): Promise<string> {
    const certified = await this.clientCertificate(user)
    return buildKubeconfig({
      clusterName: "test",
      server: await this.url(),
      caPem: this.caPem,
      user: user.name,
      clientCertificatePem: certified.certificatePem,
      clientKeyPem: certified.privateKeyPem,
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server.stop()
    await this.store.close()
  }

  async #listen(): Promise<{ readonly host: string; readonly port: number }> {
    const serving = await issueCertificate(this.#authority, {
      commonName: "kube-apiserver",
      dnsNames: ["localhost", "kubernetes.default.svc"],
      ipAddresses: ["127.0.0.1"],
      usages: ["server"],
      validityDays: 1,
      keyKind: "p-256",
      nowMs: this.#clock.now(),
    })
    return await this.server.listen({
      host: "127.0.0.1",
      port: 0,
      ...serving,
      clientAuthorityPem: this.caPem,
    })
  }
}
